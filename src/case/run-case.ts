// Runs one case: drives its steps, then watches until every check is decided, then cleans up.
import { type Clock, settlesWithin } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { type CheckInput, judgeCheck } from '../check/judge.ts';
import type { Backend } from '../observe/backend.ts';
import type { Evidence, Interruption, InvocationRecord } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { driveSteps, type Members } from './drive.ts';
import type { CaseContext, Member } from './member.ts';
import { createRecorder } from './recorder.ts';

/** What a case needs to run. */
export interface CaseRun {
  readonly spec: CaseSpec;
  readonly target: Target;
  readonly features: ReadonlySet<string>;
  readonly backend: Backend | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  readonly levelOf: (check: CheckSpec) => Level;
  /** Aborts when the run is interrupted or the target died: the rest is then `errored`. */
  readonly signal: AbortSignal;
  /** Why the signal aborted, and whose doing it was. */
  readonly abortedBy: () => Pick<Interruption, 'cause' | 'message'>;
  /** Told of invocations that came when the case had been judged. */
  readonly onLate?: (late: InvocationRecord) => void;
}

/** What came of it. */
export interface CaseOutcome {
  readonly startedAtUs: number;
  readonly durationUs: number;
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

/** Runs one case to the end. Never throws for what the target did. */
export async function runCase(run: CaseRun): Promise<CaseOutcome> {
  const startedAtUs = run.clock.nowUs();
  const recorder = createRecorder(run.clock, run.backend, run.onLate);
  const context: CaseContext = { ...run, recorder };
  const members: Members = new Map();
  const interruption = await driveSteps(context, run.spec.steps, members);
  const open = [...members.values()].flat();
  for (const { enrolment, connection } of open) {
    enrolment?.releaseAll();
    connection.resumeDeadline();
  }
  recorder.endSteps(withReason(interruption, run));
  const findings = await watch(run, context);
  recorder.freeze();
  const durationUs = run.clock.nowUs() - startedAtUs;
  await Promise.all(open.map((member) => cleanUp(run.clock, member)));
  return { startedAtUs, durationUs, findings, evidence: recorder.snapshot() };
}

function withReason(
  interruption: Interruption | undefined,
  run: CaseRun,
): Interruption | undefined {
  if (interruption === undefined || !run.signal.aborted) return interruption;
  return { ...interruption, ...run.abortedBy() };
}

/** Judges until every check is decided: at each new record, and when a judge's time has come. */
async function watch(run: CaseRun, context: CaseContext): Promise<readonly Finding[]> {
  const decided = new Map<string, Finding>();
  // The longest a case can take follows from its deadlines; past it nothing more is waited for.
  const endUs = run.clock.nowUs() + (run.spec.longestMs + MARGIN_MS) * 1000;
  while (decided.size < run.spec.checks.length) {
    const begunUs = run.clock.nowUs();
    const over = begunUs >= endUs;
    const untilUs = Math.min(endUs, judgeOpen(run, context, { decided, over }));
    if (over || run.signal.aborted || decided.size === run.spec.checks.length) break;
    const tookMs = (run.clock.nowUs() - begunUs) / 1000;
    await context.recorder.whenChanged(untilUs, run.signal);
    if (tookMs > FELT_MS) await run.clock.sleep(Math.min(2 * tookMs, LONGEST_REST_MS), run.signal);
  }
  return run.spec.checks.map((check) => {
    const finding = decided.get(check.id);
    return finding === undefined ? undecided(run, check) : retold(finding, check, { run, context });
  });
}

/** What came after a check had failed changes nothing, but may be told: it came too late. */
function retold(
  finding: Finding,
  check: CheckSpec,
  { run, context }: { readonly run: CaseRun; readonly context: CaseContext },
): Finding {
  const counts = ['received', 'frames', 'events'].includes(check.condition.kind);
  const failed = finding.verdict === 'failed' || finding.verdict === 'warned';
  if (!counts || !failed || run.signal.aborted) return finding;
  const evidence = context.recorder.snapshot();
  const again = judgeCheck({ ...inputOf(run, check), evidence, nowUs: run.clock.nowUs() });
  const same = again.decided && again.finding.verdict === finding.verdict;
  return same ? { ...finding, message: again.finding.message } : finding;
}

function inputOf(run: CaseRun, check: CheckSpec): Omit<CheckInput, 'evidence' | 'nowUs'> {
  return {
    check,
    level: run.levelOf(check),
    settleMs: run.target.settleMs,
    features: run.features,
  };
}

// Judging hundreds of connections takes its time, and a record that comes in meanwhile asks for it
// again: whoever else lives on this thread, the embedded gateway too, must not wait for it.
const FELT_MS = 5;
const LONGEST_REST_MS = 200;

/** A judge that does not decide when there is nothing left to wait for is a mistake of ours. */
function undecided(run: CaseRun, check: CheckSpec): Finding {
  return {
    check: check.id,
    verdict: 'errored',
    level: run.levelOf(check),
    ...(check.requirement === undefined ? {} : { requirement: check.requirement }),
    message: 'the check was still undecided when there was nothing left to wait for',
    expected: '',
    actual: {},
    reason: 'internal',
    span: check.span,
    evidence: [],
  };
}

const MARGIN_MS = 5000;

interface Watched {
  readonly decided: Map<string, Finding>;
  readonly over: boolean;
}

function judgeOpen(run: CaseRun, context: CaseContext, { decided, over }: Watched): number {
  const evidence = context.recorder.snapshot();
  const aborted = run.signal.aborted;
  const judged = aborted ? { ...evidence, interruption: abortedBy(evidence, run) } : evidence;
  const nowUs = aborted || over ? Number.POSITIVE_INFINITY : run.clock.nowUs();
  let untilUs = Number.POSITIVE_INFINITY;
  for (const check of run.spec.checks.filter(({ id }) => !decided.has(id))) {
    const judgement = judgeCheck({ ...inputOf(run, check), evidence: judged, nowUs });
    if (judgement.decided) decided.set(check.id, judgement.finding);
    else untilUs = Math.min(untilUs, judgement.untilUs);
  }
  return untilUs;
}

function abortedBy(evidence: Evidence, run: CaseRun): Interruption {
  return evidence.interruption ?? { step: 'watching', ...run.abortedBy() };
}

// Long enough for a closing handshake on any network, short enough not to be felt.
const CLEAN_UP_MS = 500;

/** Closes what is still open. Not evidence: the recorder is frozen by now. */
async function cleanUp(clock: Clock, member: Member): Promise<void> {
  const { connection, enrolment } = member;
  if (connection.state === 'open') connection.close(1000, '', CLEAN_UP_MS);
  if (connection.state !== 'closed') {
    await settlesWithin(clock, connection.closed, CLEAN_UP_MS);
  }
  connection.dispose();
  enrolment?.withdraw();
}
