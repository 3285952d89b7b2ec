// Carries a load out with k6: writes its script, runs it as one process or as several execution segments, reads what
// they tell while they run. One result, as of the built-in engine.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redactor } from '../base/redact.ts';
import type { LoadIo } from '../load/io.ts';
import type { LoadPlan } from '../load/plan.ts';
import { scheduleMs } from '../load/schedule.ts';
import type { LoadResult } from '../result/load-result.ts';
import { type Follower, follow } from './follow.ts';
import { libraryPath } from './library.ts';
import { createMerge, type K6Merge } from './merge.ts';
import { readPoint } from './point.ts';
import { type K6Process, startK6 } from './process.ts';
import { k6Script, LIBRARY_FILE } from './script.ts';
import { startTogether } from './start-together.ts';

/** How k6 is run. */
export interface K6Engine {
  /** The program: a path, or a name on the PATH. */
  readonly binary: string;
  /** How many processes share the schedule. */
  readonly segments: number;
  readonly redactor: Redactor;
  readonly version: string;
  /** The environment of k6, without the credentials. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What k6 cannot send of its requests, before it begins. */
  readonly onGaps: (gaps: readonly string[]) => void;
}

const LOOK_MS = 200;
// k6 writes what it has every 200 ms: of the second before this one everything is there.
const SLACK_S = 1;
// What an interrupted k6 is given to end its connections.
const GRACE_MS = 10_000;

/** Runs a load and resolves with its result, whatever k6 does. */
export async function runWithK6(plan: LoadPlan, io: LoadIo, engine: K6Engine): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ws-assay-k6-'));
  try {
    return await runIn(folder, plan, io, engine);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runIn(
  folder: string,
  plan: LoadPlan,
  io: LoadIo,
  engine: K6Engine,
): Promise<LoadResult> {
  const { redactor, version, segments } = engine;
  const source = { id: 'load', title: 'A load', checks: [], gaps: [], plan, redactor, version };
  const { text, phases, secrets, gaps } = k6Script(source);
  engine.onGaps(gaps);
  await writeFile(join(folder, 'load.k6.ts'), text);
  await copyFile(libraryPath(), join(folder, LIBRARY_FILE));
  const merge = createMerge({ plan, phases }, { ...listener(io), runners: segments });
  const credentials = Object.fromEntries(secrets.map(({ name, value }) => [name, value]));
  const processes = await startAll(folder, engine, credentials);
  const followers = processes.map(({ output }, index) =>
    follow(output, (line) => take(merge, index, line)),
  );
  const endedEarly = await watch(io, {
    processes,
    followers,
    merge,
    lastsMs: scheduleMs(plan.phases),
  });
  for (const one of followers) await one.read();
  const accounts = processes.map((one, index) => ({
    name: segments === 1 ? 'k6' : `k6 ${index + 1} of ${segments}`,
    health: one.health(),
    problem: one.problem() ?? cutOf(followers[index]),
  }));
  for (const one of followers) await one.close();
  return merge.result(accounts, { endedEarly });
}

function listener(io: LoadIo): Omit<Parameters<typeof createMerge>[1], 'runners'> {
  return {
    // k6 tells of instants on the wall clock, everybody else here on the run's own.
    onStart: (zeroMs) =>
      io.onStart?.(io.clock.nowUs() - Math.round((io.clock.wallMs() - zeroMs) * 1000)),
    onAttempts: (batch) => io.onAttempts?.(batch),
    onSecond: (second, phase) => io.onSecond?.(second, phase),
  };
}

function take(merge: K6Merge, index: number, line: string): void {
  const point = readPoint(line);
  if (typeof point === 'object') merge.take(index, point);
}

function cutOf(follower: Follower | undefined): string | undefined {
  const rest = follower?.rest() ?? '';
  return rest === '' ? undefined : 'its output ends in the middle of a line';
}

async function startAll(
  folder: string,
  engine: K6Engine,
  secrets: Readonly<Record<string, string>>,
): Promise<readonly K6Process[]> {
  const { binary, segments, env } = engine;
  const how = { folder, binary, env: { ...env, ...secrets } };
  if (segments === 1) return [startK6({ ...how, index: 0, of: 1 })];
  return startTogether(segments, (index, address) =>
    startK6({ ...how, index, of: segments, address }),
  );
}

/** Until all have ended; resolves with why that was early. */
async function watch(
  io: LoadIo,
  {
    processes,
    followers,
    merge,
    lastsMs,
  }: {
    readonly processes: readonly K6Process[];
    readonly followers: readonly Follower[];
    readonly merge: K6Merge;
    readonly lastsMs: number;
  },
): Promise<string | undefined> {
  let endedEarly: string | undefined;
  const startedUs = io.clock.nowUs();
  let stoppedUs = Number.NaN;
  for (;;) {
    for (const one of followers) await one.read();
    const elapsedMs = (io.clock.nowUs() - startedUs) / 1000;
    merge.flush(Math.max(0, Math.floor(elapsedMs / 1000) - SLACK_S));
    if (processes.every((one) => one.hasEnded)) return endedEarly;
    const why = io.signal.aborted ? 'interrupted' : io.whyStop?.();
    if (endedEarly === undefined && why !== undefined && elapsedMs < lastsMs + LONGEST_DRAIN_MS) {
      endedEarly = why;
      stoppedUs = io.clock.nowUs();
      for (const one of processes) one.interrupt();
    }
    if ((io.clock.nowUs() - stoppedUs) / 1000 > GRACE_MS) for (const one of processes) one.kill();
    await io.clock.sleep(LOOK_MS);
  }
}

const LONGEST_DRAIN_MS = 3_600_000;
