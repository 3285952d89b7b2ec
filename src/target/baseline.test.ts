import { describe, expect, it } from 'vitest';
import { listChecks } from '../scenario/cross-check.ts';
import { renderDiagnostics } from '../scenario/diagnostic.ts';
import { parseScenario } from '../scenario/parse.ts';
import { expiresSoon, otherTarget, parseBaseline, unknownChecks } from './baseline.ts';

const GOOD = `# yaml-language-server: $schema=../../schema/baseline-1.schema.json
target: emulator@14
entries:
  - check: authorizer/throws#unauthorized-is-401
    verdict: failed
    actual: { handshake.status: 500, closed.by: null }
    reason: A thrown Unauthorized becomes 500.
    issue: https://example.com/1
    expires: 2027-03-01
`;

it('reads a file whole', () => {
  expect(parse(GOOD)).toMatchObject({
    baseline: {
      file: 'baseline.yaml',
      target: { text: 'emulator@14' },
      entries: [
        {
          check: 'authorizer/throws#unauthorized-is-401',
          verdict: 'failed',
          actual: { 'handshake.status': 500, 'closed.by': null },
          reason: 'A thrown Unauthorized becomes 500.',
          issue: 'https://example.com/1',
          expires: '2027-03-01',
          span: { file: 'baseline.yaml', line: 4, column: 12 },
        },
      ],
    },
  });
});

it('says every mistake of a file at once, in place, with what to write', () => {
  expect(
    mistakesIn(`target: x
entries:
  - check: connect/throws
    verdict: fails
    actual: {}
    reason: TODO
    expires: 2027-02-30
    owner: me
  - check: connect/*#c
    expires: tomorrow
  - check: a/b#c
    verdict: warned
    actual: { x: 1 }
    reason: r
    expires: 2027-01-01
  - check: a/b[x=1]#c
    verdict: warned
    actual: { x: 1 }
    reason: r
    expires: 2027-01-01
`),
  ).toMatchInlineSnapshot(`
    "baseline.yaml:3:12 - error SCN_BAD_VALUE: "connect/throws" is not the id of a check

      2 | entries:
    > 3 |   - check: connect/throws
        |            ^^^^^^^^^^^^^^ write <scenario>#<check> or <scenario>[axis=value]#<check>, no pattern

    baseline.yaml:4:14 - error SCN_BAD_VALUE: "fails" is not one of failed, warned

      3 |   - check: connect/throws
    > 4 |     verdict: fails
        |              ^^^^^ did you mean "failed"?

    baseline.yaml:5:13 - error BSL_NO_EVIDENCE: the entry of connect/throws does not say how it fails

      4 |     verdict: fails
    > 5 |     actual: {}
        |             ^^ write what the report shows: { handshake.status: 500 }

    baseline.yaml:6:13 - error BSL_NO_REASON: nobody has written yet why connect/throws deviates

      5 |     actual: {}
    > 6 |     reason: TODO
        |             ^^^^ write the reason

    baseline.yaml:7:14 - error BSL_BAD_DATE: "2027-02-30" is not a day of the calendar

      6 |     reason: TODO
    > 7 |     expires: 2027-02-30
        |              ^^^^^^^^^^ write year, month, day: 2027-03-01

    baseline.yaml:8:5 - error SCN_UNKNOWN_KEY: unknown key "owner"

      7 |     expires: 2027-02-30
    > 8 |     owner: me
        |     ^^^^^ write one of: check, verdict, actual, reason, issue, expires

    baseline.yaml:9:5 - error SCN_MISSING_KEY: "verdict" is missing

      8 |     owner: me
    > 9 |   - check: connect/*#c
        |     ^^^^^^^^^^^^^^^^^^ add verdict: one of failed, warned

    baseline.yaml:9:5 - error SCN_MISSING_KEY: "actual" is missing

      8 |     owner: me
    > 9 |   - check: connect/*#c
        |     ^^^^^^^^^^^^^^^^^^ add actual: a mapping

    baseline.yaml:9:5 - error SCN_MISSING_KEY: "reason" is missing

      8 |     owner: me
    > 9 |   - check: connect/*#c
        |     ^^^^^^^^^^^^^^^^^^ add reason: a text

    baseline.yaml:9:12 - error SCN_BAD_VALUE: "connect/*#c" is not the id of a check

      8 |     owner: me
    > 9 |   - check: connect/*#c
        |            ^^^^^^^^^^^ write <scenario>#<check> or <scenario>[axis=value]#<check>, no pattern

    baseline.yaml:10:14 - error BSL_BAD_DATE: "tomorrow" is not a date

       9 |   - check: connect/*#c
    > 10 |     expires: tomorrow
         |              ^^^^^^^^ write year, month, day: 2027-03-01

    baseline.yaml:16:12 - error BSL_DUPLICATE: a/b[x=1]#c has an entry already, in line 11: a/b#c

      15 |     expires: 2027-01-01
    > 16 |   - check: a/b[x=1]#c
         |            ^^^^^^^^^^ keep one of them

    12 errors in 1 file. Nothing was run."
  `);
});

it.each([
  ['no reason', '    reason: A thrown Unauthorized becomes 500.\n', '"reason" is missing'],
  [
    'no evidence',
    '    actual: { handshake.status: 500, closed.by: null }\n',
    '"actual" is missing',
  ],
  ['no expiry', '    expires: 2027-03-01\n', '"expires" is missing'],
  ['no verdict', '    verdict: failed\n', '"verdict" is missing'],
])('%s', (_, line, message) => {
  expect(mistakesIn(GOOD.replace(line, ''))).toContain(message);
});

it('reads an empty list as a baseline without entries', () => {
  expect(parse('entries: []\n')).toMatchObject({ baseline: { entries: [], target: undefined } });
});

describe('entries about checks that are not there', () => {
  const scenario = parseScenario({
    file: 'scenarios/connect/throws.yaml',
    id: 'connect/throws',
    text: `title: t
axes: { how: [early, late] }
steps: [{ connect: }]
checks: { status-502: { handshake: { status: 502 } } }
`,
  });
  const known = 'scenario' in scenario ? listChecks(scenario.scenario) : [];

  it.each<[string, string | undefined]>([
    ['connect/throws#status-502', undefined],
    ['connect/throws[how=late]#status-502', undefined],
    ['connect/throws[how=late]#target-survives', undefined],
    ['connect/throws#status-501', 'did you mean "connect/throws#status-502"?'],
    ['connect/throws[how=lat]#status-502', 'did you mean "connect/throws[how=late]#status-502"?'],
    ['conect/throws#status-502', 'did you mean "connect/throws#status-502"?'],
    ['nowhere/at-all#x', 'see what there is: ws-assay list'],
    ['nowhere/at-all#target-survives', 'see what there is: ws-assay list'],
  ])('%s', (check, hint) => {
    const { baseline } = demand(GOOD.replace('authorizer/throws#unauthorized-is-401', check));
    expect(unknownChecks(baseline, known).map((one) => [one.code, one.hint])).toEqual(
      hint === undefined ? [] : [['BSL_UNKNOWN_CHECK', hint]],
    );
  });
});

it.each([
  ['emulator', '14.8.2', true],
  ['emulator@14', '14.8.2', true],
  ['emulator@14.8', '14.8.2', true],
  ['emulator@14.8.2', '14.8.2', true],
  ['emulator@1', '14.8.2', false],
  ['emulator@15', '14.8.2', false],
  ['emulator@14', undefined, false],
  ['other@14', '14.8.2', false],
  ['emul', '14.8.2', false],
])('%s is for emulator %s: %s', (target, version, fits) => {
  const { baseline } = demand(GOOD.replace('emulator@14', `"${target}"`));
  expect(otherTarget(baseline, { name: 'emulator', version })).toHaveLength(fits ? 0 : 1);
});

it.each([
  ['2027-02-14', 0],
  ['2027-02-15', 1],
  ['2027-03-01', 1],
  // Expired: the run says so.
  ['2027-03-02', 0],
])('on %s there are %i warnings that it expires soon', (today, count) => {
  const found = expiresSoon(demand(GOOD).baseline, today);
  expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(
    Array.from({ length: count }, () => 'warning BSL_EXPIRES_SOON'),
  );
});

function parse(text: string): ReturnType<typeof parseBaseline> {
  return parseBaseline({ file: 'baseline.yaml', text });
}

function demand(text: string): Extract<ReturnType<typeof parseBaseline>, { baseline: object }> {
  const parsed = parse(text);
  if ('baseline' in parsed) return parsed;
  throw new Error(renderDiagnostics(parsed.diagnostics, { 'baseline.yaml': text }));
}

function mistakesIn(text: string): string {
  const parsed = parse(text);
  return 'diagnostics' in parsed
    ? renderDiagnostics(parsed.diagnostics, { 'baseline.yaml': text })
    : '';
}
