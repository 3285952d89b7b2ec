import { expect, test } from 'vitest';
import { findingOf, GREEN_RUN, HOSTILE_RUN, MIXED_CASE } from './fixture/run-result.ts';
import { renderMarkdown } from './markdown.ts';

test('a green run is three lines and a table', () => {
  expect(renderMarkdown(GREEN_RUN)).toBe(`### ✅ Passed&#58; 1 check decided, none failed.

ws-assay 0.1.0 · suite <code>aws&#45;apigateway</code> · target <code>reference</code> · 4.210 s · seed <code>a1b2c3d4e5</code>

| ✓ passed |
| --: |
| 1 |
`);
});

test('a failure is a row with what was expected, what was seen and how to run it again', () => {
  const finding = findingOf('status', 'failed', { message: 'a | b', expected: 'status 401' });
  const cases = [{ ...MIXED_CASE, id: 'a', rerun: 'ws-assay run a', findings: [finding] }];
  const counts = { ...GREEN_RUN.counts, passed: 0, failed: 1 };
  expect(
    renderMarkdown({ ...GREEN_RUN, cases, counts, exitCode: 1 })
      .split('\n')
      .slice(8, -1),
  ).toEqual([
    '#### Failed',
    '',
    '| check | expected | actual | rerun |',
    '| --- | --- | --- | --- |',
    '| <code>a&#35;status</code><br><code>scenarios/connect/authorizer&#45;denies.yaml&#58;12&#58;5</code> | status 401 | a &#124; b | <code>ws&#45;assay run a</code> |',
  ]);
});

test('no text from outside can start markup, a mention, a link or a table cell', () => {
  const text = renderMarkdown(HOSTILE_RUN);
  const own = text.replaceAll(/<\/?(code|br)>|&#\d+;/g, '');
  expect(own).not.toMatch(/[<>@`[\]\\]/);
  expect(
    text
      .split('\n')
      .filter((line) => line.startsWith('| <code>'))
      .every((line) => line.split('|').length === 6),
  ).toBe(true);
});

test('a run with a thousand failures stays short', () => {
  const findings = Array.from({ length: 1000 }, (_, at) => findingOf(`c${at}`, 'failed'));
  const text = renderMarkdown({ ...GREEN_RUN, cases: [{ ...MIXED_CASE, findings }], exitCode: 1 });
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('… and 975 more in the report.');
});
