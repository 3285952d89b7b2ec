// The run as a bundle keeps it: without the paths of the machine on which it was made.
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RunResult } from '../result/run-result.ts';

/** The same run; every place names its scenario's file in the package. */
export function bundleResult(result: RunResult): RunResult {
  return { ...result, cases: result.cases.map(caseInPackage) };
}

/** A finding of a scenario, placed in the package. */
export function inPackage(finding: Finding, scenario: string): Finding {
  return { ...finding, span: { ...finding.span, file: fileOf(scenario) } };
}

function caseInPackage(one: CaseResult): CaseResult {
  const findings = one.findings.map((finding) => inPackage(finding, one.scenario));
  return { ...one, file: fileOf(one.scenario), findings };
}

function fileOf(scenario: string): string {
  return `scenarios/${scenario}.yaml`;
}
