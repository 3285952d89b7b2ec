import { describe, expect, it } from 'vitest';
import type { Evidence } from '../result/evidence.ts';
import type { Matcher, Quantity } from '../scenario/model.ts';
import {
  brief,
  call,
  closed,
  connecting,
  type Entry,
  evidenceOf,
  failure,
  fin,
  findingOf,
  frame,
  invoked,
  judge,
  message,
  reset,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const NOTHING = { count: undefined, each: undefined, some: undefined, none: undefined };

function received(want: Partial<Quantity>, kind: 'received' | 'frames' = 'received') {
  return { kind, want: { ...NOTHING, ...want } } as const;
}

function count(matcher: Matcher) {
  return received({ count: matcher });
}

const open: readonly Entry[] = [sent(1), response(2, 101)];
const after = (...entries: Entry[]) => evidenceOf([...open, ...entries], { endedMs: 10 });
const pong = { json: { type: { is: 'pong' } } };

describe('received', () => {
  it.each<[want: Partial<Quantity>, messages: readonly string[]]>([
    [{ count: { is: 0 } }, []],
    [{ count: { is: 2 } }, ['a', 'b']],
    [{ count: { gte: 1, lte: 2 } }, ['a']],
    [{ some: pong }, ['x', '{"type":"pong"}']],
    [{ each: { text: { matches: '^[ab]$' }, binary: { is: false } } }, ['a', 'b']],
    [{ none: pong }, ['x']],
    [{ none: pong }, []],
    [{ each: { bytes: { is: 2 }, fragments: { is: 1 } }, count: { is: 1 } }, ['ab']],
  ])('holds: %j of %j', (want, messages) => {
    const evidence = after(...messages.map((text, i) => message(20 + i, text)));
    expect(brief(judge(received(want), evidence))).toMatch(/^passed: /);
  });

  it.each<[want: Partial<Quantity>, verdict: string]>([
    [{ some: { json: { type: { is: 'list' } } } }, 'errored'],
    [{ some: { text: { matches: 'z$' } } }, 'errored'],
    [{ each: { text: { not: { contains: 'z' } } } }, 'errored'],
    [{ none: { text: { contains: 'z' } } }, 'errored'],
    [{ some: pong }, 'passed'],
    [{ each: { text: { absent: false } }, count: { is: 2 } }, 'passed'],
    [{ some: { bytes: { is: 100_000 } } }, 'passed'],
  ])('does not judge what was too long to be kept: %j', (want, verdict) => {
    const payload = { bytes: 100_000, text: '{"type":"list","items":[', truncated: true };
    const evidence = after(
      { ...message(20, ''), payload } as Entry,
      message(21, '{"type":"pong"}'),
    );
    expect(findingOf(judge(received(want), evidence))).toMatchObject({
      verdict,
      ...(verdict === 'errored' ? { reason: 'TRUNCATED' } : {}),
    });
  });

  it.each<[want: Partial<Quantity>, messages: readonly string[], says: string, actual: object]>([
    [
      { count: { is: 0 } },
      ['a'],
      '1 message came, the last 18 ms after its cause',
      { 'received.count': 1 },
    ],
    [
      { count: { is: 2 } },
      ['a'],
      '1 message came, the last 18 ms after its cause',
      { 'received.count': 1 },
    ],
    [
      { count: { is: 1 } },
      ['a', 'b'],
      '2 messages came, the last 19 ms after its cause',
      { 'received.count': 2 },
    ],
    [{ count: { gte: 1 } }, [], 'no message came', { 'received.count': 0 }],
    [{ some: pong }, [], 'no message came', { 'received.count': 0 }],
    [
      { some: pong },
      ['{"type":"x"}'],
      '1 message came, but not the one waited for',
      { 'received.count': 1, 'received.json.type': 'x' },
    ],
    [{ each: pong }, [], 'no message came', { 'received.count': 0 }],
    [
      { each: pong },
      ['{"type":"pong"}', '{}'],
      'json.type of a message was not there 19 ms after its cause',
      { 'received.json.type': null },
    ],
    [
      { none: pong },
      ['{"type":"pong"}'],
      'a message came that must not 18 ms after its cause',
      { 'received.json.type': 'pong' },
    ],
  ])('breaks: %j of %j', (want, messages, says, actual) => {
    const evidence = after(...messages.map((text, i) => message(20 + i, text)));
    expect(findingOf(judge(received(want), evidence))).toMatchObject({
      verdict: 'failed',
      message: says,
      actual,
    });
  });

  it('counts frames of either kind, but only those that came in', () => {
    const frames = after(
      frame(20, 'out', { opcode: 9 }),
      frame(21, 'in', { opcode: 10, text: 'x' }),
    );
    const want = {
      count: { is: 1 },
      each: { opcode: { is: 10 }, payload: { is: 'x' }, masked: { is: false } },
    };
    expect(brief(judge(received(want, 'frames'), frames))).toBe(
      'passed: 1 frame came, the last 19 ms after its cause',
    );
    expect(brief(judge(received({ each: { opcode: { is: 9 } } }, 'frames'), frames))).toBe(
      'failed: opcode of a frame was 10 19 ms after its cause',
    );
  });

  it('decides early what nothing can change', () => {
    const running = evidenceOf([...open, message(20, '{"type":"pong"}')]);
    expect(brief(judge(received({ some: pong }), running, { nowMs: 20 }))).toMatch(/^passed/);
    expect(brief(judge(count({ gte: 1 }), running, { nowMs: 20 }))).toMatch(/^passed/);
    expect(brief(judge(count({ is: 0 }), running, { nowMs: 20 }))).toMatch(/^failed/);
    expect(brief(judge(received({ none: pong }), running, { nowMs: 20 }))).toMatch(/^failed/);
    expect(brief(judge(received({ each: { text: { is: 'x' } } }), running, { nowMs: 20 }))).toMatch(
      /^failed/,
    );
    expect(brief(judge(count({ oneOf: [0, 3] }), running, { nowMs: 20 }))).toBe('until Infinity');
  });

  it('waits for presence 2 s from the last send, for absence until the target has settled', () => {
    const done = evidenceOf([...open, step(5, 'send')], { endedMs: 6 });
    expect(brief(judge(count({ gte: 1 }), done, { nowMs: 2004 }))).toBe('until 2005');
    expect(brief(judge(count({ gte: 1 }), done, { nowMs: 2005 }))).toBe('failed: no message came');
    expect(brief(judge(count({ is: 0 }), done, { nowMs: 1005 }))).toBe('until 1006');
    expect(brief(judge(count({ is: 0 }), done, { nowMs: 1006 }))).toBe('passed: no message came');
    expect(brief(judge(count({ is: 0 }), done, { nowMs: 1006, withinMs: 3000 }))).toBe(
      'until 3005',
    );
  });

  it('watches for one too many after the last that was wanted', () => {
    const one = [...open, message(1500, 'a')];
    const evidence = evidenceOf(one, { endedMs: 10 });
    expect(brief(judge(count({ is: 1 }), evidence, { nowMs: 1500 }))).toBe('until 2500');
    expect(brief(judge(count({ is: 1 }), evidence, { nowMs: 2500 }))).toMatch(/^passed/);
    const two = evidenceOf([...one, message(2400, 'b')], { endedMs: 10 });
    expect(brief(judge(count({ is: 1 }), two, { nowMs: 2500 }))).toMatch(
      /^failed: 2 messages came/,
    );
    const late = evidenceOf([...one, message(2600, 'b')], { endedMs: 10 });
    expect(brief(judge(count({ is: 1 }), late, { nowMs: 9000 }))).toMatch(/^passed/);
  });

  it('does not count what comes too late', () => {
    const late = evidenceOf([...open, message(2003, 'a')], { endedMs: 2 });
    expect(brief(judge(count({ gte: 1 }), late))).toBe(
      'failed: no message came; a message came 1 ms too late',
    );
    const another = evidenceOf([...open, message(10, 'b'), message(2003, 'a')], { endedMs: 2 });
    expect(brief(judge(received({ some: { text: { is: 'a' } } }), another))).toBe(
      'failed: 1 message came, but not the one waited for; another message came 1 ms too late',
    );
  });

  it('counts from a post, from a release, from an opening after the last step', () => {
    const some = count({ gte: 1 });
    const posted = evidenceOf([...open, call(500, 'postToConnection')], { endedMs: 600 });
    expect(brief(judge(some, posted, { nowMs: 600 }))).toBe('until 2500');
    const held = [...open, step(5, 'send'), invoked(6, 'message')];
    const released = evidenceOf([...held, invoked(1006, 'message', { phase: 'released' })], {
      endedMs: 1006,
    });
    expect(brief(judge(some, released, { nowMs: 1007 }))).toBe('until 3006');
    const pending = evidenceOf([sent(1), response(900, 101)], { endedMs: 100 });
    expect(brief(judge(some, pending, { nowMs: 901 }))).toBe('until 2900');
  });

  it('judges nothing early that its own within may yet leave out', () => {
    const none = count({ is: 0 });
    const running = evidenceOf([...open, step(5, 'send'), message(700, 'late')]);
    expect(brief(judge(none, running, { nowMs: 700, withinMs: 500 }))).toBe('until Infinity');
    const records = [...open, step(5, 'send'), message(700, 'late')];
    const ended = evidenceOf(records, { endedMs: 900 });
    expect(brief(judge(none, ended, { nowMs: 900, withinMs: 500 }))).toBe(
      'passed: no message came',
    );
    const again = evidenceOf([...records, step(800, 'send')], { endedMs: 900 });
    expect(brief(judge(none, again, { nowMs: 900, withinMs: 500 }))).toMatch(/^failed: 1 message/);
  });

  const violation: Entry = {
    kind: 'protocolError',
    atUs: 300_000,
    connection: 'client',
    member: 0,
    code: 'mask-unexpected',
    message: 'a frame of a server is masked',
    closeCode: 1002,
    bytes: { bytes: 0 },
  };

  it.each<[what: string, entries: readonly Entry[]]>([
    ['FIN', [...open, fin(300, 'in')]],
    ['RST', [...open, reset(300, 'in')]],
    ['a RST of ours', [...open, reset(300, 'out')]],
    ['the end of the socket', [...open, closed(300)]],
    ['a violation', [...open, violation]],
    ['a refusal', [sent(1), response(300, 403)]],
    ['a timeout', [sent(1), failure(300, 'timeout')]],
  ])('does not wait for what cannot come any more, after %s', (_, entries) => {
    const ended = evidenceOf(entries, { endedMs: 10 });
    expect(brief(judge(count({ gte: 1 }), ended, { nowMs: 300 }))).toMatch(
      /^failed: no message came/,
    );
    expect(brief(judge(count({ is: 0 }), ended, { nowMs: 300, withinMs: 5000 }))).toMatch(
      /^passed: no message came/,
    );
  });

  it('waits where more may come: FIN of ours, steps to be done, a name used again', () => {
    const half = evidenceOf([...open, fin(300, 'out')], { endedMs: 10 });
    expect(brief(judge(count({ gte: 1 }), half, { nowMs: 300 }))).toBe('until 2002');
    const running = evidenceOf([...open, fin(300, 'in')]);
    expect(brief(judge(count({ is: 0 }), running, { nowMs: 300 }))).toBe('until Infinity');
    const again = evidenceOf(
      [connecting(0), ...open, closed(300), connecting(301), response(302, 101)],
      { endedMs: 310 },
    );
    expect(brief(judge(count({ is: 0 }), again, { nowMs: 311 }))).toBe('until 1310');
  });

  it('does not take the end of a case that was cut short for an absence', () => {
    const interruption = { cause: 'target', step: '2 (send)', message: 'cannot write' } as const;
    const cut = evidenceOf([...open, fin(5, 'in')], { endedMs: 10, interruption });
    expect(brief(judge(count({ is: 0 }), cut))).toBe(
      'failed: step 2 (send) could not be done: cannot write',
    );
  });

  it('says nothing of absence as long as steps are running', () => {
    expect(brief(judge(count({ is: 0 }), evidenceOf(open), { nowMs: 60_000 }))).toBe(
      'until Infinity',
    );
  });
});

describe('what did not come', () => {
  const some = received({ some: { opcode: { is: 10 } } }, 'frames');
  const broken: Entry = {
    kind: 'protocolError',
    atUs: 3000,
    connection: 'client',
    member: 0,
    code: 'masked-frame',
    message: 'a frame of a server is masked',
    closeCode: 1002,
    bytes: { bytes: 0 },
  };

  it.each<[why: string, Evidence, says: string]>([
    ['nothing', after(), 'no frame came'],
    [
      'a violation',
      after(broken),
      'no frame came; the server broke the protocol: a frame of a server is masked',
    ],
    ['the end of TCP', after(fin(3, 'in')), 'no frame came; the server ended TCP with FIN'],
    ['its reset', after(reset(3, 'in')), 'no frame came; the server ended TCP with RST'],
    [
      'a refusal',
      evidenceOf([sent(1), response(2, 403)], { endedMs: 10 }),
      'no frame came; the answer was 403 Forbidden, 1 ms after the request',
    ],
  ])('is explained by %s', (_, evidence, says) => {
    expect(brief(judge(some, evidence))).toBe(`failed: ${says}`);
  });
});
