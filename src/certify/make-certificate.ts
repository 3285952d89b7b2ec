// What a run of a frozen profile comes to. Pure: the same run gives the same certificate, when it is made and when it is
// verified.
import {
  CERTIFICATE_VERSION,
  type Certificate,
  type CertifiedInputs,
  type CertifiedPart,
  type CheckTally,
  type NamedVerdict,
} from '../result/certificate.ts';
import type { Finding } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';
import { matchPattern } from '../scenario/select.ts';
import type { Suite } from '../scenario/suite.ts';

/** A frozen profile, as far as a certificate rests on it. */
export interface CertifiedProfile {
  readonly suite: Suite;
  readonly hash: string;
}

/** Makes the certificate of a run that `refusalsOf` has nothing against. */
export function makeCertificate(
  result: RunResult,
  { suite, hash }: CertifiedProfile,
  inputs: CertifiedInputs,
): Certificate {
  const judged = judgedChecks(result, suite);
  const parts = Object.keys(suite.profiles).map((name) => partOf(name, suite, judged));
  const deviations = judged.filter(isDeviation).map(nameOf);
  const reasons = reasonsOf(parts, deviations);
  const { runId, startedAt, durationMs, command, seed, environment, tool, target } = result;
  return {
    certificateVersion: CERTIFICATE_VERSION,
    verdict: reasons.length === 0 ? 'certified' : 'not-certified',
    reasons,
    profile: { name: suite.name, title: suite.title, hash },
    implementation: {
      name: target.name,
      title: target.title,
      version: target.version ?? '',
      launched: target.launched,
      insecure: target.insecure,
    },
    parts,
    deviations,
    notApplicable: notApplicableIn(judged),
    tool,
    environment,
    runId,
    startedAt,
    durationMs,
    command,
    seed,
    inputs,
    notRecomputed: result.cases.flatMap(({ id, load }) => (load === undefined ? [] : [id])),
  };
}

interface JudgedCheck {
  readonly id: string;
  readonly part: string;
  readonly isCore: boolean;
  readonly finding: Finding;
}

/** Every check of every part; a scenario that stands in no part has none. */
function judgedChecks({ cases }: RunResult, { profiles }: Suite): readonly JudgedCheck[] {
  const parts = Object.entries(profiles);
  return cases.flatMap((one) => {
    const found = parts.find(([, { scenarios }]) =>
      scenarios.some(({ pattern }) => pattern === one.scenario),
    );
    if (found === undefined) return [];
    const [part, { core }] = found;
    return one.findings.map((finding) => {
      const id = `${one.id}#${finding.check}`;
      return { id, part, isCore: core.some((pattern) => matchPattern(pattern, id)), finding };
    });
  });
}

function partOf(name: string, { profiles }: Suite, judged: readonly JudgedCheck[]): CertifiedPart {
  const own = judged.filter(({ part }) => part === name);
  const core = tallyOf(own.filter(({ isCore }) => isCore));
  const extended = tallyOf(own.filter(({ isCore }) => !isCore));
  return {
    name,
    title: profiles[name]?.title ?? name,
    status: statusOf(core, extended),
    core,
    extended,
  };
}

// Core checks are asked for by a MUST: one that only warned, or was only recorded, does not hold either.
function statusOf(core: CheckTally, extended: CheckTally): CertifiedPart['status'] {
  if (core.failed + core.warned + core.recorded + extended.failed > 0) return 'failed';
  if (core.notApplicable === core.total) return 'not-supported';
  return core.notApplicable > 0 ? 'partial' : 'passed';
}

function tallyOf(checks: readonly JudgedCheck[]): CheckTally {
  const count = (...verdicts: readonly Finding['verdict'][]): number =>
    checks.filter(({ finding }) => verdicts.includes(finding.verdict)).length;
  return {
    total: checks.length,
    passed: count('passed'),
    failed: count('failed', 'errored', 'inconclusive', 'skipped'),
    warned: count('warned'),
    recorded: count('recorded'),
    notApplicable: count('not-applicable'),
  };
}

function isDeviation({ finding: { verdict } }: JudgedCheck): boolean {
  return !['passed', 'recorded', 'not-applicable'].includes(verdict);
}

function nameOf({ id, part, isCore, finding }: JudgedCheck): NamedVerdict {
  const { verdict, message, requirement } = finding;
  return {
    check: id,
    part,
    isCore,
    verdict,
    message,
    ...(requirement === undefined ? {} : { requirement }),
  };
}

/** The first part is what everything else rests on: without it nothing is certified. */
function reasonsOf(
  parts: readonly CertifiedPart[],
  deviations: readonly NamedVerdict[],
): readonly string[] {
  const [base] = parts;
  const lacking =
    base === undefined || base.status === 'passed' || base.status === 'failed'
      ? []
      : [
          `${base.name} is ${base.status}: ${base.core.notApplicable} of ${base.core.total} core checks do not apply`,
        ];
  const failed = parts.flatMap(({ name, status }) => {
    if (status !== 'failed') return [];
    const own = deviations.filter(({ part, verdict, isCore }) => {
      return part === name && (isCore || verdict !== 'warned');
    });
    return own.map(({ check, verdict, isCore, message }) => {
      return `${name}: ${check} ${verdict}${isCore ? ' (core)' : ''}: ${message}`;
    });
  });
  const nameless = parts.flatMap(({ name, status, core }) =>
    status === 'failed' && core.recorded > 0
      ? [`${name}: ${core.recorded} core checks only recorded`]
      : [],
  );
  return [...lacking, ...failed, ...nameless];
}

function notApplicableIn(judged: readonly JudgedCheck[]): Certificate['notApplicable'] {
  const counts = new Map<string, number>();
  for (const { finding } of judged) {
    const { verdict, reason = 'unknown' } = finding;
    if (verdict === 'not-applicable') counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
