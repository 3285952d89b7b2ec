// A load of a bundle against its own result. Of a load a result keeps sums and no attempts: what was estimated is
// judged again, of the other thresholds only what the sums allow.
import { createLoadJudge } from '../check/load-judge.ts';
import type { Finding } from '../result/finding.ts';
import type { LoadResult } from '../result/load-result.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec, CheckSpec } from '../scenario/model.ts';
import { inPackage } from './bundle-result.ts';
import { firstDifference } from './first-difference.ts';
import type { AboutTarget, CaseProblem } from './verify-case.ts';

/** All that is wrong with a load, as far as it can be known. */
export function verifyLoad(
  one: CaseResult & { readonly load: LoadResult },
  spec: CaseSpec,
  { features, levelOf }: AboutTarget,
): readonly CaseProblem[] {
  if (spec.load === undefined && spec.throttle === undefined)
    return [{ check: '', message: 'has a load, and its scenario none' }];
  const judge = createLoadJudge({
    checks: spec.checks,
    levelOf,
    features,
    phases: spec.load?.phases ?? [],
    clocks: { isPlatform: false, boundMs: undefined },
  });
  const concluded = judge.conclude(one.load).map((finding) => inPackage(finding, one.scenario));
  const said = new Map(one.findings.map((finding) => [finding.check, finding]));
  const known = new Set(spec.checks.map(({ id }) => id));
  return [
    ...spec.checks.flatMap((check, index) =>
      compare(check, { said: said.get(check.id), again: concluded[index], load: one.load }),
    ),
    ...one.findings
      .filter(({ check }) => !known.has(check))
      .map(({ check }) => ({ check: `#${check}`, message: 'is not asked by its scenario' })),
  ];
}

function compare(
  { id, condition }: CheckSpec,
  {
    said,
    again,
    load,
  }: {
    readonly said: Finding | undefined;
    readonly again: Finding | undefined;
    readonly load: LoadResult;
  },
): readonly CaseProblem[] {
  const check = `#${id}`;
  if (said === undefined || again === undefined)
    return [{ check, message: 'is asked by its scenario and not there' }];
  const isWhole = condition.kind === 'estimate' || again.verdict === 'not-applicable';
  const unlike = isWhole
    ? firstDifference(again, said)
    : firstDifference(askedOf(again), askedOf(said));
  if (unlike !== undefined) {
    const message = `says ${unlike.path} ${unlike.actual}, and from the load follows ${unlike.expected}`;
    return [{ check, message }];
  }
  const doubt = load.generator.limits[0] ?? load.endedEarly;
  if (isWhole || doubt === undefined || said.verdict !== 'passed') return [];
  return [{ check, message: `is passed, and its load shows nothing for sure: ${doubt}` }];
}

/** What was asked: it is the same whatever came of it. */
function askedOf({ check, level, title, requirement, expected, span }: Finding) {
  return { check, level, title, requirement, expected, span };
}
