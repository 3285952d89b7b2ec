// Absence is believed by those who would have seen presence. Over the whole run this watches whether
// they would: whether every endpoint was heard from, whether records came in time, whether the observer
// still saw at the end. What was concluded from absence otherwise is taken back.
import type { EvidenceRecord, InvocationRecord } from '../result/evidence.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult, RunProblem } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { type Belief, beliefsOf, rolesByName } from './belief.ts';
import { gapIn, untilKnown, whyDark } from './blind.ts';
import { LOOK_MS, type Look, lookAt } from './look.ts';
import { type Preflight, SILENT_ROLES } from './preflight.ts';
import { blinded, type CasesRun } from './run-cases-one.ts';
import { contradicts, isTooLate, type Slowness, slowness, slowProblem } from './slowness.ts';
import { lastWordsOf, observerFailed } from './witness.ts';

/** Watches one run. */
export interface Vigil {
  /** Passes on what happens, and takes note of it. */
  readonly emit: (event: RunEvent) => void;
  /** An invocation of a case that has been judged. */
  readonly onLate: (spec: CaseSpec, late: InvocationRecord) => void;
  /** Looks once more where it must, and takes back what cannot be believed. Call it when all has run. */
  conclude(): Promise<void>;
}

/** A case that was driven, and what it believes not to have happened. */
interface Ended {
  readonly spec: CaseSpec;
  readonly result: CaseResult;
  readonly beliefs: readonly Belief[];
}

/** Begins to watch. */
export function keepVigil(run: CasesRun, looked: Preflight): Vigil {
  return new Watcher(run, looked);
}

class Watcher implements Vigil {
  readonly #run: CasesRun;
  readonly #specs: ReadonlyMap<string, CaseSpec>;
  readonly #ended = new Map<string, Ended>();
  readonly #heard = new Set<string>();
  readonly #late: {
    readonly id: string;
    readonly readUs: number;
    readonly record: InvocationRecord;
  }[] = [];
  readonly #slow: Slowness;
  #isSlowSaid = false;

  constructor(run: CasesRun, looked: Preflight) {
    this.#run = run;
    this.#specs = new Map(run.cases.map((spec) => [spec.id, spec]));
    this.#slow = slowness(looked.delaysMs, run.station.target);
    if (looked.heard !== undefined) this.#heard.add(looked.heard);
  }

  readonly emit = (event: RunEvent): void => {
    this.#run.emit(event.event === 'case-ended' ? this.#noted(event) : event);
  };

  readonly onLate = (spec: CaseSpec, record: InvocationRecord): void => {
    const roles = rolesByName(spec.steps).get(record.connection) ?? [];
    for (const role of roles) this.#heard.add(role);
    this.#late.push({ id: spec.id, readUs: this.#run.clock.nowUs(), record });
  };

  async conclude(): Promise<void> {
    if (!this.#run.signal.aborted) await this.#askUnheard();
    if (!this.#run.signal.aborted) await this.#askLast();
    this.#judgeLate();
    await this.#untilKnown();
    this.#judgeBlind();
  }

  #noted(event: Extract<RunEvent, { event: 'case-ended' }>): RunEvent {
    const spec = this.#specs.get(event.result.id);
    if (spec === undefined || this.#run.station.backend === undefined) return event;
    const ended = { spec, result: event.result, beliefs: beliefsOf(spec) };
    for (const role of rolesHeard(ended)) this.#heard.add(role);
    const problem = this.#slow.problem;
    const slow = ended.beliefs.filter(
      (belief) =>
        problem !== undefined && this.#slow.isTooShort(belief.withinMs) && held(ended, belief),
    );
    if (problem === undefined || slow.length === 0) {
      this.#ended.set(spec.id, ended);
      return event;
    }
    if (!this.#isSlowSaid) this.#run.emit({ event: 'problem', problem });
    this.#isSlowSaid = true;
    const result = without(ended, slow, problem);
    this.#ended.set(spec.id, { ...ended, result });
    return { ...event, result };
  }

  /** Endpoints from which nothing was heard although absence was believed there. */
  async #askUnheard(): Promise<void> {
    const believed = new Set(
      [...this.#ended.values()].flatMap((ended) =>
        ended.beliefs.filter((one) => held(ended, one)).flatMap(({ roles }) => roles),
      ),
    );
    for (const role of believed) {
      if (this.#heard.has(role) || SILENT_ROLES.has(role) || this.#run.signal.aborted) continue;
      const look = await this.#look(role);
      if (look === undefined || look.heard) continue;
      // Whom it refuses it may not call anybody for; a probe that is asked has no log to be missed.
      const isAsked = this.#run.station.observer === undefined;
      if (!look.admitted && (isAsked || this.#isRed(role))) continue;
      const problem = unheardProblem(role, look);
      this.#takeBack(problem, (_, belief) => belief.roles.includes(role));
    }
  }

  /** What was believed after the last record was read: nobody may have been looking any more. */
  async #askLast(): Promise<void> {
    const { observer, backend } = this.#run.station;
    if (observer === undefined || backend === undefined) return;
    const since = backend.lastReadAtUs ?? 0;
    const isLater = ({ result }: Ended): boolean => result.startedAtUs + result.durationUs > since;
    const open = [...this.#ended.values()].filter(
      (ended) => isLater(ended) && ended.beliefs.some((belief) => held(ended, belief)),
    );
    const [role] = this.#heard;
    if (open.length === 0 || role === undefined) return;
    const look = whyDark(observer) === undefined ? await this.#look(role) : undefined;
    const failure = whyDark(observer);
    if (failure === undefined && (look === undefined || look.heard || !look.admitted)) return;
    const problem =
      failure === undefined
        ? muteProblem(observer.name, role, lastWordsOf(this.#run))
        : observerFailed(failure);
    this.#takeBack(problem, isLater, { isSaid: observer.failure !== undefined });
  }

  /** What was read when its case had been judged, and happened before. */
  #judgeLate(): void {
    const { backend, target } = this.#run.station;
    for (const { id, readUs, record } of this.#late) {
      const ended = this.#ended.get(id);
      if (ended === undefined || !isTooLate(record, ended.result, backend?.clockBoundUs)) continue;
      const endedUs = ended.result.startedAtUs + ended.result.durationUs;
      const problem = slowProblem({ ...record, lateMs: (readUs - endedUs) / 1000, id }, target);
      this.#takeBack(problem, (one, belief) => {
        const context = { records: one.result.records, boundUs: backend?.clockBoundUs };
        return one.spec.id === id && contradicts(belief, record, context);
      });
    }
  }

  /** The last case may have been judged by an observer that had gone blind and did not know it yet. */
  async #untilKnown(): Promise<void> {
    const { station, clock, signal } = this.#run;
    const ends = [...this.#ended.values()].map(
      ({ result }) => result.startedAtUs + result.durationUs,
    );
    if (station.observer === undefined || ends.length === 0) return;
    await untilKnown(station.observer, { atUs: Math.max(...ends), clock, signal });
  }

  /** What was judged before it was known that nothing was seen then; and says why what was errored was. */
  #judgeBlind(): void {
    const { observer } = this.#run.station;
    const said = new Set([observer?.failure]);
    for (const ended of this.#ended.values()) {
      const { spec, result } = ended;
      // The thresholds of a load know of gaps.
      const why = spec.load === undefined ? gapIn(observer, result) : undefined;
      if (why === undefined) continue;
      const now = blinded(spec, result, why);
      if (!now.findings.some(({ message }) => message === why)) continue;
      if (!said.has(why)) this.#run.emit({ event: 'problem', problem: observerFailed(why) });
      said.add(why);
      this.#ended.set(spec.id, { ...ended, result: now });
      this.#run.emit({ event: 'case-ended', result: now });
    }
  }

  /** Once more where the target can be reached at all. */
  async #look(role: string): Promise<Look | undefined> {
    const { station } = this.#run;
    if (station.death() !== undefined) {
      const back = await station.restart().then(
        () => true,
        () => false,
      );
      if (!back) return undefined;
    }
    return lookAt(this.#run, role);
  }

  #isRed(role: string): boolean {
    return [...this.#ended.values()].some(
      ({ spec, result }) =>
        [...rolesByName(spec.steps).values()].flat().includes(role) &&
        result.findings.some(({ verdict }) => verdict === 'failed' || verdict === 'warned'),
    );
  }

  #takeBack(
    problem: RunProblem,
    isMeant: (ended: Ended, belief: Belief) => boolean,
    { isSaid = false }: { readonly isSaid?: boolean } = {},
  ): void {
    let said = isSaid;
    for (const ended of this.#ended.values()) {
      const meant = ended.beliefs.filter((one) => held(ended, one) && isMeant(ended, one));
      if (meant.length === 0) continue;
      if (!said) this.#run.emit({ event: 'problem', problem });
      said = true;
      const result = without(ended, meant, problem);
      this.#ended.set(ended.spec.id, { ...ended, result });
      this.#run.emit({ event: 'case-ended', result });
    }
  }
}

function held({ result }: Ended, { check }: Belief): boolean {
  return result.findings.some((one) => one.check === check && one.verdict === 'passed');
}

function without({ result }: Ended, beliefs: readonly Belief[], problem: RunProblem): CaseResult {
  const { code: reason, message } = problem;
  const names = new Set(beliefs.map(({ check }) => check));
  const findings = result.findings.map((finding) =>
    names.has(finding.check)
      ? { ...finding, verdict: 'errored' as const, reason, message }
      : finding,
  );
  return { ...result, findings };
}

function rolesHeard({ spec, result }: Ended): readonly string[] {
  const roles = rolesByName(spec.steps);
  return result.records.filter(isTold).flatMap(({ connection }) => roles.get(connection) ?? []);
}

/** What a scripted probe was told to do is not told by it. */
function isTold(record: EvidenceRecord): boolean {
  return record.kind === 'invocation' && record.planned !== true;
}

function unheardProblem(role: string, { admitted }: Look): RunProblem {
  const asked = admitted
    ? `one more was let in, and no event of it came within ${LOOK_MS / 1000} s`
    : 'one more was not let in';
  return {
    code: 'OBSERVER_SILENT',
    message: `In the whole run no event of a connection to the endpoint "${role}" reached the runner; ${asked}.`,
    hint: 'That nothing was invoked there proves nothing. Does what sees the other endpoints see the backend of this one, too?',
  };
}

function muteProblem(name: string, role: string, said: string): RunProblem {
  return {
    code: 'OBSERVER_SILENT',
    message: `${name[0]?.toUpperCase()}${name.slice(1)} fell silent during the run: of one more connection to the endpoint "${role}" no event came within ${LOOK_MS / 1000} s.${said}`,
    hint: 'What was not seen after its last record proves nothing. Was the log moved away, or did what reads or receives it stop?',
  };
}
