// Of the cases that were selected: which are run, which do not apply, which take too long.
import { ToolError } from '../base/errors.ts';
import type { CaseResult } from '../result/run-result.ts';
import { type Beside, missingNeed, undrivenResult } from '../run/undriven.ts';
import type { CaseSpec, Tier } from '../scenario/model.ts';
import { includesTier } from '../scenario/tier.ts';

/** Every case that was selected, once. */
export interface Divided {
  readonly runnable: readonly CaseSpec[];
  readonly notApplicable: readonly CaseResult[];
  /** Cases of tiers that were not asked for. */
  readonly leftOut: readonly CaseResult[];
}

/** What decides. */
interface Dividing {
  readonly features: ReadonlySet<string>;
  readonly levelOf: Beside['levelOf'];
  readonly rerunOf: (spec: CaseSpec) => string;
  readonly tier: Tier;
}

/** Into what is run, what does not apply, and what applies but takes longer than was asked for. */
export function divide(
  cases: readonly CaseSpec[],
  { features, levelOf, rerunOf, tier }: Dividing,
  unexpanded: readonly CaseResult[],
): Divided {
  const lacking = cases.map((spec) => ({ spec, feature: missingNeed(spec, features) }));
  const applicable = lacking.flatMap(({ spec, feature }) => (feature === undefined ? [spec] : []));
  const beside = (spec: CaseSpec): Beside => ({
    levelOf,
    rerun: rerunOf(spec),
  });
  return {
    runnable: applicable.filter((spec) => includesTier(tier, spec.tier)),
    leftOut: applicable
      .filter((spec) => !includesTier(tier, spec.tier))
      .map((spec) => {
        const { tier: own, waitMs } = spec;
        return undrivenResult(spec, { verdict: 'skipped', tier: own, waitMs }, beside(spec));
      }),
    notApplicable: [
      ...unexpanded,
      ...lacking.flatMap(({ spec, feature }) =>
        feature === undefined
          ? []
          : [undrivenResult(spec, { verdict: 'not-applicable', feature }, beside(spec))],
      ),
    ],
  };
}

/**
 * A run of nothing but what was left out would have the looks of a run.
 *
 * @throws {ToolError} NOTHING_MATCHED
 */
export function demandSome({ runnable, notApplicable, leftOut }: Divided, tier: Tier): void {
  const [first] = leftOut;
  if (first === undefined || runnable.length + notApplicable.length > 0) return;
  const [finding] = first.findings;
  throw new ToolError(
    'NOTHING_MATCHED',
    `What is selected takes longer than tier ${tier} allows. Nothing was run.`,
    { hint: `${first.id}: ${finding?.message ?? ''}` },
  );
}
