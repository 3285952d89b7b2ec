// Observes a backend that posts its events to the runner's listener (`POST /v1/events`).
import type { EventRecord } from '../probe/event-record.ts';
import type { Decoded } from '../probe/invocation.ts';
import type { ProbeListener } from '../probe/listener.ts';
import type { Observer, Watch } from './observer.ts';
import type { LineDecoder } from './record-map.ts';

/** Where the events are posted. */
export interface HttpSource {
  readonly listener: Pick<ProbeListener, 'serve' | 'close' | 'url'>;
  /** The bodies are not event records as they stand: `decode` of the watch reads them. */
  readonly mapped: boolean;
}

/** Takes over the listener; invocations are answered as without a plan. Closing it closes the listener. */
export function observeHttp({ listener, mapped }: HttpSource, watch: Watch): Observer {
  listener.serve({
    onEvent: (record, atUs) => watch.onRecord(record, atUs),
    ...(mapped && { decodeEvents: (body: string) => decodeBody(body, watch.decode) }),
  });
  return {
    name: `the listener ${listener.url}`,
    // What cannot be taken is refused, so that its sender knows; see the desk.
    failure: undefined,
    notices: () => [],
    close: () => listener.close(),
  };
}

/** One object, a list of them, or one a line; what is about something else is left out. */
function decodeBody(body: string, decode: LineDecoder): Decoded<readonly EventRecord[]> {
  const decoded = piecesOf(body).map((piece) => decode(piece));
  const reasons = decoded.flatMap((one, index) => {
    if (one.kind === 'invalid') return [`${index + 1}: ${one.reason}`];
    return one.kind === 'not-json' ? [`${index + 1}: not a JSON object`] : [];
  });
  if (reasons.length > 0) return { ok: false, reasons };
  return { ok: true, value: decoded.flatMap((one) => (one.kind === 'record' ? [one.record] : [])) };
}

function piecesOf(body: string): readonly string[] {
  const list = listIn(body);
  return list?.map((item) => JSON.stringify(item)) ?? linesOf(body);
}

function listIn(body: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return Array.isArray(value) ? value : [value];
  } catch {
    return undefined;
  }
}

function linesOf(body: string): readonly string[] {
  return body.split('\n').filter((line) => line.trim() !== '');
}
