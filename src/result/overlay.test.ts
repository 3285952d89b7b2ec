import { describe, expect, it } from 'vitest';
import type { BaselineEntry } from './baseline.ts';
import type { Finding, Verdict } from './finding.ts';
import { foldRun } from './fold.ts';
import { overlayCase, selectEntries, staleEntries } from './overlay.ts';
import type { RunHead } from './run-event.ts';
import type { CaseResult } from './run-result.ts';

const SPAN = { file: 'baseline.yaml', line: 7, column: 5, length: 3 };
const TODAY = '2027-03-01T23:59:59.000Z';

function entryOf(check: string, more: Partial<BaselineEntry> = {}): BaselineEntry {
  return {
    check,
    verdict: 'failed',
    actual: { 'handshake.status': 500 },
    reason: 'It is known.',
    expires: '2027-03-01',
    span: SPAN,
    ...more,
  };
}

function findingOf(verdict: Verdict, more: Partial<Finding> = {}): Finding {
  const deviates = verdict === 'failed' || verdict === 'warned';
  return {
    check: 'c',
    verdict,
    level: 'must',
    message: 'm',
    expected: 'e',
    actual: {},
    ...(deviates ? { deviation: { 'handshake.status': 500, 'handshake.body': 'x' } } : {}),
    span: SPAN,
    evidence: [],
    ...more,
  };
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

const infoOf = (...entries: readonly BaselineEntry[]) => ({
  file: 'baseline.yaml',
  entries,
  unselected: 0,
});

function overlayOf(finding: Finding, entry: BaselineEntry, startedAt = TODAY): string | undefined {
  const [found] = overlayCase(caseOf('a/b', finding), infoOf(entry), startedAt).findings;
  return found?.baseline && `${found.baseline.state}: ${found.baseline.message}`;
}

describe('a finding against its entry', () => {
  it.each<[string, Finding, Partial<BaselineEntry>, string | undefined]>([
    ['fails as known', findingOf('failed'), {}, 'expected-failure: It is known.'],
    [
      'warns as known',
      findingOf('warned'),
      { verdict: 'warned' },
      'expected-failure: It is known.',
    ],
    [
      'other values',
      findingOf('failed', { deviation: { 'handshake.status': 503 } }),
      {},
      'failing-differently: handshake.status is 503, the entry says 500',
    ],
    [
      'a value of another type',
      findingOf('failed', { deviation: { 'handshake.status': '500' } }),
      {},
      'failing-differently: handshake.status is "500", the entry says 500',
    ],
    [
      'nothing at that path',
      findingOf('failed', { deviation: { 'handshake.outcome': 'dropped' } }),
      {},
      'failing-differently: handshake.status is not what it fails with, the entry says 500',
    ],
    [
      'a path that is a key of every object',
      findingOf('failed'),
      { actual: { constructor: 1 } },
      'failing-differently: constructor is not what it fails with, the entry says 1',
    ],
    [
      'another verdict',
      findingOf('warned'),
      {},
      'failing-differently: it warned, the entry says failed',
    ],
    [
      'without evidence in the finding',
      findingOf('failed', { deviation: {} }),
      {},
      'failing-differently: handshake.status is not what it fails with, the entry says 500',
    ],
    [
      'passes',
      findingOf('passed'),
      {},
      'unexpected-pass: it passes: remove its entry, baseline.yaml:7:5',
    ],
    [
      'is not applicable',
      findingOf('not-applicable', { reason: 'endpoint:iam' }),
      {},
      'not-judged: it was not judged (endpoint:iam): remove its entry, baseline.yaml:7:5',
    ],
    ['was left out', findingOf('skipped'), {}, undefined],
    [
      'is recorded only',
      findingOf('recorded'),
      {},
      'not-judged: it was not judged (recorded): remove its entry, baseline.yaml:7:5',
    ],
    ['errored', findingOf('errored'), {}, undefined],
    ['inconclusive', findingOf('inconclusive'), {}, undefined],
    [
      'expired yesterday',
      findingOf('failed'),
      { expires: '2027-02-28' },
      'expired: its entry expired on 2027-02-28: correct the target, or set a later date in baseline.yaml:7:5',
    ],
    [
      'expired, and fails differently',
      findingOf('failed', { deviation: { 'handshake.status': 503 } }),
      { expires: '2020-01-01' },
      'failing-differently: handshake.status is 503, the entry says 500',
    ],
  ])('%s', (_, finding, entry, expected) => {
    expect(overlayOf(finding, entryOf('a/b#c', entry))).toBe(expected);
  });

  it('holds on its last day, not on the next one', () => {
    const entry = entryOf('a/b#c');
    expect(overlayOf(findingOf('failed'), entry, '2027-03-01T23:59:59.999Z')).toMatch(/^expected/);
    expect(overlayOf(findingOf('failed'), entry, '2027-03-02T00:00:00.000Z')).toMatch(/^expired/);
  });

  it('compares values whatever the order of their keys, and lists in order', () => {
    const finding = findingOf('failed', { deviation: { a: { x: 1, y: [1, 2] } } });
    expect(overlayOf(finding, entryOf('a/b#c', { actual: { a: { y: [1, 2], x: 1 } } }))).toMatch(
      /^expected/,
    );
    expect(overlayOf(finding, entryOf('a/b#c', { actual: { a: { y: [2, 1], x: 1 } } }))).toMatch(
      /^failing-differently/,
    );
  });

  it.each([
    ['a/b#c', 'a/b[x=1]', true],
    ['a/b[x=1]#c', 'a/b[x=1]', true],
    ['a/b[x=2]#c', 'a/b[x=1]', false],
    ['a/b#d', 'a/b[x=1]', false],
    ['a/bb#c', 'a/b', false],
  ])('%s is about the check c of %s: %s', (check, id, isAbout) => {
    const [found] = overlayCase(
      caseOf(id, findingOf('failed')),
      infoOf(entryOf(check)),
      TODAY,
    ).findings;
    expect(found?.baseline !== undefined).toBe(isAbout);
  });

  it('changes nothing else, and nothing without a baseline', () => {
    const result = caseOf('a/b', findingOf('failed'), findingOf('passed', { check: 'd' }));
    expect(overlayCase(result, undefined, TODAY)).toBe(result);
    const { findings } = overlayCase(result, infoOf(entryOf('a/b#c')), TODAY);
    expect(findings).toMatchObject(result.findings);
    expect(findings[0]).toHaveProperty('baseline');
    expect(findings[1]).not.toHaveProperty('baseline');
  });
});

describe('entries that nothing answers to', () => {
  const survivor = entryOf('a/b[x=1]#target-survives');
  it.each<[string, BaselineEntry, readonly CaseResult[], readonly string[], readonly string[]]>([
    ['answered', entryOf('a/b#c'), [caseOf('a/b', findingOf('failed'))], [], []],
    [
      'no such check in the case',
      entryOf('a/b#d'),
      [caseOf('a/b', findingOf('failed'))],
      [],
      ['not-judged a/b#d'],
    ],
    ['its case was not there', entryOf('a/b#c'), [caseOf('a/x')], [], ['not-judged a/b#c']],
    ['its case never ran', entryOf('a/b#c'), [], ['a/b'], []],
    ['one of its cases never ran', entryOf('a/b#c'), [], ['a/b[x=1]'], []],
    [
      'the target survived',
      survivor,
      [caseOf('a/b[x=1]', findingOf('passed'))],
      [],
      ['unexpected-pass a/b[x=1]#target-survives'],
    ],
    [
      'nobody knows whether it survived',
      survivor,
      [caseOf('a/b[x=1]', findingOf('errored'))],
      [],
      [],
    ],
    [
      'the target died in one case of two',
      entryOf('a/b#target-survives'),
      [
        caseOf('a/b[x=1]', findingOf('failed', { check: 'target-survives' })),
        caseOf('a/b[x=2]', findingOf('passed')),
      ],
      [],
      ['unexpected-pass a/b[x=2]#target-survives'],
    ],
  ])('%s', (_, entry, cases, notRun, expected) => {
    const stale = staleEntries(infoOf(entry), { cases, notRun });
    expect(stale.map(({ state, check }) => `${state} ${check}`)).toEqual(expected);
  });
});

it('a run that selects some checks is about the entries of those only', () => {
  const entries = ['a/b#c', 'a/b#d', 'a/b[x=1]#e', 'a/b[x=2]#e', 'z/z#c', 'a/b#target-survives'];
  const selected = selectEntries({ file: 'f', entries: entries.map((one) => entryOf(one)) }, [
    { id: 'a/b[x=1]', scenario: 'a/b', checks: ['c', 'e'] },
  ]);
  expect(selected.entries.map(({ check }) => check)).toEqual([
    'a/b#c',
    'a/b[x=1]#e',
    'a/b#target-survives',
  ]);
  expect(selected.unselected).toBe(3);
});

describe('the exit code of a run with a baseline', () => {
  it.each<[string, readonly BaselineEntry[], readonly Finding[], number]>([
    ['known deviation', [entryOf('a/b#c')], [findingOf('failed')], 0],
    ['known warning', [entryOf('a/b#c', { verdict: 'warned' })], [findingOf('warned')], 0],
    ['another failure beside it', [entryOf('a/b#x')], [findingOf('failed')], 1],
    ['failing differently', [entryOf('a/b#c', { actual: { a: 1 } })], [findingOf('failed')], 1],
    [
      'warning differently',
      [entryOf('a/b#c', { verdict: 'warned', actual: { a: 1 } })],
      [findingOf('warned')],
      1,
    ],
    ['unexpected pass', [entryOf('a/b#c')], [findingOf('passed')], 1],
    ['expired', [entryOf('a/b#c', { expires: '2020-01-01' })], [findingOf('failed')], 1],
    [
      'not applicable',
      [entryOf('a/b#c')],
      [findingOf('passed', { check: 'd' }), findingOf('not-applicable')],
      1,
    ],
    ['stale', [entryOf('a/b#d')], [findingOf('passed')], 1],
    ['errored stays errored', [entryOf('a/b#c')], [findingOf('errored')], 3],
    [
      'inconclusive stays inconclusive',
      [entryOf('a/b#c')],
      [findingOf('passed', { check: 'd' }), findingOf('inconclusive')],
      4,
    ],
    [
      'errored outranks a stale entry',
      [entryOf('a/b#d')],
      [findingOf('errored'), findingOf('passed', { check: 'd' })],
      3,
    ],
  ])('%s: %#', (_, entries, findings, code) => {
    for (const failOn of ['must', 'should'] as const) {
      const result = foldRun([
        { event: 'run-started', head: headWith(entries, failOn), planned: ['a/b'] },
        { event: 'case-ended', result: caseOf('a/b', ...findings) },
        { event: 'run-ended', durationMs: 1, interrupted: false },
      ]);
      expect(result?.exitCode).toBe(code);
    }
  });

  it('is the same when the events carry the overlay already', () => {
    const head = headWith([entryOf('a/b#c')], 'must');
    const raw = caseOf('a/b', findingOf('failed'));
    const resultOf = (result: CaseResult) =>
      foldRun([
        { event: 'run-started', head, planned: ['a/b'] },
        { event: 'case-ended', result },
        { event: 'run-ended', durationMs: 1, interrupted: false },
      ]);
    expect(resultOf(overlayCase(raw, head.baseline, head.startedAt))).toEqual(resultOf(raw));
  });
});

function headWith(entries: readonly BaselineEntry[], failOn: 'must' | 'should'): RunHead {
  return {
    schemaVersion: 1,
    tool: { name: 'ws-assay', version: '0.0.0' },
    runId: 'r',
    startedAt: TODAY,
    command: 'ws-assay run',
    seed: 's',
    policy: { failOn },
    environment: { node: 'v20', platform: 'linux', arch: 'x64' },
    target: {
      name: 't',
      title: 't',
      endpoints: {},
      features: [],
      insecure: false,
      launched: false,
    },
    baseline: infoOf(...entries),
    requirements: {},
  };
}
