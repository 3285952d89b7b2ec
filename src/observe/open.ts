// The observer that a target names, at work.
import { ToolError } from '../base/errors.ts';
import type { ProbeListener } from '../probe/listener.ts';
import { accessLogDecoder } from './access-log.ts';
import { observeLogs } from './cwlogs.ts';
import type { LogSource } from './cwlogs-link.ts';
import { observeExec } from './exec.ts';
import { observeFile } from './file.ts';
import { observeHttp } from './http.ts';
import type { Observer, Watch } from './observer.ts';
import { type LineDecoder, lineDecoder, type RecordMap } from './record-map.ts';
import { observeRedis } from './redis.ts';
import type { RedisSource } from './redis-link.ts';

/** Which observer; `target.observer` fits it. */
export type ObserverSource = {
  readonly map: RecordMap | undefined;
  /** Where a backend posts its events. */
  readonly listener: ProbeListener | undefined;
  /** A file, or a store, may come into being later. */
  readonly mayAppear: boolean;
} & (
  | { readonly kind: 'http' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'exec'; readonly command: readonly string[]; readonly directory: string }
  | ({ readonly kind: 'redis' } & RedisSource)
  | ({ readonly kind: 'cwlogs' } & LogSource)
);

/**
 * Opens it.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot see
 */
export async function openObserver(
  source: ObserverSource,
  eyes: Pick<Watch, 'clock' | 'onRecord'>,
): Promise<Observer> {
  const watch: Watch = { ...eyes, decode: decoderOf(source) };
  if (source.kind === 'file') return observeFile(source, watch);
  if (source.kind === 'exec') return observeExec(source, watch);
  if (source.kind === 'redis') return observeRedis(source, watch);
  if (source.kind === 'cwlogs') return observeLogs(source, watch);
  const { listener, map } = source;
  if (listener === undefined) throw new ToolError('INTERNAL', 'no listener for the http observer');
  return observeHttp({ listener, mapped: map !== undefined }, watch);
}

/** Reads what an observer of this kind is given. */
export function decoderOf({ kind, map }: Pick<ObserverSource, 'kind' | 'map'>): LineDecoder {
  return kind === 'cwlogs' ? accessLogDecoder(map) : lineDecoder(map);
}
