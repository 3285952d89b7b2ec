// What every report says of a run that is held against a baseline.
import { expect, it } from 'vitest';
import { conclude } from './conclusion.ts';
import { createConsoleListener } from './console.ts';
import { BASELINE_RUN } from './fixture/run-result.ts';
import { renderHtml } from './html.tsx';
import { parseRunResult, renderJson } from './json.ts';
import { renderJUnit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { countStandings } from './standing.ts';
import { renderSummary } from './summary.ts';

it('is counted apart from failures', () => {
  expect(countStandings(BASELINE_RUN)).toMatchObject({
    failed: 1,
    known: 1,
    'unlike-baseline': 4,
    passed: 0,
  });
  expect(conclude(BASELINE_RUN)).toMatchObject({
    outcome: 'failed',
    sentence:
      'Failed: 1 of 5 decided checks failed; 4 checks not as the baseline says; 1 known deviation.',
  });
  expect(BASELINE_RUN.exitCode).toBe(1);
});

it('stands in the summary: what is known briefly, what is not in full', () => {
  const text = renderSummary(BASELINE_RUN, { color: false });
  const [head = ''] = text.split('\n\n');
  expect(head).toMatch(/^✗ connect\/opens#new: /);
  expect(text).toContain(
    [
      '≠ connect/opens#other: The upgrade is refused when the authorizer denies',
      '  expected     status 101',
      '  actual       other failed',
      '               handshake.status = 101',
      '  baseline     handshake.status is 101, the entry says 500',
      '               targets/reference/baseline.yaml:4:12, until 2027-03-01: Its authorizer is not asked. (https://example.com/issues/7)',
      '               handshake.status = 500',
    ].join('\n'),
  );
  expect(text).toContain(
    [
      'Unlike the baseline',
      '  connect/opens#gone: it was not judged: remove its entry, targets/reference/baseline.yaml:4:12',
    ].join('\n'),
  );
  expect(text).toContain(
    ['Known deviations', '  Its authorizer is not asked.: 1 check (connect/opens#known)'].join(
      '\n',
    ),
  );
  expect(text).toContain('1 failed · 4 unlike the baseline · 1 known · decided 5 of 5 checks');
});

it('is told while the run goes on: not what is known', () => {
  let told = '';
  const listener = createConsoleListener({
    write: (text) => {
      told += text;
    },
    isTTY: false,
    color: false,
  });
  for (const result of BASELINE_RUN.cases) listener.onEvent({ event: 'case-ended', result });
  expect(told).toContain('1 failed, 3 unlike the baseline, 1 known');
  expect(told).toContain('≠ other: handshake.status is 101, the entry says 500');
  expect(told).not.toContain(' known:');
});

it('is skipped in JUnit with its reason, and fails there where it is another one', () => {
  const xml = renderJUnit(BASELINE_RUN);
  expect(xml).toContain('tests="6" failures="5" errors="0" skipped="1"');
  expect(testCase(xml, 'known')).toContain(
    '<skipped message="expected failure: Its authorizer is not asked. (https://example.com/issues/7)">',
  );
  expect(testCase(xml, 'known')).toContain('name="baseline" value="expected-failure"');
  const types = ['other', 'mended', 'expired', 'baseline connect/opens#gone', 'new'].map(
    (name) => /<failure [^>]*type="([^"]*)"/.exec(testCase(xml, name))?.[1],
  );
  expect(types).toEqual([
    'baseline.failing-differently',
    'baseline.unexpected-pass',
    'baseline.expired',
    'baseline.not-judged',
    'must',
  ]);
});

it('has its own group in HTML, with reason, evidence and the last day', () => {
  const html = renderHtml(BASELINE_RUN);
  const known = section(html, 'known');
  for (const text of ['Its authorizer is not asked.', 'handshake.status = 101', '2027-03-01']) {
    expect(known).toContain(text);
  }
  expect(known).not.toContain('connect/opens#other');
  const unlike = section(html, 'unlike-baseline');
  for (const check of ['other', 'mended', 'expired', 'gone']) {
    expect(unlike).toContain(`connect/opens#${check}`);
  }
  expect(section(html, 'failed')).toContain('connect/opens#new');
  expect(section(html, 'failed')).not.toContain('connect/opens#known');
  expect(html).not.toContain('<img');
});

it('is in the Markdown summary', () => {
  const text = renderMarkdown(BASELINE_RUN);
  const [, known = ''] = text.split('#### Known deviations');
  expect(known).toContain('Its authorizer is not asked.');
  const [, unlike = ''] = text.split('#### Unlike the baseline');
  expect(unlike.split('####')[0]).toContain('connect/opens#other');
  expect(text).toContain('Entries of the baseline that nothing answers to');
});

it('is saved and read back', () => {
  const parsed = parseRunResult(renderJson(BASELINE_RUN));
  expect(parsed).toMatchObject({ kind: 'result' });
  const result = parsed.kind === 'result' ? parsed.result : undefined;
  expect(result && renderHtml(result)).toBe(renderHtml(BASELINE_RUN));
});

function testCase(xml: string, name: string): string {
  const found = xml.split('<testcase ').find((one) => one.includes(` name="${name}"`));
  return found ?? `no test case ${name}`;
}

function section(html: string, id: string): string {
  const [, rest = ''] = html.split(`<section id="${id}"`);
  return rest.split('</section>')[0] ?? '';
}
