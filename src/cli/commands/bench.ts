// `ws-assay bench`: time connections, print a table or JSON.
import { createRedactor, type Redactor } from '../../base/redact.ts';
import { type BenchTarget, type Preparing, prepareEndpoint } from '../../bench/endpoint.ts';
import { offerTo } from '../../bench/offer-rate.ts';
import { type BenchIo, runBench, typicalMs } from '../../bench/run-bench.ts';
import { pointlessSweep, sweepRates } from '../../bench/sweep.ts';
import { benchExitCode } from '../../bench/verdict.ts';
import { isUnreached, renderBench, renderUnreached } from '../../report/bench.ts';
import type { BenchResult } from '../../result/bench-result.ts';
import type { SignOptions } from '../header.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Io } from '../io.ts';
import type { NetworkOptions } from '../network.ts';
import { chooseTarget } from '../target-choice.ts';

/** Options of the command. Times in milliseconds. */
export interface BenchCommandOptions extends NetworkOptions, SignOptions {
  readonly compare?: string;
  readonly time: number;
  readonly atMost: number;
  readonly timeout: number;
  /** `true` where nothing is said. */
  readonly message?: string | boolean;
  readonly header: readonly string[];
  readonly subprotocol: readonly string[];
  readonly sweep: boolean;
  /** Undefined: by what a single connection takes. */
  readonly p99?: number;
  /** Per second. */
  readonly maxRate: number;
  readonly stage: number;
  readonly workers?: number;
  readonly precise?: boolean;
  readonly allowHost: readonly string[];
  readonly reporter: 'console' | 'json';
}

/** Measures and resolves with the exit code. */
export async function benchCommand(
  io: Io,
  url: string,
  options: BenchCommandOptions,
): Promise<number> {
  const redactor = createRedactor();
  const interrupt = onInterrupt(io);
  try {
    const targets = await prepare(io, url, { options, redactor, signal: interrupt.signal });
    const result = await measure(io, targets, { options, signal: interrupt.signal });
    print(io, redactor.json(result), options);
    return result.exitCode;
  } finally {
    interrupt.stop();
  }
}

async function prepare(
  io: Io,
  url: string,
  {
    options,
    redactor,
    signal,
  }: {
    readonly options: BenchCommandOptions;
    readonly redactor: Redactor;
    readonly signal: AbortSignal;
  },
): Promise<readonly BenchTarget[]> {
  const how: Preparing = {
    clock: io.clock,
    redactor,
    signal,
    subprotocols: options.subprotocol,
    timeoutMs: options.timeout,
    options: {
      allowHosts: options.allowHost,
      workers: options.workers,
      precise: options.precise ?? false,
    },
  };
  const urls = options.compare === undefined ? [url] : [url, options.compare];
  // One after the other, so that the first mistake is the one that is told.
  const targets: BenchTarget[] = [];
  for (const one of urls) {
    const given = { ...options, url: one };
    const chosen = chooseTarget(given, undefined, { io, redactor, vars: {} });
    targets.push(await prepareEndpoint(chosen.preview, how));
  }
  return targets;
}

async function measure(
  io: Io,
  targets: readonly BenchTarget[],
  { options, signal }: { readonly options: BenchCommandOptions; readonly signal: AbortSignal },
): Promise<BenchResult> {
  const startedAt = new Date(io.clock.wallMs()).toISOString();
  const { time: timeMs, atMost, timeout: timeoutMs, message } = options;
  const note = (text: string): void => io.stderr(`${text} …\n`);
  const measured = await runBench(
    {
      targets,
      bounds: { timeMs, atMost },
      message: message === true ? undefined : message,
      timeoutMs,
    },
    {
      clock: io.clock,
      signal,
      note,
      ...(options.sweep ? { sweep: sweepOf(io, options, { signal, note }) } : {}),
    },
  );
  return {
    format: 'ws-assay-bench/1',
    version: io.version,
    environment: io.environment,
    startedAt,
    timeMs,
    ...measured,
    exitCode: benchExitCode(measured),
  };
}

// Where a single connection takes longer than the usual limit, its queue is what a limit is about.
const P99_LIMIT_MS = 50;
const TIMES_TYPICAL = 4;

function sweepOf(
  { clock, usage }: Io,
  { stage: stageMs, maxRate: maxRatePerS, p99 }: BenchCommandOptions,
  { signal, note }: { readonly signal: AbortSignal; readonly note: (text: string) => void },
): NonNullable<BenchIo['sweep']> {
  return async (target, endpoint) => {
    const typical = typicalMs(endpoint) ?? 0;
    const p99LimitMs = p99 ?? Math.max(P99_LIMIT_MS, Math.ceil(TIMES_TYPICAL * typical));
    const bounds = { p99LimitMs, maxRatePerS };
    if (typical > p99LimitMs) return pointlessSweep(bounds, typical);
    const offer = offerTo(target, { clock, usage, signal, stageMs, seed: 'bench', note });
    return await sweepRates(bounds, offer);
  };
}

function print(io: Io, result: BenchResult, { reporter }: BenchCommandOptions): void {
  if (reporter === 'json') io.stdout(`${JSON.stringify(result, null, 2)}\n`);
  const { endpoints, interrupted } = result;
  if (!interrupted && endpoints.some(isUnreached)) io.stderr(renderUnreached(endpoints));
  if (endpoints.every(isUnreached)) return;
  if (reporter === 'console') io.stderr(`\n${renderBench(result, io.terminal)}`);
}
