// The observer of a validated target file: what to watch, and where a log keeps what is wanted.
import { resolve } from 'node:path';
import { durationOf } from '../scenario/build-argument.ts';
import { parsePath } from '../scenario/path.ts';
import { childOf, entriesOf, itemsOf, type SourceNode, textOf } from '../scenario/source-node.ts';
import type { ObserverSpec, RecordMap } from './model.ts';

/** The observer; paths are relative to `directory`, that of the target file. */
export function buildObserver(
  node: SourceNode | undefined,
  directory: string,
): ObserverSpec | undefined {
  if (node === undefined) return undefined;
  const shared = {
    map: buildMap(childOf(node, 'map')),
    canary: commandOf(childOf(node, 'canary'), directory),
  };
  const file = textOf(childOf(node, 'file'));
  if (file !== undefined) return { kind: 'file', path: resolve(directory, file), ...shared };
  const exec = childOf(node, 'exec');
  if (exec !== undefined) return { kind: 'exec', command: textsOf(exec), directory, ...shared };
  const redis = childOf(node, 'redis');
  if (redis !== undefined) return { ...redisOf(redis, directory), ...shared };
  const cwlogs = childOf(node, 'cwlogs');
  if (cwlogs !== undefined) return { ...cwlogsOf(cwlogs), ...shared };
  const http = childOf(node, 'http');
  const text = (key: string): string | undefined => textOf(childOf(http, key));
  return {
    kind: 'http',
    listen: http === undefined ? LOOPBACK : listenOf(http),
    advertise: text('advertise'),
    token: text('token'),
    ...shared,
  };
}

function redisOf(node: SourceNode, directory: string) {
  const text = (key: string): string | undefined => textOf(childOf(node, key));
  const ca = text('ca');
  return {
    kind: 'redis',
    url: text('url') ?? '',
    stream: text('stream') ?? '',
    field: text('field') ?? 'event',
    username: text('username'),
    password: text('password'),
    ca: ca && resolve(directory, ca),
  } as const;
}

function cwlogsOf(node: SourceNode) {
  const text = (key: string): string | undefined => textOf(childOf(node, key));
  return {
    kind: 'cwlogs',
    group: text('group') ?? '',
    region: text('region'),
    endpoint: text('endpoint'),
    overlapMs: durationOf(childOf(node, 'overlap')) ?? OVERLAP_MS,
  } as const;
}

const OVERLAP_MS = 30_000;

function commandOf(node: SourceNode | undefined, directory: string): ObserverSpec['canary'] {
  return node === undefined ? undefined : { command: textsOf(node), directory };
}

function textsOf(node: SourceNode): readonly string[] {
  return itemsOf(node).flatMap((one) => textOf(one) ?? []);
}

const LOOPBACK = '127.0.0.1:0';

/** Where the runner listens. */
export function listenOf(node: SourceNode): string {
  return textOf(childOf(node, 'listen')) ?? LOOPBACK;
}

function buildMap(node: SourceNode | undefined): RecordMap | undefined {
  if (node === undefined) return undefined;
  const at = childOf(node, 'at');
  const phase = childOf(node, 'phase');
  return {
    type: wordAt(childOf(node, 'type')),
    phase: phase && wordAt(phase),
    at: { path: pathAt(at), format: formatOf(at) },
    texts: Object.fromEntries(
      TEXTS.flatMap((field) => {
        const place = childOf(node, field);
        return place === undefined ? [] : [[field, pathAt(place)] as const];
      }),
    ),
    event: eventOf(childOf(node, 'event')),
  };
}

const TEXTS = ['connectionId', 'nonce', 'invocationId', 'requestId'] as const;

function wordAt(node: SourceNode | undefined): RecordMap['type'] {
  const values = childOf(node, 'values');
  return {
    path: pathAt(node),
    values:
      values &&
      Object.fromEntries(entriesOf(values).map(({ key, value }) => [key, textOf(value) ?? ''])),
  };
}

function formatOf(node: SourceNode | undefined): RecordMap['at']['format'] {
  // The schema allows these three.
  return textOf(childOf(node, 'format')) as RecordMap['at']['format'];
}

/** A path that stands alone or under `path`. */
function pathAt(node: SourceNode | undefined): RecordMap['at']['path'] {
  return parsePath(textOf(node) ?? textOf(childOf(node, 'path')) ?? '') ?? [];
}

function eventOf(node: SourceNode | undefined): RecordMap['event'] {
  if (node === undefined) return undefined;
  return entriesOf(node).map(({ key, value }) => ({
    to: parsePath(key) ?? [],
    from: pathAt(value),
  }));
}
