// One case of a bundle against what the profile asks of it and against its own records. Pure.
import { judgeAgain, unlikeTheWhole } from '../check/judge-again.ts';
import { SURVIVAL_CHECK } from '../result/baseline.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { inPackage } from './bundle-result.ts';
import { firstDifference } from './first-difference.ts';
import type { GoldenCase, LevelOf } from './golden-list.ts';
import { verifyLoad } from './verify-load.ts';

/** What is wrong with it; `check` is `#id`, or empty where it is the case itself. */
export interface CaseProblem {
  readonly check: string;
  readonly message: string;
}

/** What judging rests on besides the case. */
export interface AboutTarget {
  readonly features: ReadonlySet<string>;
  readonly levelOf: LevelOf;
}

/** All that is wrong with a case. */
export function verifyCase(
  one: CaseResult,
  golden: GoldenCase,
  about: AboutTarget,
): readonly CaseProblem[] {
  if (golden.kind === 'not-applicable') {
    const expected = golden.findings.map((finding) => inPackage(finding, golden.scenario));
    return [
      ...(one.records.length === 0 ? [] : [whole('has records, and does not apply to the target')]),
      ...compareFindings(one, expected),
    ];
  }
  const { judging, load } = one;
  if (load !== undefined) {
    return [...headProblems(one, golden.spec), ...verifyLoad({ ...one, load }, golden.spec, about)];
  }
  if (judging === undefined) return [whole('does not say how it was judged')];
  const { spec } = golden;
  return [
    ...headProblems(one, spec),
    ...misnumbered(one),
    ...rejudged({ ...one, judging }, spec, about),
  ];
}

function whole(message: string): CaseProblem {
  return { check: '', message };
}

function headProblems(
  one: CaseResult,
  { title, axes, scenario }: CaseSpec,
): readonly CaseProblem[] {
  const said = { title: one.title, axes: one.axes, scenario: one.scenario };
  const unlike = firstDifference({ title, axes, scenario }, said);
  return unlike === undefined
    ? []
    : [whole(`has ${unlike.path} ${unlike.actual}, and the scenario ${unlike.expected}`)];
}

/** Records are numbered as they came, so that none can be taken out. */
function misnumbered({ records }: CaseResult): readonly CaseProblem[] {
  const at = records.findIndex(({ seq }, index) => seq !== index + 1);
  return at < 0 ? [] : [whole(`lacks record ${at + 1}: the next one is ${records[at]?.seq}`)];
}

function rejudged(
  one: CaseResult & { readonly judging: NonNullable<CaseResult['judging']> },
  { checks }: CaseSpec,
  about: AboutTarget,
): readonly CaseProblem[] {
  const asked = { ...about, checks };
  const found = judgeAgain(one, asked);
  const expected = checks.flatMap(({ id }) => {
    const finding = found.get(id);
    return finding === undefined ? [] : [inPackage(finding, one.scenario)];
  });
  const undecided = checks
    .filter(({ id }) => !found.has(id))
    .map(({ id }) => ({
      check: `#${id}`,
      message: 'its records do not decide it where it says so',
    }));
  const early = one.findings.flatMap((finding) => {
    if (finding.check === SURVIVAL_CHECK || !found.has(finding.check)) return [];
    const unlike = isWeakened(one, finding, found.get(finding.check))
      ? undefined
      : unlikeTheWhole(one, asked, finding);
    const message = `is ${finding.verdict} at the record where it says so, and not by all of its records: ${unlike}`;
    return unlike === undefined ? [] : [{ check: `#${finding.check}`, message }];
  });
  return [...undecided, ...compareFindings(one, expected), ...early];
}

function compareFindings(one: CaseResult, expected: readonly Finding[]): readonly CaseProblem[] {
  const said = new Map(one.findings.map((finding) => [finding.check, finding]));
  const known = new Set(expected.map(({ check }) => check));
  return [
    ...expected.flatMap((finding) => compareFinding(one, finding, said.get(finding.check))),
    ...one.findings
      .filter(({ check }) => !known.has(check) && !(check === SURVIVAL_CHECK && one.targetDied))
      .map(({ check }) => ({ check: `#${check}`, message: 'does not follow from its records' })),
  ];
}

function compareFinding(
  one: CaseResult,
  expected: Finding,
  said: Finding | undefined,
): readonly CaseProblem[] {
  const check = `#${expected.check}`;
  if (said === undefined) return [{ check, message: 'is asked by its scenario and not there' }];
  if (isWeakened(one, said, expected)) return [];
  // As both are saved: what is undefined is not there.
  const unlike = firstDifference(expected, said);
  if (unlike === undefined) return [];
  const { path, actual, expected: follows } = unlike;
  return [{ check, message: `says ${path} ${actual}, and from its records follows ${follows}` }];
}

/** What a death of the target left open counts against it, which no record of the case says. */
function isWeakened(one: CaseResult, said: Finding, expected: Finding | undefined): boolean {
  return (
    one.targetDied !== undefined && expected?.verdict === 'errored' && said.verdict !== 'passed'
  );
}
