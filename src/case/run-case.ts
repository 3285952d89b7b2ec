// Runs one case: drives its steps, then watches until every check is decided, then cleans up.
import { type Clock, settlesWithin } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import type { Backend } from '../observe/backend.ts';
import type { Evidence, Interruption, InvocationRecord } from '../result/evidence.ts';
import type { Finding } from '../result/finding.ts';
import type { Judging } from '../result/judging.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { driveSteps, type Members } from './drive.ts';
import { judgeCase } from './judge-case.ts';
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
  readonly judging: Judging;
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
  const { findings, judging } = await judgeCase({ ...run, recorder });
  recorder.freeze();
  const durationUs = run.clock.nowUs() - startedAtUs;
  await Promise.all(open.map((member) => cleanUp(run.clock, member)));
  return { startedAtUs, durationUs, findings, evidence: recorder.snapshot(), judging };
}

function withReason(
  interruption: Interruption | undefined,
  run: CaseRun,
): Interruption | undefined {
  if (interruption === undefined || !run.signal.aborted) return interruption;
  return { ...interruption, ...run.abortedBy() };
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
