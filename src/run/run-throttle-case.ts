// Runs one throttle: offers what tells limiters apart, stage by stage, and judges what was met.
import { seededRandom } from '../base/random.ts';
import { drawNonce } from '../case/nonce.ts';
import { createLoadJudge } from '../check/load-judge.ts';
import type { OfferedAttempt, ProbeLimiter } from '../load/io.ts';
import { PREFIX_LENGTH } from '../load/nonce.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { AttemptCounts, LoadResult, ThrottleResult } from '../result/load-result.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { LoadSpec, ThrottleSpec } from '../scenario/load-model.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { AttemptLines, AttemptsHead } from './attempt-journal.ts';
import { resolveLoad } from './load-plan.ts';
import { added, type LoadStage, mergeLoads } from './merge-loads.ts';
import type { CasesRun } from './run-cases-one.ts';
import { headOf, type LoadDriver, redacted, untested } from './run-load-case.ts';

/** Runs a throttle and resolves with its result; what keeps it from running makes it errored. */
export async function runThrottleCase(
  run: CasesRun & { readonly loads: LoadDriver },
  spec: CaseSpec & { readonly throttle: ThrottleSpec },
): Promise<CaseResult> {
  const { clock, redactor, seed, loads, station } = run;
  const { probe } = loads;
  const startedAtUs = clock.nowUs();
  const random = seededRandom(`${seed}/${spec.id}/${clock.wallMs()}`);
  const resolved = await resolveLoad(loadOf(spec.throttle), {
    target: station.target,
    redactor,
    options: loads.options,
    seed: `${seed}/${spec.id}`,
    nonce: '',
  });
  if (probe === undefined || 'problem' in resolved) {
    const message = 'problem' in resolved ? resolved.problem : 'nothing here tells limiters apart';
    return untested(run, spec, { code: 'LOAD_REFUSED', message });
  }
  run.emit({ event: 'case-started', id: spec.id, atUs: startedAtUs });
  const judge = createLoadJudge({
    checks: spec.checks,
    levelOf: run.levelOf,
    features: run.features,
    phases: [],
    clocks: { isPlatform: false, boundMs: undefined },
  });
  const stages = createStages(run, spec, {
    plan: resolved.plan,
    nonce: () => drawNonce(random).slice(0, PREFIX_LENGTH),
    onAttempt: (attempt) =>
      judge.take({ attempt, phase: '', ending: 'close', events: {}, watchedMs: Infinity }),
  });
  const { offer, saturateForMs, rounds } = spec.throttle;
  const throttle = await probe(
    { offer, saturateForMs, rounds, seed: resolved.plan.seed },
    stages.offer,
  ).catch((thrown: unknown): ThrottleResult | undefined => {
    if (thrown === INTERRUPTED) return undefined;
    throw thrown;
  });
  const load = stages.result(throttle);
  return {
    ...headOf(run, spec),
    startedAtUs,
    durationUs: clock.nowUs() - startedAtUs,
    findings: judge.conclude(load),
    load: redacted(load, redactor),
  };
}

const INTERRUPTED = new Error('interrupted');

function loadOf({ connect, resume, withinMs }: ThrottleSpec): LoadSpec {
  return {
    connects: [{ share: 1, connect, resume }],
    arrivals: 'even',
    seed: undefined,
    phases: [],
    openForMs: 0,
    endings: [{ share: 1, kind: 'close', code: 1000, reason: '' }],
    messages: undefined,
    pings: undefined,
    reconnect: undefined,
    withinMs,
    drainMs: 0,
  };
}

interface Stages {
  readonly offer: Parameters<ProbeLimiter>[1];
  result(throttle: ThrottleResult | undefined): LoadResult;
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

/** Each call of the probe is a load of its own, on one clock with all others. */
function createStages(
  run: CasesRun & { readonly loads: LoadDriver },
  { id }: CaseSpec,
  {
    plan,
    nonce,
    onAttempt,
  }: {
    readonly plan: LoadPlan;
    readonly nonce: () => string;
    readonly onAttempt: (attempt: LoadAttempt) => void;
  },
): Stages {
  const { clock, station, loads } = run;
  const signal = AbortSignal.any([run.signal, station.deathSignal()]);
  const done: LoadStage[] = [];
  let firstUs: number | undefined;
  let total = NOTHING;
  let attempts = 0;
  return {
    offer: async (phases, { holdMs }) => {
      const seen: OfferedAttempt[] = [];
      let atMs = 0;
      const before = attempts;
      const name = phases.find(({ kind }) => kind === 'rate')?.name ?? phases[0]?.name ?? '';
      const own = { ...plan, phases, openForMs: holdMs, nonce: nonce() };
      let lines: AttemptLines | undefined;
      const result = await loads.run(own, {
        clock,
        usage: loads.usage,
        signal,
        onStart: (us) => {
          firstUs ??= us;
          atMs = (us - firstUs) / 1000;
          lines = run.attempts?.begin(attemptsHead(run, id, { plan: own, zeroUs: us }));
        },
        onAttempts: (batch) => {
          lines?.take(batch);
          attempts += batch.length;
          for (const attempt of batch) {
            seen.push(limitedOf(attempt, atMs));
            onAttempt({ ...attempt, number: before + attempt.number });
          }
        },
        onSecond: (second) => {
          total = added(total, second);
          const at = { ...second, atMs: second.atMs + atMs };
          run.emit({ event: 'load-second', id, second: { ...at, total, phase: name } });
        },
      });
      done.push({ name, atMs, result });
      if (signal.aborted) throw INTERRUPTED;
      return seen.filter(({ sentMs }) => !Number.isNaN(sentMs));
    },
    result: (throttle) => {
      const merged = mergeLoads(done);
      return throttle === undefined
        ? { ...merged, endedEarly: merged.endedEarly ?? 'interrupted' }
        : { ...merged, throttle };
    },
  };
}

/** Each stage is written down as a load of its own. */
function attemptsHead(
  { clock }: CasesRun,
  load: string,
  { plan, zeroUs }: { readonly plan: LoadPlan; readonly zeroUs: number },
): AttemptsHead {
  const startedMs = clock.wallMs() - (clock.nowUs() - zeroUs) / 1000;
  return {
    load,
    nonce: plan.nonce,
    startedAt: new Date(startedMs).toISOString(),
    phases: plan.phases.map(({ name }) => name),
    endings: ['close'],
    watchMs: 0,
    boundMs: null,
  };
}

function limitedOf(attempt: LoadAttempt, atMs: number): OfferedAttempt {
  const { outcome, sentMs, answeredMs, closedMs } = attempt;
  const answered =
    outcome === 'opened' ? 'accepted' : outcome === 'refused' ? 'refused' : 'missing';
  return {
    sentMs: sentMs + atMs,
    answeredMs: answeredMs + atMs,
    outcome: answered,
    ...(Number.isNaN(closedMs) ? {} : { endedMs: closedMs + atMs }),
  };
}
