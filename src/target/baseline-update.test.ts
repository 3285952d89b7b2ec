import { describe, expect, it } from 'vitest';
import type { Finding } from '../result/finding.ts';
import { overlayCase } from '../result/overlay.ts';
import type { CaseResult } from '../result/run-result.ts';
import { parseBaseline } from './baseline.ts';
import { type BaselineUpdate, updateBaseline } from './baseline-update.ts';

const BEFORE = `# What it gets wrong.
target: emulator@14
entries:
  # Still so.
  - check: a/stays#c
    verdict: failed
    actual: { handshake.status: 500 } # not the body
    reason: >
      It is what it is,
      and it is known.
    expires: 2027-03-01
  # Mended one day.
  - check: a/mended#c
    verdict: failed
    actual: { handshake.status: 500 }
    reason: Nobody asks.
    expires: 2027-03-01

  - check: a/changes#c # seen in May
    verdict: failed
    actual: { handshake.status: 500 }
    reason: 'Quoted: kept.'
    issue: https://example.com/1
    expires: 2027-03-01
  - check: z/elsewhere#c
    verdict: warned
    actual: { closed.code: 1006 }
    reason: Another suite.
    expires: 2027-03-01
  - check: a/late#c
    verdict: failed
    actual: { handshake.status: 500 }
    reason: Expired.
    expires: 2026-01-01
`;

it('adds, changes and removes, and leaves alone what a person wrote', () => {
  const update = updated(BEFORE, [
    caseOf('a/stays', failing({ 'handshake.status': 500, 'handshake.body': 'x' })),
    caseOf('a/mended', finding('passed')),
    caseOf('a/changes', failing({ 'handshake.status': 503, 'handshake.body': 'y' }, 'warned')),
    caseOf('a/late', failing({ 'handshake.status': 500 })),
    caseOf('a/new[x=1]', failing({ '$connect.count': 0, 'received.json.a["b c"]': null })),
  ]);
  expect(update.text).toBe(`# What it gets wrong.
target: emulator@14
entries:
  # Still so.
  - check: a/stays#c
    verdict: failed
    actual: { handshake.status: 500 } # not the body
    reason: >
      It is what it is, and it is known.
    expires: 2027-03-01

  - check: a/changes#c # seen in May
    verdict: warned
    actual: { handshake.status: 503 }
    reason: 'Quoted: kept.'
    issue: https://example.com/1
    expires: 2027-03-01
  - check: z/elsewhere#c
    verdict: warned
    actual: { closed.code: 1006 }
    reason: Another suite.
    expires: 2027-03-01
  - check: a/late#c
    verdict: failed
    actual: { handshake.status: 500 }
    reason: Expired.
    expires: 2026-01-01
  - check: a/new[x=1]#c
    verdict: failed
    actual: { $connect.count: 0, 'received.json.a["b c"]': null }
    reason: TODO
    expires: 2027-02-20
`);
  expect(update).toMatchObject({
    added: ['a/new[x=1]#c'],
    changed: ['a/changes#c'],
    removed: ['a/mended#c'],
    expired: ['a/late#c'],
    withoutEvidence: [],
  });
});

it('a file that fits stays byte for byte as it is', () => {
  const text = BEFORE.replace("'Quoted: kept.'", '"Quoted:   kept."').replaceAll('\n', '\r\n');
  const update = updated(text, [
    caseOf('a/stays', failing({ 'handshake.status': 500 })),
    caseOf('a/mended', failing({ 'handshake.status': 500 })),
    caseOf('a/changes', failing({ 'handshake.status': 500 })),
    caseOf('a/late', failing({ 'handshake.status': 500 })),
  ]);
  expect(update.text).toBe(text);
});

it('makes a whole file where there is none, and the run after it finds nothing to say', () => {
  const cases = [
    caseOf('a/b[x=1]', failing({ 'handshake.status': 500 })),
    caseOf('a/b[x=2]', finding('passed')),
    caseOf(
      'a/c',
      failing({
        '$disconnect.schema': [
          '/a: must be one of its many values, and is none of them',
          '/b: likewise',
        ],
      }),
    ),
  ];
  const { text } = updated('', cases, { reason: 'Its backend is a stub: "no".' });
  expect(text).toBe(`# yaml-language-server: $schema=../../schema/baseline-1.schema.json
# What emulator is known to get wrong. Every reason is a person's; made and kept up by
# ws-assay baseline update.
target: "emulator@14.8.2"
entries:
  - check: a/b[x=1]#c
    verdict: failed
    actual: { handshake.status: 500 }
    reason: 'Its backend is a stub: "no".'
    expires: 2027-02-20
  - check: a/c#c
    verdict: failed
    actual:
      $disconnect.schema:
        - "/a: must be one of its many values, and is none of them"
        - "/b: likewise"
    reason: 'Its backend is a stub: "no".'
    expires: 2027-02-20
`);
  const entries = entriesIn(text);
  const info = { file: 'b.yaml', entries, unselected: 0 };
  const states = cases
    .flatMap((of) => overlayCase(of, info, '2026-11-22T00:00:00Z').findings)
    .map(({ baseline }) => baseline?.state);
  expect(states).toEqual(['expected-failure', undefined, 'expected-failure']);
  expect(updated(text, cases).text).toBe(text);
});

describe('an entry about every case', () => {
  const text = (actual: string): string => `entries:
  - check: a/b#c
    verdict: failed
    actual: ${actual}
    reason: Known.
    issue: X-1
    expires: 2027-03-01
`;

  it('gets other values where all cases have the same', () => {
    const update = updated(text('{ s: 1 }'), [
      caseOf('a/b[x=1]', failing({ s: 2 })),
      caseOf('a/b[x=2]', failing({ s: 2 })),
    ]);
    expect(update.text).toBe(text('{ s: 2 }'));
    expect(update.changed).toEqual(['a/b#c']);
  });

  it('becomes one of each case that deviates where some do not', () => {
    const update = updated(text('{ s: 1 }'), [
      caseOf('a/b[x=1]', failing({ s: 1 })),
      caseOf('a/b[x=2]', finding('passed')),
      caseOf('a/b[x=3]', failing({ s: 3 })),
    ]);
    expect(entriesIn(update.text)).toMatchObject([
      { check: 'a/b[x=1]#c', actual: { s: 1 }, reason: 'Known.', issue: 'X-1' },
      { check: 'a/b[x=3]#c', actual: { s: 3 }, reason: 'Known.', expires: '2027-03-01' },
    ]);
    expect(update).toMatchObject({
      removed: ['a/b#c'],
      added: ['a/b[x=1]#c', 'a/b[x=3]#c'],
    });
  });
});

it('makes no entry of what leaves no evidence', () => {
  const update = updated('', [caseOf('a/b', failing({}))]);
  expect(update).toMatchObject({ added: [], withoutEvidence: ['a/b#c'] });
  expect(entriesIn(update.text)).toEqual([]);
});

it('keeps what a run left out', () => {
  const before = updated('', [caseOf('a/b', failing({ s: 1 }))], { reason: 'r' }).text;
  expect(updated(before, [caseOf('a/b', finding('skipped'))]).text).toBe(before);
});

it('the last entry may go', () => {
  const before = updated('', [caseOf('a/b', failing({ s: 1 }))], { reason: 'r' }).text;
  const { text } = updated(before, [caseOf('a/b', finding('passed'))]);
  expect(entriesIn(text)).toEqual([]);
  const again = updated(text, [caseOf('a/b', failing({ s: 1 }))], { reason: 'r' }).text;
  expect(again).toBe(before);
});

it('a file for another version becomes one for this', () => {
  const { text } = updateBaseline(
    BEFORE,
    { ...FACTS, cases: [], entries: entriesIn(BEFORE) },
    { retarget: true },
  );
  expect(text).toMatch(/^# What it gets wrong.\ntarget: emulator@14.8.2\n/);
  expect(entriesIn(text).map(({ reason, actual }) => [reason, actual])).toEqual(
    entriesIn(BEFORE).map(({ reason, actual }) => [reason, actual]),
  );
});

const FACTS = {
  target: 'emulator@14.8.2',
  reason: 'TODO',
  expires: '2027-02-20',
  schema: '../../schema/baseline-1.schema.json',
};

function updated(
  text: string,
  cases: readonly CaseResult[],
  more: { readonly reason?: string } = {},
): BaselineUpdate {
  const entries = text === '' ? [] : entriesIn(text);
  const info = { file: 'b.yaml', entries, unselected: 0 };
  const judged = cases.map((of) => overlayCase(of, info, '2026-11-22T00:00:00Z'));
  return updateBaseline(text, { ...FACTS, ...more, cases: judged, entries });
}

function entriesIn(text: string) {
  const parsed = parseBaseline({ file: 'b.yaml', text }, ['BSL_NO_REASON']);
  if ('baseline' in parsed) return parsed.baseline.entries;
  throw new Error(JSON.stringify(parsed.diagnostics));
}

function finding(verdict: Finding['verdict']): Finding {
  return {
    check: 'c',
    verdict,
    level: 'must',
    message: 'm',
    expected: 'e',
    actual: {},
    span: { file: 'f', line: 1, column: 1, length: 1 },
    evidence: [],
  };
}

function failing(
  deviation: NonNullable<Finding['deviation']>,
  verdict: 'failed' | 'warned' = 'failed',
): Finding {
  return { ...finding(verdict), deviation };
}

function caseOf(id: string, ...findings: readonly Finding[]): CaseResult {
  return {
    id,
    scenario: id.replace(/\[.*$/, ''),
    file: 'f',
    title: 't',
    axes: {},
    tags: [],
    isolation: 'shared',
    startedAtUs: 0,
    durationUs: 1,
    findings,
    connections: [],
    records: [],
    rerun: 'r',
  };
}
