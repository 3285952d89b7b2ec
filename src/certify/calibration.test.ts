import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import type { Finding, Verdict } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import { observe } from './calibration.ts';

type Actual = Readonly<Record<string, Json>>;

function result(actual: Actual, verdict: Verdict = 'recorded'): CaseResult {
  const finding: Finding = {
    check: 'as-seen',
    verdict,
    level: 'should',
    requirement: 'some.requirement',
    message: 'why it is so',
    expected: '',
    actual,
    span: { file: 'a.yaml', line: 1, column: 1, length: 1 },
    evidence: [],
  };
  return {
    id: 'area/thing[flaw=x]',
    scenario: 'area/thing',
    file: 'a.yaml',
    title: 'A thing',
    axes: { flaw: 'x' },
    tags: [],
    isolation: 'shared',
    startedAtUs: 0,
    durationUs: 1,
    findings: [finding],
    connections: [],
    records: [],
    rerun: '',
  };
}

const HEAD = {
  requirement: 'some.requirement',
  check: 'area/thing[flaw=x]#as-seen',
  axes: { flaw: 'x' },
};

function observed(...runs: readonly Actual[]) {
  return observe(
    runs.map((actual) => [result(actual)]),
    new Set(),
  ).observed;
}

describe('observe', () => {
  it('calls stable what is the same each time', () => {
    expect(observed({ 'handshake.status': 403 }, { 'handshake.status': 403 })).toEqual([
      { ...HEAD, path: 'handshake.status', observations: 2, stability: 'stable', value: 403 },
    ]);
  });

  it('calls generated what is of one kind each time', () => {
    const [one] = observed(
      { id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' },
      { id: '2b4e28ba-2fa1-11d2-883f-0016d3cca427' },
    );
    expect(one).toMatchObject({ stability: 'generated', value: '<uuid>' });
  });

  it('calls generated a text of no known kind that is another one in each of three runs', () => {
    const [one] = observed({ id: 'aa' }, { id: 'ab' }, { id: 'ac' });
    expect(one).toMatchObject({ stability: 'generated', value: '<text>' });
    expect(observed({ id: 'aa' }, { id: 'ab' })[0]).toMatchObject({ stability: 'unstable' });
  });

  it('calls no status generated, however often it changes', () => {
    const path = 'handshake.status';
    expect(observed({ [path]: 401 }, { [path]: 403 }, { [path]: 400 })).toMatchObject([
      {
        stability: 'unstable',
        values: [
          { value: 400, count: 1 },
          { value: 401, count: 1 },
          { value: 403, count: 1 },
        ],
      },
    ]);
  });

  it('calls unstable what is there only sometimes, with how often', () => {
    expect(observed({ a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { b: 1 } })).toMatchObject([
      { path: 'a.b', stability: 'stable', value: 1 },
      { path: 'a.c', stability: 'unstable', values: [{ count: 2 }, { value: 2, count: 1 }] },
    ]);
  });

  it('counts of a crowd what was seen, not on whom', () => {
    const first = { 'crowd[0].handshake.status': 101, 'crowd[1].handshake.status': 429 };
    const second = { 'crowd[0].handshake.status': 429, 'crowd[1].handshake.status': 101 };
    expect(observed(first, second)).toMatchObject([
      { path: 'crowd[*].handshake.status', stability: 'stable', value: [101, 429] },
    ]);
    expect(observed({ 'received[0].text': 'a' })).toMatchObject([{ path: 'received[0].text' }]);
  });

  it('says of a condition whether it held, and of a measured one nothing else', () => {
    const runs = [[result({ count: 1 }, 'passed')], [result({ count: 1 }, 'passed')]];
    expect(observe(runs, new Set()).observed).toMatchObject([
      { path: 'count', value: 1 },
      { path: 'holds', value: true },
    ]);
    expect(observe(runs, new Set([HEAD.check])).observed).toMatchObject([{ path: 'holds' }]);
    expect(observe([[result({}, 'warned')]], new Set()).observed).toMatchObject([
      { path: 'holds', value: false },
    ]);
  });

  it.each<[Verdict, string]>([
    ['errored', 'errored'],
    ['inconclusive', 'inconclusive'],
    ['not-applicable', 'not-applicable'],
    ['skipped', 'skipped'],
    ['failed', 'failed'],
  ])('lists what was %s with its reason, never as a value', (verdict, reason) => {
    const { requirement, check } = HEAD;
    expect(observe([[result({ a: 1 }, verdict)]], new Set())).toEqual({
      observed: [],
      unobserved: [{ requirement, check, reason, message: 'why it is so' }],
    });
  });

  it('has what was observed in some of the runs, with the number of them', () => {
    const runs = [[result({ a: 1 })], [result({}, 'errored')]];
    expect(observe(runs, new Set())).toMatchObject({
      observed: [{ path: 'a', observations: 1 }],
      unobserved: [],
    });
  });
});
