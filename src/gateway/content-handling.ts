// Binary payloads of integrations. Messages are text; base64 in them becomes bytes for a backend, and bytes of a backend
// become base64: "Binary media types for WebSocket APIs" of the guide.
import type { BackendResult } from './integration-response.ts';

/** How the payload of an integration request is converted, after its template. */
export type RequestContentHandling = 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT' | undefined;

/**
 * The payload as a backend gets it; `undefined` when it should be base64 and is none. What comes in is text, so
 * `CONVERT_TO_TEXT` finds nothing to convert.
 */
export function requestContent(
  strategy: RequestContentHandling,
  text: string,
): string | Buffer | undefined {
  if (strategy !== 'CONVERT_TO_BINARY') return text;
  return isBase64(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The result as a response template sees it: with `CONVERT_TO_TEXT` its bytes as base64. */
export function responseContent(
  strategy: 'CONVERT_TO_TEXT' | undefined,
  result: BackendResult,
): BackendResult {
  if (strategy === undefined) return result;
  const bytes = result.bytes ?? Buffer.from(result.body, 'utf8');
  return { ...result, body: bytes.toString('base64') };
}

// Standard alphabet with padding, as SDKs and browsers write it. Buffer.from would skip what is none.
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
