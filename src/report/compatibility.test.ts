import { expect, it } from 'vitest';
import type { Finding } from '../result/finding.ts';
import type { CaseResult, RunResult } from '../result/run-result.ts';
import { renderCompatibility } from './compatibility.ts';
import { findingOf, GREEN_RUN, HOSTILE } from './fixture/run-result.ts';

const GOOD = runOf('good', [
  caseOf('connect/opens', [findingOf('a', 'passed'), findingOf('b', 'recorded')]),
  caseOf('connect/closes[code=1]', [findingOf('a', 'passed')]),
  caseOf('connect/closes[code=2]', [findingOf('a', 'passed')]),
  caseOf('limits/idle', [findingOf('seen', 'recorded')]),
]);

const POOR = runOf('poor', [
  caseOf('connect/opens', [
    findingOf('a', 'failed', {
      requirement: 'connect.opens',
      message: 'the answer was 500',
      baseline: {
        state: 'expected-failure',
        message: 'known',
        entry: {
          check: 'connect/opens#a',
          verdict: 'failed',
          actual: { 'handshake.status': 500 },
          reason: 'It is so. server.js:7',
          expires: '2027-03-01',
          span: { file: 'b.yaml', line: 1, column: 1, length: 1 },
        },
      },
    }),
    findingOf('b', 'passed'),
  ]),
  caseOf('connect/closes[code=1]', [findingOf('a', 'warned')]),
  caseOf('connect/closes[code=2]', [findingOf('a', 'passed')]),
  caseOf('limits/idle', [findingOf('seen', 'not-applicable')]),
  caseOf('limits/size', [findingOf('a', 'errored')]),
]);

it('has a row for each scenario, a column for each run, and each deviation with its command', () => {
  const page = renderCompatibility([GOOD, POOR]);
  expect(page.slice(page.indexOf('## connect'))).toBe(`## connect

| behaviour | good | poor |
|---|---|---|
| Title of connect/closes<br>\`connect/closes\` | ✓ 2 | [▲ 1/2](#connectcloses-on-poor) |
| Title of connect/opens<br>\`connect/opens\` | ✓ 1 | [✗ 1/2](#connectopens-on-poor) |

## limits

| behaviour | good | poor |
|---|---|---|
| Title of limits/idle<br>\`limits/idle\` | · | – |
| Title of limits/size<br>\`limits/size\` |  | ? |

## Deviations of The poor one 1.2.3

### connect/closes on poor

\`npx ws-assay run 'connect/closes[code=1]' --target poor --no-baseline\`

- **a** warned: expected status 101; a warned.

### connect/opens on poor

\`npx ws-assay run connect/opens --target poor --no-baseline\`

- **a** failed (\`connect.opens\`): expected status 101; the answer was 500. It is so. server.js:7
`);
  expect(page).toContain('| The good one | 1.2.3 | 2026-11-24 | 0.1.0 | 3 | 0 | 0 | 0 |');
});

it('what a target says stays text', () => {
  const page = renderCompatibility([
    runOf('poor', [caseOf('connect/opens', [findingOf('a', 'failed', { message: HOSTILE })])]),
  ]);
  expect(page).not.toContain('<img');
  expect(page).not.toContain('\u001b');
  const [, line = ''] = /^(- \*\*a\*\*.*)$/m.exec(page) ?? [];
  expect(line).toContain('&lt;/script>');
});

function caseOf(id: string, findings: readonly Finding[]): CaseResult {
  const scenario = id.replace(/\[.*$/, '');
  const shown = id === scenario ? id : `'${id}'`;
  return {
    ...(GREEN_RUN.cases[0] as CaseResult),
    id,
    scenario,
    title: `Title of ${scenario}`,
    findings,
    rerun: `npx ws-assay run ${shown} --target poor`,
  };
}

function runOf(name: string, cases: readonly CaseResult[]): RunResult {
  const findings = cases.flatMap((one) => one.findings);
  const of = (verdict: Finding['verdict']): number =>
    findings.filter((one) => one.verdict === verdict).length;
  return {
    ...GREEN_RUN,
    startedAt: '2026-11-24T01:02:03.000Z',
    tool: { name: 'ws-assay', version: '0.1.0' },
    target: { ...GREEN_RUN.target, name, title: `The ${name} one`, version: '1.2.3' },
    cases,
    counts: {
      ...GREEN_RUN.counts,
      passed: of('passed'),
      failed: of('failed'),
      warned: of('warned'),
      'not-applicable': name === 'good' ? 0 : of('not-applicable'),
    },
  };
}
