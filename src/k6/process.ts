// One process of k6: started, watched, ended.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { machineMs } from '../base/clock.ts';
import type { WorkerHealth } from '../load/worker-messages.ts';
import { UNKNOWN_HEALTH } from './merge.ts';

/** How one is started. */
export interface K6Start {
  readonly folder: string;
  readonly binary: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Which execution segment of how many. */
  readonly index: number;
  readonly of: number;
  /** Where it waits to be told to begin; undefined: it begins at once. */
  readonly address?: string;
}

/** A process of k6. */
export interface K6Process {
  /** Its NDJSON. */
  readonly output: string;
  readonly hasEnded: boolean;
  /** Lets its connections end; the second time k6 ends at once. */
  interrupt(): void;
  kill(): void;
  health(): WorkerHealth;
  /** Why its results are not whole; undefined: they are. */
  problem(): string | undefined;
}

/** Starts one on `load.k6.ts` in the folder. */
export function startK6(start: K6Start): K6Process {
  const { folder, binary, env, index } = start;
  const output = join(folder, `${index + 1}.ndjson`);
  const child = spawn(binary, argumentsOf(start, output), {
    cwd: folder,
    env: { ...env, K6_NO_USAGE_REPORT: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const startedMs = machineMs();
  let said = '';
  let ended: string | undefined;
  let health = UNKNOWN_HEALTH;
  const look = (): void => {
    const now = usageOf(child.pid, startedMs);
    // One that has just ended has no memory any more.
    if (now !== undefined) health = { ...now, rssBytes: Math.max(now.rssBytes, health.rssBytes) };
  };
  const timer = setInterval(look, USAGE_MS);
  const over = (why: string): void => {
    clearInterval(timer);
    ended ??= why;
  };
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-MOST_SAID);
  });
  child.on('error', (error) => over(error.message));
  child.on('close', (code, signal) => over(endOf(code, signal, said)));
  return {
    output,
    get hasEnded() {
      return ended !== undefined;
    },
    interrupt: () => void child.kill('SIGINT'),
    kill: () => void child.kill('SIGKILL'),
    health: () => health,
    problem: () => (ended === '' ? undefined : ended),
  };
}

const USAGE_MS = 200;
const MOST_SAID = 4000;

function argumentsOf({ index, of, address }: K6Start, output: string): readonly string[] {
  const parts = Array.from({ length: of + 1 }, (_, at) => fraction(at, of));
  return [
    'run',
    '--quiet',
    '--no-color',
    '--summary-mode=disabled',
    `--out=json=${output}`,
    `--tag=instance_id=${index + 1}`,
    `--address=${address ?? ''}`,
    ...(address === undefined ? [] : ['--paused']),
    ...(of === 1
      ? []
      : [
          `--execution-segment=${parts[index]}:${parts[index + 1]}`,
          `--execution-segment-sequence=${parts.join(',')}`,
        ]),
    'load.k6.ts',
  ];
}

function fraction(at: number, of: number): string {
  return at === 0 ? '0' : at === of ? '1' : `${at}/${of}`;
}

// 99: a threshold of the script was crossed, 105: it was interrupted; both are told elsewhere.
// https://grafana.com/docs/k6/latest/misc/k6-exit-codes/
const WHOLE = new Set([0, 99, 105]);

function endOf(code: number | null, signal: string | null, said: string): string {
  if (code !== null && WHOLE.has(code)) return '';
  const last = said.trim().split('\n').at(-1) ?? '';
  return `it ended with ${signal ?? `exit code ${code}`}${last === '' ? '' : `: ${last}`}`;
}

const TICKS_PER_S = 100;
const PAGE_BYTES = 4096;

/** Of Linux; elsewhere nothing is known. A share of all cores: k6 uses more than one. */
function usageOf(pid: number | undefined, startedMs: number): WorkerHealth | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything: fields from the third on.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const cpuSeconds = ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_S;
    const wallSeconds = ((machineMs() - startedMs) / 1000) * availableParallelism();
    return { ...UNKNOWN_HEALTH, cpuSeconds, wallSeconds, rssBytes: (fields[21] ?? 0) * PAGE_BYTES };
  } catch {
    return undefined;
  }
}
