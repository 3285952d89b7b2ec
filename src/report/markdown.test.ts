import { expect, test } from 'vitest';
import { findingOf, GREEN_RUN, HOSTILE_RUN, MIXED_CASE } from './fixture/run-result.ts';
import { renderMarkdown } from './markdown.ts';

test('a green run is three lines and a table', () => {
  expect(renderMarkdown(GREEN_RUN)).toBe(`### ✅ Passed: 1 check decided, none failed.

ws-assay 0.1.0 · suite <code>aws-apigateway</code> · target <code>reference</code> · 4.210 s · seed <code>a1b2c3d4e5</code>

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
    '| <code>a#status</code><br><code>scenarios/connect/authorizer-denies.yaml&#58;12:5</code> | status 401 | a &#124; b | <code>ws-assay run a</code> |',
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

test.each([
  ['Failed: 3 of 4 decided checks (10:30).', 'Failed: 3 of 4 decided checks (10:30).'],
  ["status-code TARGET_SILENT, it's {x} 'y' \"z\" + 1!", undefined],
  [
    'frame#pong, ws-assay run "connect/a[b=c]#d"',
    'frame#pong, ws-assay run "connect/a&#91;b=c&#93;#d"',
  ],
  ['http://evil.test', 'http&#58;//evil.test'],
  ['www.evil.test WWW.evil.test', 'www&#46;evil.test WWW&#46;evil.test'],
  ['mailto:a@evil.test', 'mailto&#58;a&#64;evil.test'],
  [':warning: a:b:c', '&#58;warning: a&#58;b:c'],
  ['closes #12, @octocat', 'closes &#35;12, &#64;octocat'],
  ['_a_ __b__ c_d', '&#95;a&#95; &#95;&#95;b&#95;&#95; c_d'],
  ['*a* ~~b~~ `c` $d$ \\e', '&#42;a&#42; &#126;&#126;b&#126;&#126; &#96;c&#96; &#36;d&#36; &#92;e'],
  ['[a](javascript:alert(1)) ![b](c)', '&#91;a&#93;(javascript:alert(1)) !&#91;b&#93;(c)'],
  ['<b>&lt;</b> a|b', '&#60;b&#62;&#38;lt;&#60;/b&#62; a&#124;b'],
  ['a\n\n# b\u202e', 'a\\u{a}\\u{a}# b\\u{202e}'.replaceAll('\\', '&#92;')],
])('only what means something is escaped: %s', (message, escaped = message) => {
  const problems = [{ code: 'X', message }];
  expect(renderMarkdown({ ...GREEN_RUN, problems })).toContain(`\n- <code>X</code>: ${escaped}\n`);
});

test('a run with a thousand failures stays short', () => {
  const findings = Array.from({ length: 1000 }, (_, at) => findingOf(`c${at}`, 'failed'));
  const text = renderMarkdown({ ...GREEN_RUN, cases: [{ ...MIXED_CASE, findings }], exitCode: 1 });
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('… and 975 more in the report.');
});
