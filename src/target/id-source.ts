// Where a reply names the id of its connection: `received.json.connectionId`, `received.text`,
// `handshake.headers.x-connection-id`.
import { parsePath } from '../scenario/path.ts';
import type { Correlate } from './model.ts';

/** Where to look; `target.correlate` has it. */
export type IdSource = Extract<Correlate, { kind: 'connection-id' }>['from'];

/** Parses it; undefined when it leads nowhere. */
export function parseIdSource(written: string): IdSource | undefined {
  const [root, field, ...deeper] = parsePath(written) ?? [];
  if (root === 'received') {
    if (field === 'text' && deeper.length === 0) return { root, keys: [field] };
    return field === 'json' && deeper.length > 0 ? { root, keys: [field, ...deeper] } : undefined;
  }
  if (root !== 'handshake' || field !== 'headers' || deeper.length !== 1) return undefined;
  return { root, keys: [field, String(deeper[0]).toLowerCase()] };
}
