// One contract for every observer: what is written arrives, torn or not, as often as it was written,
// soon, and until it is closed. Then what only one of them can do.
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { EventRecord } from '../probe/event-record.ts';
import { observeExec } from './exec.ts';
import { observeFile } from './file.ts';
import { ABSENT, folder, opened, RIGS, type Rig, STANDS } from './fixture/observer-rigs.ts';
import type { Observer, Place, Watch } from './observer.ts';
import { lineDecoder } from './record-map.ts';

const clock = realClock();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Log extends Watch {
  readonly seen: EventRecord[];
  readonly readAtUs: number[];
  readonly places: (Place | undefined)[];
  readonly ids: () => readonly string[];
}

function log(): Log {
  const seen: EventRecord[] = [];
  const readAtUs: number[] = [];
  const places: (Place | undefined)[] = [];
  return {
    clock,
    decode: lineDecoder(undefined),
    onRecord: (record, atUs, place) => {
      seen.push(record);
      readAtUs.push(atUs);
      places.push(place);
    },
    seen,
    readAtUs,
    places,
    ids: () => seen.map(({ invocationId }) => invocationId ?? ''),
  };
}

const SOON = { timeout: 5000, interval: 5 };
const lineOf = (invocationId: string, more: object = {}): string =>
  `${JSON.stringify({ v: 1, type: 'CONNECT', at: 1, connectionId: 'c', invocationId, ...more })}\n`;

// By its name, with why it cannot be run here.
const KINDS = Object.keys(RIGS).map((kind): [title: string, kind: string] => {
  const absent = ABSENT[kind];
  return [absent === undefined ? kind : `${kind} ${absent}`, kind];
});
const rig = async (kind: string, watch: Watch): Promise<Rig> => {
  const made = await opened(kind, watch);
  closing.push(async () => {
    await made.observer.close();
    await made.end();
  });
  return made;
};

describe.each(KINDS)('the observer %s', (_, kind) => {
  const stands = STANDS[kind] ?? 'bytes';
  beforeEach(({ skip }) => skip(ABSENT[kind] !== undefined, ABSENT[kind]));

  it('hands over every record as often and in the order as it came, whole', async () => {
    const watch = log();
    const { write, observer } = await rig(kind, watch);
    const before = clock.nowUs();
    await write(lineOf('b'));
    await write(lineOf('a', { at: 0 }), lineOf('a', { at: 0 }));
    await expect.poll(watch.ids, SOON).toEqual(['b', 'a', 'a']);
    expect(watch.seen[1]).toEqual({
      v: 1,
      type: 'CONNECT',
      phase: 'started',
      at: 0,
      connectionId: 'c',
      invocationId: 'a',
    });
    expect(watch.readAtUs.every((at) => at >= before && at <= clock.nowUs())).toBe(true);
    expect([observer.failure, observer.notices()]).toEqual([undefined, []]);
  });

  it('tells two equal lines of a stream apart; what is posted twice may be a delivery again', async () => {
    const watch = log();
    const { write } = await rig(kind, watch);
    const line = lineOf('same');
    await write(line.slice(0, 10), line.slice(10), `\n${line}`);
    await expect.poll(watch.ids, SOON).toEqual(['same', 'same']);
    const [one, two] = watch.places;
    const told = { bytes: [one, two], requests: [one, two], entries: [typeof one, one === two] };
    const places = {
      bytes: [0, line.length + 1],
      requests: [undefined, undefined],
      entries: ['string', false],
    };
    expect(told[stands]).toEqual(places[stands]);
  });

  it('waits for the rest of a line, also within a character', async () => {
    const watch = log();
    const { write } = await rig(kind, watch);
    const text = Buffer.from(lineOf('grün €'));
    expect(text.subarray(0, 73).toString('utf8')).toContain('\uFFFD');
    await write(text.subarray(0, 3), text.subarray(3, 73), text.subarray(73));
    await write(lineOf('next'));
    await expect.poll(() => watch.ids().at(-1), SOON).toEqual('next');
    expect(watch.ids()).toEqual(['grün €', 'next']);
  });

  it('keeps up with 2 000 records a second', async () => {
    const watch = log();
    const { write } = await rig(kind, watch);
    const many = Array.from({ length: 3000 }, (_unused, index) => `r-${index}`);
    const startUs = clock.nowUs();
    for (let from = 0; from < many.length; from += 100) {
      const batch = many.slice(from, from + 100).map((id) => lineOf(id, { event: FAT }));
      await write(batch.join(''));
      const aheadMs = from / 2 - (clock.nowUs() - startUs) / 1000;
      if (aheadMs > 0) await clock.sleep(aheadMs);
    }
    await expect.poll(() => watch.seen.length, SOON).toEqual(many.length);
    expect(watch.ids()).toEqual(many);
    expect((clock.nowUs() - startUs) / 1e6).toBeLessThan(4);
  });

  it('takes in what has piled up a little at a time, and loses none of it', async () => {
    const watch = log();
    const { write } = await rig(kind, watch);
    const turns = countTurns();
    const taken = new Map<number, number>();
    const onRecord = watch.onRecord.bind(watch);
    Object.assign(watch, {
      onRecord: (...args: Parameters<Watch['onRecord']>) => {
        taken.set(turns.now(), (taken.get(turns.now()) ?? 0) + 1);
        onRecord(...args);
      },
    });
    const many = Array.from({ length: 10_000 }, (_unused, index) => `r-${index}`);
    const most = stands === 'requests' ? 500 : many.length;
    for (let from = 0; from < many.length; from += most) {
      const batch = many.slice(from, from + most);
      await write(batch.map((id) => lineOf(id, { event: FAT })).join(''));
    }
    await expect.poll(() => watch.seen.length, { timeout: 15_000 }).toEqual(many.length);
    turns.end();
    expect(watch.ids()).toEqual(many);
    expect(Math.max(...taken.values())).toBeLessThanOrEqual(stands === 'bytes' ? 4000 : 1000);
  }, 30_000);

  it('passes canaries on like everything else', async () => {
    const watch = log();
    const { write } = await rig(kind, watch);
    await write('{"v":1,"type":"CANARY","at":7,"nonce":"canaryqv5k2mzcxoa3aaaaaaba"}\n');
    await expect.poll(() => watch.seen.length, SOON).toBe(1);
    const nonce = 'canaryqv5k2mzcxoa3aaaaaaba';
    expect(watch.seen).toEqual([{ v: 1, type: 'CANARY', phase: 'started', at: 7, nonce }]);
  });

  it('lets nobody believe that it used what it could not use', async () => {
    const watch = log();
    const { write, observer } = await rig(kind, watch);
    const refused: string[] = [];
    for (const bad of ['GET / 200\n', '{"v":1,"type":"CONNECT","at":1}\n'])
      await write(bad).catch((thrown: Error) => refused.push(thrown.message));
    await write(lineOf('good'));
    await expect.poll(watch.ids, SOON).toEqual(['good']);
    const said = [...refused, ...observer.notices()];
    expect(said).toHaveLength(2);
    const not =
      stands === 'requests'
        ? /^refused with 422$/
        : / 1 (line|entry) was not JSON; the first: GET \/ 200$/;
    expect(said[0]).toMatch(not);
  });

  it('leaves nothing open behind it', async () => {
    const before = openResources().length;
    const made = await opened(kind, log());
    await made.write(lineOf('one'));
    await made.observer.close();
    await made.end();
    await expect.poll(() => openResources().length, SOON).toBeLessThanOrEqual(before);
  });

  it('hands over what was written before it was closed, and nothing after', async () => {
    const watch = log();
    const { write, observer } = await rig(kind, watch);
    await write(lineOf('before'));
    await expect.poll(watch.ids, SOON).toEqual(['before']);
    await Promise.all([observer.close(), observer.close()]);
    await write(lineOf('after')).catch(() => undefined);
    await clock.sleep(60);
    expect([watch.ids(), observer.failure]).toEqual([['before'], undefined]);
  });
});

const STORES = KINDS.filter(([, kind]) => STANDS[kind] === 'entries');

describe.each(STORES)('the store of the observer %s', (_, kind) => {
  beforeEach(({ skip }) => skip(ABSENT[kind] !== undefined, ABSENT[kind]));

  it('goes on where it was when its store comes back, and says when it saw nothing', async () => {
    const watch = log();
    const { write, observer, store } = await rig(kind, watch);
    await write(lineOf('before'));
    await expect.poll(watch.ids, SOON).toEqual(['before']);
    expect(observer.sight?.gaps()).toEqual([]);
    await store?.stop();
    const goneUs = clock.nowUs();
    const writing = write(lineOf('meanwhile'));
    await expect.poll(() => observer.sight?.gaps().length, SOON).toBe(1);
    expect((clock.nowUs() - goneUs) / 1000).toBeLessThan(observer.sight?.knownWithinMs ?? 0);
    const [gap] = observer.sight?.gaps() ?? [];
    expect([gap?.toUs, observer.failure]).toEqual([undefined, undefined]);
    expect(gap?.fromUs).toBeLessThanOrEqual(goneUs);
    await clock.sleep(400);
    const backUs = clock.nowUs();
    await store?.start();
    await writing;
    await write(lineOf('after'));
    await expect.poll(watch.ids, SOON).toEqual(['before', 'meanwhile', 'after']);
    await expect.poll(() => observer.sight?.gaps()[0]?.toUs, SOON).toBeGreaterThanOrEqual(backUs);
    expect([observer.sight?.gaps().length, observer.failure]).toEqual([1, undefined]);
  });
  it('hands over what was written just before it is closed', async () => {
    const watch = log();
    const { write, observer } = await rig(kind, watch);
    await clock.sleep(50);
    const many = Array.from({ length: 3000 }, (_unused, index) => `r-${index}`);
    await write(many.map((id) => lineOf(id)).join(''));
    await observer.close();
    expect(watch.ids()).toEqual(many);
  });

  it('can be closed while its store is away, and the gap stays open', async () => {
    const watch = log();
    const { observer, store } = await rig(kind, watch);
    await store?.stop();
    await expect.poll(() => observer.sight?.gaps().length, SOON).toBe(1);
    await Promise.all([observer.close(), observer.close()]);
    expect([observer.sight?.gaps()[0]?.toUs, observer.failure]).toEqual([undefined, undefined]);
  });
});

/** Which turn of the event loop it is. */
function countTurns(): { readonly now: () => number; readonly end: () => void } {
  let turn = 0;
  let isOver = false;
  const next = (): void => {
    turn += 1;
    if (!isOver) setImmediate(next);
  };
  next();
  return {
    now: () => turn,
    end: () => {
      isOver = true;
    },
  };
}

/** What keeps a process from ending, by kind. */
function openResources(): readonly string[] {
  const kinds = /^(TCP|Pipe|Process|TLS)/;
  return process
    .getActiveResourcesInfo()
    .filter((name) => kinds.test(name))
    .toSorted();
}

const FAT = {
  headers: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, 'y'.repeat(40)])),
};

describe('a file', () => {
  const follow = async (
    watch: Watch,
    text = '',
    mayAppear = false,
  ): Promise<{ path: string; observer: Observer }> => {
    const path = join(folder(), 'events.ndjson');
    if (!mayAppear) writeFileSync(path, text);
    const observer = await observeFile({ path, mayAppear }, watch);
    closing.push(() => observer.close());
    return { path, observer };
  };

  it('is read from where it ends; a line that had begun is not', async () => {
    const watch = log();
    const { path } = await follow(watch, `${lineOf('old')}${lineOf('begun').slice(0, 20)}`);
    appendFileSync(path, `${lineOf('begun').slice(20)}${lineOf('new')}`);
    await expect.poll(watch.ids, SOON).toEqual(['new']);
  });

  it('may appear after the start, and is then read from its beginning', async () => {
    const watch = log();
    const { path } = await follow(watch, '', true);
    await clock.sleep(60);
    writeFileSync(path, lineOf('first'));
    await expect.poll(watch.ids, SOON).toEqual(['first']);
  });

  it('is followed through rotation and truncation', async () => {
    const watch = log();
    const { path } = await follow(watch);
    appendFileSync(path, lineOf('one'));
    await expect.poll(watch.ids, SOON).toEqual(['one']);
    appendFileSync(path, lineOf('two').trimEnd());
    renameSync(path, `${path}.1`);
    writeFileSync(path, lineOf('three'));
    await expect.poll(watch.ids, SOON).toEqual(['one', 'two', 'three']);
    truncateSync(path, 0);
    await clock.sleep(80);
    appendFileSync(path, lineOf('four'));
    await expect.poll(watch.ids, SOON).toEqual(['one', 'two', 'three', 'four']);
  });

  it('knows a line again that it reads twice, because the file was written anew', async () => {
    const watch = log();
    const { path } = await follow(watch);
    appendFileSync(path, lineOf('one') + lineOf('two'));
    await expect.poll(watch.ids, SOON).toEqual(['one', 'two']);
    writeFileSync(`${path}.next`, lineOf('one') + lineOf('two') + lineOf('three'));
    renameSync(`${path}.next`, path);
    await expect.poll(watch.ids, SOON).toEqual(['one', 'two', 'one', 'two', 'three']);
    const [one = -1, two = -1] = watch.places.map(Number);
    expect(watch.places).toEqual([one, two, one, two, 2 * two]);
  });

  it('that is gone for good is a failure', async () => {
    const watch = log();
    const { path, observer } = await follow(watch);
    rmSync(path);
    const gone = `the file ${path} can no longer be read: it is gone`;
    await expect.poll(() => observer.failure, { timeout: 8000 }).toBe(gone);
  }, 10_000);

  it('says once what it could not use', async () => {
    const watch = log();
    const { path, observer } = await follow(watch);
    const other = '{"level":"info"}\n';
    appendFileSync(path, `GET / 200\n\nGET /a 200\n${other}{"v":1,"type":"CONNECT","at":1}\n`);
    appendFileSync(path, `service-1  | ${lineOf('prefixed')}`);
    await expect.poll(watch.ids, SOON).toEqual(['prefixed']);
    expect(observer.notices()).toEqual([
      `Of the file ${path}, 2 lines were not JSON; the first: GET / 200`,
      `Of the file ${path}, 1 line was no event record; the first: connectionId: a CONNECT needs it`,
    ]);
  });

  it('drops a line that never ends, and goes on behind it', async () => {
    const watch = log();
    const { path, observer } = await follow(watch);
    appendFileSync(path, `${'x'.repeat(1_200_000)}\n${lineOf('next')}`);
    await expect.poll(watch.ids, SOON).toEqual(['next']);
    expect(observer.notices()).toHaveLength(1);
  });

  it.each([
    ['is missing', (path: string) => path, 'There is no file'],
    ['is a folder', (path: string) => (mkdirSync(path), path), 'Cannot read'],
  ])('that %s cannot be observed', async (_, make, message) => {
    const path = make(join(folder(), 'nowhere'));
    const failing = observeFile({ path, mayAppear: false }, log());
    await expect(failing).rejects.toMatchObject({
      code: 'OBSERVER_FAILED',
      message: expect.stringContaining(message),
    });
  });
});

describe('a command', () => {
  const run = (watch: Watch, script: string): Promise<Observer> =>
    observeExec({ command: [process.execPath, '-e', script], directory: tmpdir() }, watch);

  it('that ends is a failure, whatever its exit code, with what it said last', async () => {
    const watch = log();
    const line = JSON.stringify(lineOf('last').trimEnd());
    const script = `process.stdout.write(${line}); console.error('no such container'); process.exitCode = 3`;
    const observer = await run(watch, script);
    const said = / ended with exit code 3; it said: no such container$/;
    await expect.poll(() => observer.failure, { timeout: 5000 }).toMatch(said);
    expect(watch.ids()).toEqual(['last']);
  });

  it('is heard on stderr: its last line', async () => {
    const script = `console.error('starting\\nno such log \\n\\n'); setInterval(() => {}, 1000)`;
    const observer = await run(log(), script);
    closing.push(() => observer.close());
    await expect.poll(() => observer.lastWords, SOON).toBe('no such log');
  });

  it('that does not listen to SIGTERM is ended all the same', async () => {
    const watch = log();
    const observer = await run(
      watch,
      `process.on('SIGTERM', () => {}); console.log('{}'); setInterval(() => {}, 1000)`,
    );
    await clock.sleep(300);
    await observer.close();
    expect(observer.failure).toBeUndefined();
  });

  it('that is not there cannot be observed', async () => {
    const failing = observeExec({ command: ['no-such-program-here'], directory: tmpdir() }, log());
    await expect(failing).rejects.toMatchObject({ code: 'OBSERVER_FAILED' });
  });
});
