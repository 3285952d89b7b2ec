import { expect, test } from 'vitest';
import type { Finding } from '../result/finding.ts';
import type { CaseResult } from '../result/run-result.ts';
import type { CaseSpec, Level } from '../scenario/model.ts';
import { blamed, deathProblem, newToll } from './run-cases-death.ts';
import type { Death } from './station.ts';

const SPAN = { file: 'a.yaml', line: 3, column: 5, length: 4 };
const DEATH: Death = {
  how: 'it ended with exit code 7',
  atUs: 500,
  aliveMs: 90,
  lastLines: ['ready', 'oops'],
};
const MESSAGE =
  "The target's process ended after step 2 (send) had begun: it ended with exit code 7.";

test('what was decided stands; what was not has failed by its level', () => {
  const result = resultOf([
    finding('held', 'passed', 'must'),
    finding('broken', 'failed', 'must'),
    finding('open', 'errored', 'must'),
    finding('wished', 'errored', 'should'),
    finding('seen', 'errored', 'may'),
  ]);
  const verdicts = blamed(result, caseOf('a'), DEATH).findings.map((one) => [
    one.check,
    one.verdict,
    one.message,
  ]);
  expect(verdicts).toEqual([
    ['held', 'passed', 'as it was'],
    ['broken', 'failed', 'as it was'],
    ['open', 'failed', MESSAGE],
    ['wished', 'warned', MESSAGE],
    ['seen', 'recorded', MESSAGE],
    ['target-survives', 'failed', MESSAGE],
  ]);
});

test('the death is a finding of its own, with the last words and the step it rests on', () => {
  const { findings, targetDied } = blamed(resultOf([]), caseOf('a'), DEATH);
  expect(targetDied).toBe('it ended with exit code 7');
  expect(findings).toEqual([
    {
      check: 'target-survives',
      verdict: 'failed',
      level: 'must',
      title: "The target's process survives the case",
      message: MESSAGE,
      expected: "the target's process runs on",
      actual: { 'target.output': ['ready', 'oops'] },
      deviation: { 'target.ended': 'it ended with exit code 7' },
      span: SPAN,
      evidence: [2],
    },
  ]);
});

test('a step that began after the death is not named', () => {
  const early = { ...DEATH, atUs: 50 };
  expect(blamed(resultOf([]), caseOf('a'), early).findings[0]?.message).toBe(
    "The target's process ended: it ended with exit code 7.",
  );
});

test('a death is explained by one guilty suspect, and its suspects are listed once', () => {
  const [a, b, c] = [caseOf('a'), caseOf('b'), caseOf('c')];
  const toll = newToll();
  toll.add({ ...DEATH, suspects: [a, b] });
  toll.add({ ...DEATH, suspects: [b, c] });
  expect(toll.suspects()).toEqual([a, b, c]);
  toll.convict(a);
  expect(toll.unexplained()).toEqual([{ ...DEATH, suspects: [b, c] }]);
  toll.convict(c);
  expect(toll.unexplained()).toEqual([]);
});

test.for([
  [['a', 'b'], 'while these ran, or just after: a, b'],
  [[], 'while no case was running'],
] as const)('an unexplained death names who was there: %j', ([ids, when]) => {
  expect(deathProblem({ ...DEATH, suspects: ids.map(caseOf) })).toMatchObject({
    problem: {
      code: 'TARGET_DIED',
      message: `The target's process ended ${when} (it ended with exit code 7).`,
    },
  });
});

function finding(check: string, verdict: Finding['verdict'], level: Level): Finding {
  return {
    check,
    verdict,
    level,
    message: 'as it was',
    expected: '',
    actual: {},
    span: SPAN,
    evidence: [],
    ...(verdict === 'errored' ? { reason: 'PREVENTED' } : {}),
  };
}

function resultOf(findings: readonly Finding[]): CaseResult {
  const step = { kind: 'step', connection: 'connection', member: 0, phase: 'begun' } as const;
  return {
    id: 'a',
    scenario: 'a',
    file: 'a.yaml',
    title: 'a',
    axes: {},
    tags: [],
    isolation: 'shared',
    startedAtUs: 0,
    durationUs: 600,
    findings,
    connections: [],
    records: [
      { ...step, seq: 1, atUs: 100, index: '1', verb: 'connect' },
      { ...step, seq: 2, atUs: 400, index: '2', verb: 'send' },
      { ...step, seq: 3, atUs: 550, index: '3', verb: 'wait' },
    ],
    rerun: '',
  };
}

function caseOf(id: string): CaseSpec {
  return {
    id,
    scenario: id,
    file: `${id}.yaml`,
    axes: {},
    title: id,
    description: undefined,
    tags: [],
    isolation: 'shared',
    needs: [],
    steps: [{ verb: 'idle', ms: 1, span: SPAN, withinMs: 1000, connection: 'connection' }],
    checks: [],
    longestMs: 1000,
    tier: 'fast',
    waitMs: 0,
  };
}
