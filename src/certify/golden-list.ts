// What a profile asks of a target, case by case, from nothing but the profile and what the target told the plan: the
// list that a run has to have answered, all of it.
import type { CertifiedInputs } from '../result/certificate.ts';
import type { Finding } from '../result/finding.ts';
import { missingNeed, undrivenResult, unexpandedResult } from '../run/undriven.ts';
import { listChecks } from '../scenario/cross-check.ts';
import { expandScenario } from '../scenario/expand.ts';
import type { CaseSpec, CheckSpec, Level } from '../scenario/model.ts';
import type { ScenarioFile } from '../scenario/parse.ts';

/** A case that has to be there. */
export type GoldenCase = { readonly id: string; readonly scenario: string } & (
  | { readonly kind: 'driven'; readonly spec: CaseSpec }
  /** The target does not have what it needs: this and nothing else is to be said of it. */
  | { readonly kind: 'not-applicable'; readonly findings: readonly Finding[] }
);

/** A scenario of the profile, and the files beside it. */
export interface GoldenScenario {
  readonly scenario: ScenarioFile;
  readBeside(path: string): string | undefined;
}

/** Levels of checks. */
export type LevelOf = (check: Pick<CheckSpec, 'level' | 'requirement'>) => Level;

/** The list, or why a scenario cannot be expanded with such inputs. */
export function goldenList(
  scenarios: readonly GoldenScenario[],
  inputs: CertifiedInputs,
  levelOf: LevelOf,
): { readonly cases: readonly GoldenCase[]; readonly invalid: readonly string[] } {
  const features = new Set(inputs.features);
  const beside = { levelOf, rerun: '' };
  const invalid: string[] = [];
  const cases = scenarios.flatMap(({ scenario, readBeside }) =>
    expandScenario(scenario, { ...scopeOf(inputs), readBeside }).flatMap((one): GoldenCase[] => {
      if (one.kind === 'invalid') {
        invalid.push(`${one.id}: ${one.diagnostics[0]?.message ?? 'it cannot be expanded'}`);
        return [];
      }
      const { id } = scenario;
      if (one.kind === 'not-applicable') {
        const { findings } = unexpandedResult(one, listChecks(scenario), beside);
        return [{ kind: 'not-applicable', id: one.id, scenario: id, findings }];
      }
      const spec = one.case;
      const feature = missingNeed(spec, features);
      if (feature === undefined) return [{ kind: 'driven', id: spec.id, scenario: id, spec }];
      const { findings } = undrivenResult(spec, { verdict: 'not-applicable', feature }, beside);
      return [{ kind: 'not-applicable', id: spec.id, scenario: id, findings }];
    }),
  );
  return { cases, invalid };
}

function scopeOf({ vars, limits }: CertifiedInputs): Parameters<typeof expandScenario>[1] {
  return { vars, limits, env: () => undefined, registerSecret: () => undefined };
}
