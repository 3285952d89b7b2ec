import { describe, expect, it } from 'vitest';
import type { Interruption } from '../result/evidence.ts';
import type { Condition, Fields, Level } from '../scenario/model.ts';
import {
  brief,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  findingOf,
  invoked,
  judge,
  moment,
  of,
  path,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const status = (is: number): Condition => ({ kind: 'handshake', fields: { status: { is } } });
const outcome = (is: string): Condition => ({ kind: 'handshake', fields: { outcome: { is } } });
const disconnects = (is: number): Condition => ({
  kind: 'events',
  want: {
    $disconnect: {
      count: { is },
      each: undefined,
      some: undefined,
      none: undefined,
      schema: undefined,
    },
  },
});
const open: readonly Entry[] = [sent(1), response(2, 101)];

describe('the level of a check', () => {
  it.each<[level: Level, held: string, broken: string]>([
    ['must', 'passed', 'failed'],
    ['should', 'passed', 'warned'],
    ['may', 'recorded', 'recorded'],
  ])('%s: %s, or %s', (level, held, broken) => {
    expect(findingOf(judge(status(101), evidenceOf(open), { level }))).toMatchObject({
      verdict: held,
      level,
    });
    expect(findingOf(judge(status(403), evidenceOf(open), { level }))).toMatchObject({
      verdict: broken,
      level,
      actual: { 'handshake.status': 101 },
    });
  });

  it('makes nothing of what could not be tested', () => {
    const unreachable = evidenceOf([failure(1, 'unreachable')]);
    for (const level of ['must', 'should', 'may'] as const) {
      expect(findingOf(judge(status(101), unreachable, { level }))).toMatchObject({
        verdict: 'errored',
      });
    }
  });
});

describe('a feature that only the check needs', () => {
  it('makes it not applicable where the target lacks it', () => {
    const asked = { needs: ['observer', 'x-mine'], features: ['observer'] };
    expect(findingOf(judge(status(403), evidenceOf(open), asked))).toMatchObject({
      verdict: 'not-applicable',
      reason: 'x-mine',
      message: 'the target does not have x-mine',
      evidence: [],
    });
    const has = { ...asked, features: ['observer', 'x-mine'] };
    expect(findingOf(judge(status(403), evidenceOf(open), has))).toMatchObject({
      verdict: 'failed',
    });
  });
});

describe('a group', () => {
  const groups = { crowd: 3 };
  const answers = (...statuses: readonly number[]) =>
    statuses.map((one, member) => of('crowd', member, response(10 + member, one)));
  const crowd = { connections: ['crowd'] };

  it('holds for each', () => {
    const evidence = evidenceOf(answers(101, 101, 101), { groups });
    expect(findingOf(judge(status(101), evidence, crowd))).toMatchObject({
      verdict: 'passed',
      message:
        'all 3: crowd[0], crowd[1], crowd[2] (crowd[0]: the answer was 101 Switching Protocols)',
      actual: {
        'crowd[0].handshake.status': 101,
        'crowd[1].handshake.status': 101,
        'crowd[2].handshake.status': 101,
      },
    });
  });

  it('is broken by one, which is named', () => {
    const evidence = evidenceOf(answers(101, 403, 101), { groups });
    expect(findingOf(judge(status(101), evidence, crowd))).toMatchObject({
      verdict: 'failed',
      message: '1 of 3 (crowd[1]: the answer was 403 Forbidden)',
      actual: { 'crowd[1].handshake.status': 403 },
      evidence: [2],
    });
    const two = evidenceOf(answers(500, 403, 101), { groups });
    expect(brief(judge(status(101), two, crowd))).toBe(
      'failed: 2 of 3: crowd[0], crowd[1] (crowd[0]: the answer was 500)',
    );
  });

  it('is decided early by one that breaks it, and else waits for all', () => {
    expect(
      brief(judge(status(101), evidenceOf(answers(403), { groups }), { ...crowd, nowMs: 10 })),
    ).toMatch(/^failed/);
    expect(
      brief(judge(status(101), evidenceOf(answers(101), { groups }), { ...crowd, nowMs: 10 })),
    ).toBe('until Infinity');
  });

  it('without members is an error, never a pass', () => {
    for (const one of [{ crowd: 0 }, {}] as Readonly<Record<string, number>>[]) {
      const running = evidenceOf([], { groups: one });
      expect(brief(judge(status(101), running, { ...crowd, nowMs: 5 }))).toBe('until Infinity');
      const ended = evidenceOf([], { groups: one, endedMs: 5 });
      expect(findingOf(judge(disconnects(0), ended, crowd))).toMatchObject({
        verdict: 'errored',
        reason: 'NO_CONNECTION',
        message: 'there is no connection "crowd"',
      });
    }
    expect(
      brief(judge(status(101), evidenceOf(open, { endedMs: 5 }), { connections: [] })),
    ).toMatch(/^errored/);
  });

  it('joins names', () => {
    const evidence = evidenceOf([of('a', 0, response(1, 101)), of('b', 0, response(2, 403))], {
      groups: { a: 1, b: 1 },
    });
    expect(brief(judge(status(101), evidence, { connections: ['a', 'b'] }))).toBe(
      'failed: 1 of 2 (b: the answer was 403 Forbidden)',
    );
  });
});

describe('a connection that could not be reached', () => {
  const unreachable = evidenceOf([failure(4, 'unreachable')], { endedMs: 5 });

  it.each<[what: string, condition: Condition]>([
    ['handshake', status(101)],
    ['events', disconnects(0)],
    ['never', { kind: 'never', moment: moment('firstByte'), side: undefined }],
    ['order', { kind: 'order', moments: [moment('sent'), moment('opened')] }],
    ['record', { kind: 'record', paths: [path('handshake.status')] }],
    ['closed', { kind: 'closed', fields: { code: { is: 1006 } } }],
  ])('makes %s errored', (_, condition) => {
    expect(findingOf(judge(condition, unreachable))).toMatchObject({
      verdict: 'errored',
      reason: 'TARGET_UNREACHABLE',
      message: 'client could not connect: no answer (unreachable)',
      evidence: [1],
    });
  });

  it.each<[what: string, fields: Fields]>([
    ['opened', { outcome: { is: 'opened' } }],
    ['not opened', { outcome: { not: { is: 'opened' } } }],
    ['refused or dropped', { outcome: { oneOf: ['refused', 'dropped'] } }],
    ['what is there', { outcome: { absent: false } }],
  ])('makes the outcome errored, where it is not named: %s', (_, fields) => {
    expect(findingOf(judge({ kind: 'handshake', fields }, unreachable))).toMatchObject({
      verdict: 'errored',
      reason: 'TARGET_UNREACHABLE',
    });
  });

  it('leaves what is about just that', () => {
    expect(brief(judge(outcome('unreachable'), unreachable))).toMatch(/^passed/);
    const not: Fields = { outcome: { not: { is: 'unreachable' } } };
    expect(brief(judge({ kind: 'handshake', fields: not }, unreachable))).toMatch(/^failed/);
    expect(brief(judge({ kind: 'record', paths: [path('handshake.outcome')] }, unreachable))).toBe(
      'recorded: handshake.outcome was "unreachable"',
    );
  });

  it('does not excuse another member that breaks the condition', () => {
    const groups = { crowd: 2 };
    const records = [of('crowd', 0, failure(1, 'unreachable')), of('crowd', 1, response(2, 500))];
    expect(
      brief(judge(status(101), evidenceOf(records, { groups }), { connections: ['crowd'] })),
    ).toMatch(/^failed: 1 of 2/);
  });

  it('is the same as one that we could not try', () => {
    const prevented = evidenceOf([step(1, 'connect', 'prevented')], { endedMs: 2 });
    expect(findingOf(judge(status(101), prevented))).toMatchObject({
      verdict: 'errored',
      reason: 'PREVENTED',
      message: 'client was not tried: no network',
    });
  });
});

describe('driving that ended early', () => {
  const interruption = (cause: 'target' | 'tool'): Interruption => ({
    cause,
    step: '2 (close)',
    message: 'the connection was already closed',
  });
  const refused = [sent(1), response(2, 403)];
  const ended = (cause: 'target' | 'tool', records: readonly Entry[] = refused) =>
    evidenceOf(records, { endedMs: 10, interruption: interruption(cause) });

  it('leaves what is decided by what is there', () => {
    for (const cause of ['target', 'tool'] as const) {
      expect(brief(judge(status(403), ended(cause), { nowMs: 10 }))).toMatch(/^passed/);
      expect(brief(judge(status(101), ended(cause), { nowMs: 10 }))).toMatch(
        /^failed: the answer was 403/,
      );
      const told = [...refused, invoked(5, '$disconnect')];
      expect(brief(judge(disconnects(0), ended(cause, told), { nowMs: 10 }))).toMatch(
        /^failed: 1 event/,
      );
    }
  });

  it('fails the rest when it was the target, and names the step', () => {
    for (const rest of [disconnects(0), disconnects(1)]) {
      expect(findingOf(judge(rest, ended('target'), { nowMs: 1010 }))).toMatchObject({
        verdict: 'failed',
        message: 'step 2 (close) could not be done: the connection was already closed',
      });
    }
  });

  it('says why a connection was never tried', () => {
    const never = judge(status(101), ended('target'), { connections: ['later'], nowMs: 1010 });
    expect(brief(never)).toBe(
      'errored: there is no connection "later": step 2 (close) could not be done: the connection was already closed',
    );
  });

  it('makes the rest errored when it was anything else', () => {
    for (const rest of [disconnects(0), disconnects(1)]) {
      expect(findingOf(judge(rest, ended('tool'), { nowMs: 1010 }))).toMatchObject({
        verdict: 'errored',
        reason: 'PREVENTED',
      });
    }
  });

  it('waits until what is on its way has settled, and not longer', () => {
    expect(brief(judge(disconnects(1), ended('target'), { nowMs: 10 }))).toBe('until 1010');
    const late = ended('target', [...refused, invoked(1011, '$disconnect')]);
    expect(brief(judge(disconnects(0), late, { nowMs: 2000 }))).toMatch(/^failed: step 2/);
  });

  it('does not keep a may from being recorded', () => {
    expect(brief(judge(disconnects(1), ended('target'), { level: 'may' }))).toMatch(
      /^recorded: step 2/,
    );
  });
});

describe('a judgement at the end of a case', () => {
  it('believes in no absence that was never caused', () => {
    expect(findingOf(judge(disconnects(0), evidenceOf(open)))).toMatchObject({
      verdict: 'errored',
      reason: 'UNFINISHED',
      message: 'the case ended before all that this check waits for was done',
    });
  });

  it('decides what was still being watched', () => {
    const over = evidenceOf([...open, closeFrame(5, 'out', 1000)], { endedMs: 6 });
    expect(brief(judge(disconnects(1), over))).toBe('failed: no event $disconnect came');
  });
});

describe('a judge that fails', () => {
  it('makes the finding errored', () => {
    const broken: Condition = {
      kind: 'handshake',
      fields: { status: { matches: '(' }, phrase: { matches: '(' } },
    };
    expect(findingOf(judge(broken, evidenceOf(open)))).toMatchObject({
      verdict: 'errored',
      reason: 'internal',
      message: expect.stringContaining('Invalid regular expression'),
    });
    const unknown: Condition = { kind: 'handshake', fields: { colour: { is: 'red' } } };
    expect(brief(judge(unknown, evidenceOf(open)))).toBe(
      'errored: the judge failed: a handshake has no field "colour"',
    );
  });
});
