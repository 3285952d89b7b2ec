// What the deaths of a launched target come to: the case that is to blame has failed, and a death
// that no case explains is a problem of the run.
import { SURVIVAL_CHECK } from '../result/baseline.ts';
import type { Finding } from '../result/finding.ts';
import type { RunEvent } from '../result/run-event.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { Death } from './station.ts';

/** A death, and the cases that may have brought it about. */
export interface UnclearDeath extends Death {
  readonly suspects: readonly CaseSpec[];
}

/** The deaths of a run and the cases found guilty of one. */
export interface Toll {
  add(death: UnclearDeath): void;
  convict(spec: CaseSpec): void;
  /** A process that served nobody lived that long. */
  sawAlive(ms: number): void;
  /** The longest such time; 0 where it was not tried. */
  seenAliveMs(): number;
  /** Every suspect of every death so far, once. */
  suspects(): readonly CaseSpec[];
  /** The deaths of which no suspect was found guilty. */
  unexplained(): readonly UnclearDeath[];
}

/** Starts with no deaths. */
export function newToll(): Toll {
  const deaths: UnclearDeath[] = [];
  const guilty = new Set<string>();
  let aliveMs = 0;
  return {
    add: (death) => {
      deaths.push(death);
    },
    convict: ({ id }) => {
      guilty.add(id);
    },
    sawAlive: (ms) => {
      aliveMs = Math.max(aliveMs, ms);
    },
    seenAliveMs: () => aliveMs,
    suspects: () => [...new Set(deaths.flatMap(({ suspects }) => suspects))],
    unexplained: () => deaths.filter(({ suspects }) => !suspects.some(({ id }) => guilty.has(id))),
  };
}

/** The problem of a death that nobody was found guilty of. */
export function deathProblem({ how, suspects }: UnclearDeath): RunEvent {
  const ids = suspects.map(({ id }) => id).join(', ');
  const when = ids === '' ? 'while no case was running' : `while these ran, or just after: ${ids}`;
  return {
    event: 'problem',
    problem: {
      code: 'TARGET_DIED',
      message: `The target's process ended ${when} (${how}).`,
      hint: 'No case was seen to end it when it ran alone on a fresh process.',
    },
  };
}

/**
 * The result of a case that ends the target's process: what was decided before stands, what was
 * not has failed, and so has the case as such, in a finding of its own (`target-survives`).
 */
export function blamed(result: CaseResult, spec: CaseSpec, death: Death): CaseResult {
  const { where, evidence } = lastStep(result, death);
  const message = `The target's process ended${where}: ${death.how}.`;
  const span = spec.steps[0]?.span ?? spec.checks[0]?.span;
  const survival: readonly Finding[] =
    span === undefined
      ? []
      : [
          {
            ...SURVIVAL,
            message,
            actual: { 'target.output': death.lastLines },
            deviation: diedOf(death),
            span,
            evidence,
          },
        ];
  const findings = result.findings.map((finding) => failedBy(finding, { message, death }));
  return { ...result, findings: [...findings, ...survival], targetDied: death.how };
}

const SURVIVAL = {
  check: SURVIVAL_CHECK,
  verdict: 'failed',
  level: 'must',
  title: "The target's process survives the case",
  expected: "the target's process runs on",
} as const;

function lastStep(
  { records }: CaseResult,
  { atUs }: Death,
): { readonly where: string; readonly evidence: readonly number[] } {
  for (const record of records.toReversed()) {
    if (record.kind !== 'step' || record.phase !== 'begun' || record.atUs > atUs) continue;
    return {
      where: ` after step ${record.index} (${record.verb}) had begun`,
      evidence: [record.seq],
    };
  }
  return { where: '', evidence: [] };
}

function failedBy(
  finding: Finding,
  { message, death }: { readonly message: string; readonly death: Death },
): Finding {
  if (finding.verdict !== 'errored') return finding;
  const { reason: _, ...rest } = finding;
  const verdict = WHEN_VIOLATED[finding.level];
  const deviates = verdict !== 'recorded';
  return { ...rest, verdict, message, ...(deviates ? { deviation: diedOf(death) } : {}) };
}

function diedOf({ how }: Death): NonNullable<Finding['deviation']> {
  return { 'target.ended': how };
}

const WHEN_VIOLATED = { must: 'failed', should: 'warned', may: 'recorded' } as const;
