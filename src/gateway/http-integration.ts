// Calls the backend of an HTTP integration: one request, one answer, no connection kept.
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Clock } from '../base/clock.ts';
import type { BackendResult } from './integration-response.ts';
import { HTTP_RESULT_BYTES } from './limits.ts';

/** A request to a backend. */
export interface BackendRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Buffer;
  readonly timeoutMs: number;
}

/** What came of it. */
export type BackendAnswer =
  | { readonly kind: 'answered'; readonly result: BackendResult }
  | { readonly kind: 'failed'; readonly errorMessage: string }
  | { readonly kind: 'timed-out' };

/** Sends it and reads the whole answer. Never rejects. */
export function callBackend(call: BackendRequest, clock: Clock): Promise<BackendAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: BackendAnswer): void => {
      cancel();
      resolve(answer);
      sent.destroy();
    };
    const fail = (error: Error): void => settle({ kind: 'failed', errorMessage: error.message });
    const send = call.url.protocol === 'https:' ? tlsRequest : plainRequest;
    const sent = send(call.url, { method: call.method, agent: false });
    const cancel = clock.after(call.timeoutMs, () => settle({ kind: 'timed-out' }));
    sent.on('error', fail);
    for (const [name, values] of grouped(call.headers)) sent.setHeader(name, values);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > HTTP_RESULT_BYTES)
          fail(new Error(`an answer of over ${HTTP_RESULT_BYTES} bytes`));
      });
      response.on('end', () => {
        const headers = Object.entries(response.headers).map(([name, value]) => [
          name,
          String(value),
        ]);
        const bytes = Buffer.concat(chunks);
        const body = bytes.toString('utf8');
        const status = response.statusCode ?? 0;
        settle({
          kind: 'answered',
          result: { status, headers: Object.fromEntries(headers), body, bytes },
        });
      });
      response.on('close', () => fail(new Error('the answer ended early')));
    });
    sent.end(call.body);
  });
}

function grouped(headers: BackendRequest['headers']): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of headers) {
    const known = found.get(name.toLowerCase());
    if (known === undefined) found.set(name.toLowerCase(), { name, values: [value] });
    else known.values.push(value);
  }
  return new Map([...found.values()].map(({ name, values }) => [name, values]));
}
