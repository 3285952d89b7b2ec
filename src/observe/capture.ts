// An event on its way into the evidence: redacted, but for the nonce that ties it to its attempt.
import { isJsonObject, type Json } from '../base/json.ts';
import type { Redactor } from '../base/redact.ts';

/**
 * The event as it may be kept. A text that is exactly `nonce` stays, whatever stands under its name:
 * it is no secret, and a reader must be able to find it.
 */
export function captureEvent(event: Json, nonce: string | undefined, redactor: Redactor): Json {
  const redacted = redactor.json(event);
  return nonce === undefined ? redacted : restoreNonce(event, redacted, nonce);
}

function restoreNonce(raw: Json, redacted: Json, nonce: string): Json {
  if (raw === nonce) return nonce;
  if (Array.isArray(raw) && Array.isArray(redacted)) {
    return redacted.map((item: Json, index) => restoreNonce(raw[index] ?? null, item, nonce));
  }
  if (!isJsonObject(raw) || !isJsonObject(redacted)) return redacted;
  const kept = Object.entries(redacted).map(([key, item]) => [
    key,
    item === undefined ? undefined : restoreNonce(raw[key] ?? null, item, nonce),
  ]);
  return Object.fromEntries(kept);
}
