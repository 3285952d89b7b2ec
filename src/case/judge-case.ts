// Judges the checks of one case while its evidence grows: at each new record, and when a judge's time has come.
// Every look at which something was decided is kept, so that it can be decided again.
import type { Clock } from '../base/clock.ts';
import { type CheckInput, judgeCheck } from '../check/judge.ts';
import type { Evidence, Interruption } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { Judging, Look } from '../result/judging.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import type { Recorder } from './recorder.ts';

/** A case whose steps have ended. */
export interface CaseToJudge {
  readonly spec: Pick<CaseSpec, 'checks' | 'longestMs'>;
  readonly target: Pick<Target, 'settleMs'>;
  readonly features: ReadonlySet<string>;
  readonly clock: Clock;
  readonly levelOf: (check: CheckSpec) => Level;
  readonly signal: AbortSignal;
  readonly abortedBy: () => Pick<Interruption, 'cause' | 'message'>;
  readonly recorder: Pick<Recorder, 'snapshot' | 'whenChanged'>;
}

/** What the judges concluded, one finding for each check, and how. */
export interface JudgedCase {
  readonly findings: readonly Finding[];
  readonly judging: Judging;
}

/** Judges until every check is decided, or there is nothing left to wait for. */
export async function judgeCase(run: CaseToJudge): Promise<JudgedCase> {
  const book: Book = { decided: new Map(), looks: [] };
  // The longest a case can take follows from its deadlines; past it nothing more is waited for.
  const endUs = run.clock.nowUs() + (run.spec.longestMs + MARGIN_MS) * 1000;
  while (book.decided.size < run.spec.checks.length) {
    const begunUs = run.clock.nowUs();
    const over = begunUs >= endUs;
    const untilUs = Math.min(endUs, judgeOpen(run, book, over));
    if (over || run.signal.aborted || book.decided.size === run.spec.checks.length) break;
    const tookMs = (run.clock.nowUs() - begunUs) / 1000;
    await run.recorder.whenChanged(untilUs, run.signal);
    if (tookMs > FELT_MS) await run.clock.sleep(Math.min(2 * tookMs, LONGEST_REST_MS), run.signal);
  }
  retell(run, book);
  const findings = run.spec.checks.map(
    (check) => book.decided.get(check.id) ?? undecided(check, run.levelOf(check)),
  );
  return { findings, judging: judgingOf(run, book) };
}

/** A judge that does not decide when there is nothing left to wait for is a mistake of ours. */
function undecided(check: CheckSpec, level: Level): Finding {
  return {
    check: check.id,
    verdict: 'errored',
    level,
    ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
    message: 'the check was still undecided when there was nothing left to wait for',
    expected: '',
    actual: {},
    reason: 'internal',
    span: check.span,
    evidence: [],
  };
}

interface Book {
  readonly decided: Map<string, Finding>;
  readonly looks: Look[];
}

// Judging hundreds of connections takes its time, and a record that comes in meanwhile asks for it
// again: whoever else lives on this thread, the embedded gateway too, must not wait for it.
const FELT_MS = 5;
const LONGEST_REST_MS = 200;

const MARGIN_MS = 5000;

function judgeOpen(run: CaseToJudge, { decided, looks }: Book, over: boolean): number {
  const evidence = run.recorder.snapshot();
  const aborted = run.signal.aborted;
  const interruption = aborted ? abortedBy(evidence, run) : evidence.interruption;
  const judged = { ...evidence, interruption };
  const nowUs = aborted || over ? Number.POSITIVE_INFINITY : run.clock.nowUs();
  const open = run.spec.checks.filter(({ id }) => !decided.has(id));
  let untilUs = Number.POSITIVE_INFINITY;
  for (const check of open) {
    const judgement = judgeCheck({ ...inputOf(run, check), evidence: judged, nowUs });
    if (judgement.decided) decided.set(check.id, judgement.finding);
    else untilUs = Math.min(untilUs, judgement.untilUs);
  }
  const ids = open.flatMap(({ id }) => (decided.has(id) ? [id] : []));
  if (ids.length > 0) {
    const why = interruption === evidence.interruption ? undefined : interruption;
    looks.push({ ...lookOf(evidence, nowUs), decided: ids, ...(why && { interruption: why }) });
  }
  return untilUs;
}

function abortedBy(evidence: Evidence, run: CaseToJudge): Interruption {
  return evidence.interruption ?? { step: 'watching', ...run.abortedBy() };
}

/** What came after a check had failed changes nothing, but may be told: it came too late. */
function retell(run: CaseToJudge, { decided, looks }: Book): void {
  if (run.signal.aborted) return;
  const evidence = run.recorder.snapshot();
  const nowUs = run.clock.nowUs();
  const retold = run.spec.checks.flatMap((check) => {
    const finding = decided.get(check.id);
    if (finding === undefined || !mayBeRetold(check, finding)) return [];
    const again = judgeCheck({ ...inputOf(run, check), evidence, nowUs });
    if (!again.decided || again.finding.verdict !== finding.verdict) return [];
    if (again.finding.message === finding.message) return [];
    decided.set(check.id, { ...finding, message: again.finding.message });
    return [check.id];
  });
  if (retold.length > 0) looks.push({ ...lookOf(evidence, nowUs), decided: [], retold });
}

function mayBeRetold({ condition }: CheckSpec, { verdict }: Finding): boolean {
  const counts = ['received', 'frames', 'events'].includes(condition.kind);
  return counts && (verdict === 'failed' || verdict === 'warned');
}

function inputOf(run: CaseToJudge, check: CheckSpec): Omit<CheckInput, 'evidence' | 'nowUs'> {
  return {
    check,
    level: run.levelOf(check),
    settleMs: run.target.settleMs,
    features: run.features,
  };
}

function lookOf(evidence: Evidence, nowUs: number): Omit<Look, 'decided'> {
  const { clockBoundUs, clockTickUs, unrecognised } = evidence;
  return {
    ...(Number.isFinite(nowUs) ? { atUs: nowUs } : {}),
    records: evidence.records.length,
    ...(clockBoundUs === undefined ? {} : { clockBoundUs }),
    ...(clockTickUs === undefined ? {} : { clockTickUs }),
    ...(unrecognised === undefined ? {} : { unrecognised }),
  };
}

function judgingOf({ recorder, target, clock }: CaseToJudge, { looks }: Book): Judging {
  const { stepsEndedAtUs, interruption, isPlatform, shortHold } = recorder.snapshot();
  return {
    settleMs: target.settleMs,
    stepsEndedAtUs: stepsEndedAtUs ?? clock.nowUs(),
    ...(interruption === undefined ? {} : { interruption }),
    ...(isPlatform === undefined ? {} : { isPlatform }),
    ...(shortHold === undefined ? {} : { shortHold }),
    looks,
  };
}
