// A run as JUnit XML: a suite is a scenario, a test case is a check of a case. What could not be
// tested is an `error`, never `skipped`, and a run that is not a success always shows one.
import type { StaleEntry } from '../result/baseline.ts';
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RunProblem, RunResult } from '../result/run-result.ts';
import { conclude } from './conclusion.ts';
import { actualLines, detailRows } from './detail.ts';
import type { Entry } from './entry.ts';
import { axesText, entriesOf } from './entry.ts';
import { groupBy } from './group.ts';
import type { JUnitCase, JUnitDialect, JUnitOutcome, JUnitSuite } from './junit-document.ts';
import { junitDocument } from './junit-document.ts';
import { loadFacts } from './load-lines.ts';
import { standingOf } from './standing.ts';

/** How the document is written. */
export interface JUnitOptions {
  /** @default 'ci' */
  readonly dialect?: JUnitDialect;
  /** Files to point at from failed test cases, e.g. the HTML report. @default [] */
  readonly attachments?: readonly string[];
}

/** Renders `result` as one XML document. */
export function renderJUnit(result: RunResult, options: JUnitOptions = {}): string {
  const suites = [...scenarioSuites(result, options.attachments ?? []), ...runSuite(result)];
  return junitDocument(withWitness(suites, result), options.dialect ?? 'ci');
}

function scenarioSuites(result: RunResult, attachments: readonly string[]): readonly JUnitSuite[] {
  const entries = groupBy(entriesOf(result), ({ of }) => of);
  const cases = groupBy(result.cases, ({ scenario }) => scenario);
  const notRun = groupBy(result.notRun, scenarioOf);
  const scenarios = new Set([...cases.keys(), ...notRun.keys()]);
  return [...scenarios].map((scenario) => {
    const ran = cases.get(scenario) ?? [];
    return {
      name: scenario,
      timestamp: startOf(result, ran[0]),
      seconds: ran.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1e6,
      properties: suiteProperties(result),
      cases: [
        ...ran.flatMap((one) => caseTests(result, one, entries.get(one) ?? [], attachments)),
        ...(notRun.get(scenario) ?? []).map((id) => notRunTest(scenario, id)),
      ],
    };
  });
}

function caseTests(
  result: RunResult,
  of: CaseResult,
  entries: readonly Entry[],
  attachments: readonly string[],
): readonly JUnitCase[] {
  if (entries.length === 0) return [undecidedTest(of)];
  const seconds = of.durationUs / 1e6 / entries.length;
  return entries.map((entry) => ({
    className: classNameOf(of.scenario),
    name: [entry.finding.check, axesText(of)].filter((part) => part !== '').join(' '),
    seconds,
    file: entry.finding.span.file,
    line: entry.finding.span.line,
    properties: { ...testProperties(entry), ...loadProperties(of) },
    outcome: outcomeOf(entry, result.policy),
    output: [...outputOf(entry), ...loadOutput(of)],
    attachments,
  }));
}

function outcomeOf(entry: Entry, policy: RunResult['policy']): JUnitOutcome {
  const { finding } = entry;
  const body = (): string =>
    detailRows(entry)
      .flatMap(({ label, lines }) =>
        lines.map((line, at) => `${at === 0 ? label.padEnd(12) : ' '.repeat(12)} ${line}`),
      )
      .join('\n');
  const standing = standingOf(finding);
  switch (standing) {
    case 'passed':
    case 'recorded':
      return { kind: 'passed' };
    case 'known':
      return { kind: 'skipped', message: knownMessage(finding) };
    case 'unlike-baseline': {
      const { state = '', message = '' } = finding.baseline ?? {};
      return { kind: 'failure', type: `baseline.${state}`, message, body: body() };
    }
    case 'failed':
      return { kind: 'failure', type: finding.level, message: finding.message, body: body() };
    case 'warned':
      return policy.failOn === 'should'
        ? { kind: 'failure', type: finding.level, message: finding.message, body: body() }
        : { kind: 'passed' };
    case 'errored':
    case 'inconclusive':
      return { kind: 'error', type: standing, message: finding.message, body: body() };
    case 'skipped':
    case 'not-applicable':
      break;
  }
  return { kind: 'skipped', message: skippedMessage(finding) };
}

function skippedMessage({ verdict, reason, message }: Finding): string {
  const word = verdict === 'skipped' ? 'skipped' : 'not applicable';
  return [word, reason, message].filter((part) => part !== undefined && part !== '').join(': ');
}

function knownMessage({ baseline }: Finding): string {
  const { reason = '', issue } = baseline?.entry ?? {};
  return `expected failure: ${reason}${issue === undefined ? '' : ` (${issue})`}`;
}

function outputOf({ of, finding, refusals }: Entry): readonly string[] {
  const died = of.targetDied === undefined ? [] : [`target died: ${of.targetDied}`];
  const told = [...refusals, ...died];
  switch (finding.verdict) {
    case 'warned':
      return [
        `warning (${finding.level}): ${finding.message}`,
        ...actualLines(finding.actual),
        `rerun: ${of.rerun}`,
        ...told,
      ];
    case 'recorded':
      return [`recorded: ${finding.message}`, ...actualLines(finding.actual), ...told];
    case 'failed':
    case 'errored':
    case 'inconclusive':
      return [`rerun: ${of.rerun}`, ...died];
    case 'passed':
      return told;
    case 'skipped':
    case 'not-applicable':
      break;
  }
  return died;
}

function testProperties({ id, finding }: Entry): Readonly<Record<string, string>> {
  return {
    check: id,
    verdict: finding.verdict,
    level: finding.level,
    ...(finding.requirement === undefined ? {} : { requirement: finding.requirement }),
    ...baselineProperties(finding),
  };
}

/** The figures that a dashboard draws from run to run. */
function loadProperties({ load }: CaseResult): Readonly<Record<string, string>> {
  if (load === undefined) return {};
  const { total, latency, generator } = load;
  const refused = Object.values(total.refused).reduce((sum, one) => sum + one, 0);
  const times = latency['intended'] ?? latency['upgrade'];
  return {
    'load.offered': String(total.offered),
    'load.opened': String(total.opened),
    'load.refused': String(refused),
    'load.unsent': String(total.unsent),
    'load.peak-open': String(load.peakOpen),
    ...(times === undefined
      ? {}
      : { 'load.p50-ms': String(times.p50Ms), 'load.p99-ms': String(times.p99Ms) }),
    'load.lateness-p99-ms': String(generator.lateness.p99Ms),
  };
}

function loadOutput({ load }: CaseResult): readonly string[] {
  if (load === undefined) return [];
  return loadFacts(load).map(({ label, text }) => `${label}: ${text}`);
}

function baselineProperties({ baseline }: Finding): Readonly<Record<string, string>> {
  if (baseline === undefined) return {};
  const { state, entry } = baseline;
  return { baseline: state, reason: entry.reason, expires: entry.expires };
}

function suiteProperties(result: RunResult): Readonly<Record<string, string>> {
  return {
    tool: `${result.tool.name} ${result.tool.version}`,
    run: result.runId,
    target: result.target.name,
    'fail-on': result.policy.failOn,
  };
}

function undecidedTest(of: CaseResult): JUnitCase {
  const message = of.targetDied ?? 'The case ended without any finding.';
  return {
    ...erroredTest(classNameOf(of.scenario), `case ${axesText(of)}`.trim(), 'errored', message),
    seconds: of.durationUs / 1e6,
    file: of.file,
    output: [`rerun: ${of.rerun}`],
  };
}

function notRunTest(scenario: string, id: string): JUnitCase {
  const name = `not run ${id.slice(scenario.length)}`.trim();
  return erroredTest(classNameOf(scenario), name, 'not-run', `${id} was planned and never ran.`);
}

function runSuite(result: RunResult): readonly JUnitSuite[] {
  const cases = [...result.problems.map(problemTest), ...(result.stale ?? []).map(staleTest)];
  return cases.length === 0 ? [] : [suiteOfRun(result, cases)];
}

function staleTest({ check, state, message, entry }: StaleEntry): JUnitCase {
  return {
    className: RUN_CLASS,
    name: `baseline ${check}`,
    seconds: 0,
    file: entry.span.file,
    line: entry.span.line,
    properties: { baseline: state, reason: entry.reason, expires: entry.expires },
    outcome: {
      kind: 'failure',
      type: `baseline.${state}`,
      message: `${check}: ${message}`,
      body: '',
    },
    output: [],
    attachments: [],
  };
}

function problemTest({ code, message, hint }: RunProblem): JUnitCase {
  return erroredTest(RUN_CLASS, code, code, message, hint);
}

// What is no success must not look like one: neither a file without test cases nor a run that ended
// with another exit code than 0 and has no failure of its own to show.
function withWitness(suites: readonly JUnitSuite[], result: RunResult): readonly JUnitSuite[] {
  const cases = suites.flatMap((suite) => suite.cases);
  const shown = cases.some(({ outcome }) => outcome.kind === 'failure' || outcome.kind === 'error');
  if (shown || (cases.length > 0 && result.exitCode === 0)) return suites;
  const { outcome, sentence } = conclude(result);
  return [...suites, suiteOfRun(result, [erroredTest(RUN_CLASS, 'outcome', outcome, sentence)])];
}

const RUN_CLASS = 'ws-assay.run';

function suiteOfRun(result: RunResult, cases: readonly JUnitCase[]): JUnitSuite {
  return {
    name: 'ws-assay run',
    timestamp: result.startedAt,
    seconds: result.durationMs / 1e3,
    properties: { ...suiteProperties(result), command: result.command },
    cases,
  };
}

function erroredTest(
  className: string,
  name: string,
  type: string,
  message: string,
  body = '',
): JUnitCase {
  return {
    className,
    name,
    seconds: 0,
    properties: { verdict: 'errored' },
    outcome: { kind: 'error', type, message, body },
    output: [],
    attachments: [],
  };
}

// Jenkins takes what is before the last dot for the package: a path becomes a tree.
function classNameOf(scenario: string): string {
  return scenario.replaceAll('/', '.');
}

function scenarioOf(caseId: string): string {
  return caseId.replace(/\[.*$/s, '');
}

function startOf(result: RunResult, first: CaseResult | undefined): string {
  const start = Date.parse(result.startedAt);
  if (Number.isNaN(start)) return result.startedAt;
  const zero = Math.min(...result.cases.map(({ startedAtUs }) => startedAtUs));
  const offsetMs = first === undefined ? 0 : (first.startedAtUs - zero) / 1000;
  return new Date(start + offsetMs).toISOString();
}
