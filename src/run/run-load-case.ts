// Runs one load: resolves it, drives it, watches what the backend is told, judges its thresholds.
import { ToolError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { drawNonce } from '../case/nonce.ts';
import { plansFor } from '../case/plans.ts';
import { createLoadJudge } from '../check/load-judge.ts';
import type { LoadIo, ProbeLimiter } from '../load/io.ts';
import { PREFIX_LENGTH } from '../load/nonce.ts';
import type { LoadPlan } from '../load/plan.ts';
import { createCanarySender } from '../observe/canary.ts';
import type { AttemptCounts, LoadResult, LoadSecond } from '../result/load-result.ts';
import type { CaseResult, RunProblem } from '../result/run-result.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { conditionNeeds } from '../scenario/needs.ts';
import type { AttemptLines, AttemptsHead } from './attempt-journal.ts';
import { blindSpans } from './blind.ts';
import { CANARY_MS, createLoadCanaries, type LoadCanaries } from './load-canaries.ts';
import { createLoadDelete } from './load-delete.ts';
import { createLoadDelivery } from './load-delivery.ts';
import { createLoadEvents, type LoadEvents } from './load-events.ts';
import { type LoadOptions, resolveLoad } from './load-plan.ts';
import { createLoadWatch, type LoadWatch } from './load-watch.ts';
import { added } from './merge-loads.ts';
import type { CasesRun } from './run-cases-one.ts';
import { undrivenResult } from './undriven.ts';

/** Who carries a load out. */
export interface LoadDriver {
  readonly run: (plan: LoadPlan, io: LoadIo) => Promise<LoadResult>;
  /** Tells limiters apart; absent: throttles are not run. */
  readonly probe?: ProbeLimiter;
  /** What this process has used up so far. */
  readonly usage: LoadIo['usage'];
  readonly options: LoadOptions;
  /** What it can do of a load; absent: all of it. Judged is what was done. */
  readonly fit?: (load: LoadSpec) => LoadSpec;
}

/** Runs a load and resolves with its result; what keeps it from running makes it errored. */
export async function runLoadCase(
  run: CasesRun & { readonly loads: LoadDriver },
  asked: CaseSpec & { readonly load: LoadSpec },
): Promise<CaseResult> {
  const { station, clock, redactor, seed, loads } = run;
  const spec = { ...asked, load: loads.fit?.(asked.load) ?? asked.load };
  const startedAtUs = clock.nowUs();
  const nonce = drawNonce(seededRandom(`${seed}/${spec.id}/${clock.wallMs()}`));
  const resolved = await resolveLoad(spec.load, {
    target: station.target,
    redactor,
    options: loads.options,
    seed: `${seed}/${spec.id}`,
    nonce: nonce.slice(0, PREFIX_LENGTH),
  });
  const problem = 'problem' in resolved ? resolved.problem : whyUnseen(run, spec);
  if (problem !== undefined || 'problem' in resolved) {
    return untested(run, spec, { code: 'LOAD_REFUSED', message: problem ?? '' });
  }
  run.emit({ event: 'case-started', id: spec.id, atUs: startedAtUs });
  const driven = await driveOf(run, spec, resolved.plan)().catch(unseeing);
  if (driven instanceof ToolError) return untested(run, spec, driven);
  const { result, findings } = driven;
  return {
    ...headOf(run, spec),
    startedAtUs,
    durationUs: clock.nowUs() - startedAtUs,
    findings,
    load: redacted(result, redactor),
  };
}

/** Nothing is sent where the observer would not see what comes of it. */
function unseeing(thrown: unknown): ToolError {
  if (thrown instanceof ToolError && thrown.code === 'OBSERVER_FAILED') return thrown;
  throw thrown;
}

/** Nothing after this holds what an endpoint repeated of the credentials. */
export function redacted(load: LoadResult, redactor: Redactor): LoadResult {
  // Signatures of attempts are made by the workers; one that is repeated stands as it was written.
  for (const { headers, body } of load.refusals) {
    for (const text of [body, ...headers.map(({ value }) => value)]) {
      for (const [, signature = ''] of text.matchAll(SIGNATURE)) {
        redactor.registerSignature(signature);
      }
    }
  }
  const refusals = load.refusals.map((refusal) => ({
    ...refusal,
    headers: refusal.headers.map(({ name, value }) => ({
      name,
      value: redactor.header(name, value),
    })),
  }));
  return redactor.json({ ...load, refusals });
}

const SIGNATURE = /\bSignature=([0-9a-f]{64})(?![0-9a-f])/gi;

/** What a result says of its case. */
export function headOf(
  run: CasesRun,
  spec: CaseSpec,
): Omit<CaseResult, 'startedAtUs' | 'durationUs' | 'findings' | 'load'> {
  const { id, scenario, file, title, description, axes, tags, isolation } = spec;
  return {
    id,
    scenario,
    file,
    title,
    ...(description === undefined ? {} : { description }),
    axes,
    tags,
    isolation,
    connections: [],
    records: [],
    rerun: run.rerunOf(spec),
  };
}

/** The result of a load that could not be sent. */
export function untested(
  run: CasesRun,
  spec: CaseSpec,
  { code, message }: Pick<RunProblem, 'code' | 'message'>,
): CaseResult {
  const { levelOf } = run;
  const reason = { verdict: 'errored', code, message: run.redactor.text(message) } as const;
  return undrivenResult(spec, reason, { levelOf, rerun: run.rerunOf(spec) });
}

function usesEvents({ needs, checks }: CaseSpec): boolean {
  return [needs, ...checks.map((check) => check.needs)].some((all) => all.includes('observer'));
}

/** Attempts of a load are told apart by what their requests carry. */
function whyUnseen({ station }: CasesRun, spec: CaseSpec): string | undefined {
  const { kind } = station.target.correlate;
  if (!usesEvents(spec) || kind === 'query' || kind === 'header') return undefined;
  return `the backend's events of a load are recognised by a nonce in the query or a header, and this target has correlate: ${kind}`;
}

function driveOf(
  run: CasesRun & { readonly loads: LoadDriver },
  spec: CaseSpec & { readonly load: LoadSpec },
  plan: LoadPlan,
): () => Promise<{ readonly result: LoadResult; readonly findings: CaseResult['findings'] }> {
  const { station, clock, loads } = run;
  const { backend, target } = station;
  const { phases, endings, connects } = spec.load;
  const isPlatform = backend?.isPlatform ?? false;
  const boundUs = backend?.clockBoundUs;
  const judge = createLoadJudge({
    checks: spec.checks,
    levelOf: run.levelOf,
    features: run.features,
    phases,
    comesAgain: spec.load.reconnect !== undefined,
    clocks: { isPlatform, boundMs: boundUs === undefined ? undefined : boundUs / 1000 },
  });
  const watchMs = Math.min(spec.load.drainMs, longestWatchMs(spec));
  const zero = { us: clock.nowUs() };
  const nowMs = (): number => (clock.nowUs() - zero.us) / 1000;
  const delivery = createLoadDelivery({ endings, deadlineMs: watchMs, zero });
  let lines: AttemptLines | undefined;
  const gaps = (atMs: number) => blindSpans(station.observer, { zeroUs: zero.us, nowMs: atMs });
  const isSeen = backend !== undefined && usesEvents(spec);
  const signal = AbortSignal.any([run.signal, station.deathSignal()]);
  const canaries = isSeen
    ? canariesOf(run, {
        signal,
        nonce: plan.nonce,
        book: {
          sent: (id, atMs) => {
            delivery.canaries.sent(id, atMs);
            lines?.canary(id, atMs);
          },
          seen: delivery.canaries.seen,
        },
      })
    : undefined;
  const [first] = connects;
  const plans = first === undefined ? {} : plansFor(first.connect, target);
  const events =
    backend === undefined
      ? undefined
      : createLoadEvents(plan.nonce, {
          planOf: (invocation) => (invocation === 'message' ? undefined : plans[invocation]),
          onEvent: (number, sighting) => {
            delivery.event(number, sighting);
            const { type, atUs, invocationId } = sighting;
            if (type === 'DISCONNECT') watch.disconnected(number);
            lines?.event({ number, type, atMs: (atUs - zero.us) / 1000, invocationId });
          },
          onCanary: (id) => canaries?.take(id),
        });
  const watch = createLoadWatch({
    judge,
    events: usesEvents(spec) ? events : undefined,
    phases,
    endings,
    watchMs: watchMs + settleMs(run),
    graceMs: Math.max(
      canaries === undefined ? 0 : CANARY_MS,
      station.observer?.sight?.knownWithinMs ?? 0,
    ),
    blind: (atMs) => [...gaps(atMs), ...delivery.blind(atMs)],
  });
  return async () => {
    backend?.divert(events);
    const lost = { why: undefined as string | undefined };
    const seconds = secondsOf(run, spec, { events: isSeen ? events : undefined, watch });
    try {
      await canaries?.first();
      const result = await loads.run(plan, {
        clock,
        usage: loads.usage,
        signal,
        onStart: (us) => {
          zero.us = us;
          watch.start(us);
          canaries?.start(us);
          lines = run.attempts?.begin(
            attemptsHead(run, spec, { plan, zeroUs: us, watchMs, boundUs }),
          );
        },
        onAttempts: (batch) => {
          delivery.take(batch);
          watch.take(batch);
          lines?.take(batch);
          // Nobody asks about them any more.
          if (!usesEvents(spec)) for (const { number } of batch) events?.forget(number);
        },
        onSecond: (second, phase) => {
          watch.settle(nowMs());
          lines?.flush();
          lost.why ??= judge.lost();
          seconds.note(second, phase);
        },
        deleteConnection: createLoadDelete({ run, spec, events }),
        whyStop: () => lost.why,
      });
      await drain({ clock, signal }, { watch, nowMs, note: seconds.drained });
      await canaries?.stop();
      const told = seconds.withDelivered(result);
      for (const gap of gaps(nowMs())) {
        delivery.gap(gap);
        // What only we did not see is there when the store is read again.
        if (station.observer?.sight?.isHealable === false) lines?.gap(gap);
      }
      const whole = isSeen ? { ...told, delivery: delivery.result(nowMs()) } : told;
      return { result: whole, findings: judge.conclude(whole) };
    } finally {
      await canaries?.stop();
      backend?.divert(undefined);
      lines?.flush();
    }
  };
}

function canariesOf(
  { station, clock }: CasesRun,
  about: Omit<Parameters<typeof createLoadCanaries>[1], 'clock'>,
): LoadCanaries | undefined {
  const canary = station.target.observer?.canary;
  if (canary === undefined) return undefined;
  return createLoadCanaries(createCanarySender(canary, clock), { clock, ...about });
}

function attemptsHead(
  { clock }: CasesRun,
  { id, load }: CaseSpec & { readonly load: LoadSpec },
  {
    plan,
    zeroUs,
    watchMs,
    boundUs,
  }: {
    readonly plan: LoadPlan;
    readonly zeroUs: number;
    readonly watchMs: number;
    readonly boundUs: number | undefined;
  },
): AttemptsHead {
  const startedMs = clock.wallMs() - (clock.nowUs() - zeroUs) / 1000;
  return {
    load: id,
    nonce: plan.nonce,
    startedAt: new Date(startedMs).toISOString(),
    phases: load.phases.map(({ name }) => name),
    endings: load.endings.map(({ kind }) => kind),
    watchMs,
    boundMs: boundUs === undefined ? null : boundUs / 1000,
  };
}

function settleMs({ station }: CasesRun): number {
  return station.backend?.isPlatform === true ? station.target.settleMs : 0;
}

const EVENT_MS = 10_000;

function longestWatchMs({ checks }: CaseSpec): number {
  return Math.max(
    0,
    ...checks.map(({ withinMs, condition }) =>
      conditionNeeds(condition).includes('observer') ? (withinMs ?? EVENT_MS) : 0,
    ),
  );
}

/** After the last connection has ended: watches until nothing waits any more. */
async function drain(
  { clock, signal }: Pick<CasesRun, 'clock' | 'signal'>,
  {
    watch,
    nowMs,
    note,
  }: {
    readonly watch: LoadWatch;
    readonly nowMs: () => number;
    readonly note: (atMs: number) => void;
  },
): Promise<void> {
  while (watch.waiting > 0 && nowMs() <= watch.untilMs && !signal.aborted) {
    await clock.sleep(DRAIN_STEP_MS, signal);
    watch.settle(nowMs());
    note(nowMs());
  }
  watch.end(nowMs());
}

const DRAIN_STEP_MS = 1000;

interface Seconds {
  note(second: LoadSecond, phase: string): void;
  /** A second in which nothing is offered any more. */
  drained(atMs: number): void;
  /** The result with what the backend was told in each second. */
  withDelivered(result: LoadResult): LoadResult;
}

const NOTHING: AttemptCounts = {
  offered: 0,
  started: 0,
  unsent: 0,
  opened: 0,
  refused: {},
  failed: {},
  timedOut: 0,
  aborted: 0,
};

/** Tells of each second, with sums, and what the backend was told in it. */
function secondsOf(
  run: CasesRun,
  { id }: CaseSpec,
  { events, watch }: { readonly events: LoadEvents | undefined; readonly watch: LoadWatch },
): Seconds {
  const delivered = new Map<number, number>();
  const tail: LoadSecond[] = [];
  let total = NOTHING;
  const note = (second: LoadSecond, phase: string): LoadSecond => {
    total = added(total, second);
    const seen = events?.takeDelivered();
    if (seen !== undefined) delivered.set(second.atMs, seen);
    const told =
      events === undefined ? {} : { told: { ended: watch.ended, delivered: watch.told } };
    const one = { ...second, ...(seen === undefined ? {} : { delivered: seen }) };
    run.emit({ event: 'load-second', id, second: { ...one, total, phase, ...told } });
    return one;
  };
  return {
    note,
    drained: (atMs) => {
      tail.push(note({ ...NOTHING, atMs: Math.floor(atMs / 1000) * 1000, open: 0 }, 'drain'));
    },
    withDelivered: (result) => {
      if (events === undefined) return result;
      const own = result.seconds.map((second) => ({
        ...second,
        delivered: second.delivered ?? delivered.get(second.atMs) ?? 0,
      }));
      const last = own.at(-1)?.atMs ?? -1;
      return { ...result, seconds: [...own, ...tail.filter(({ atMs }) => atMs > last)] };
    },
  };
}
