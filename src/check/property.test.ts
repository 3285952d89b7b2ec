import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  option,
  property,
  record,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../result/evidence.ts';
import type { Condition, Invocation } from '../scenario/model.ts';
import {
  answer,
  body,
  call,
  closed,
  closeFrame,
  type Entry,
  evidenceOf,
  failure,
  fin,
  findingOf,
  firstByte,
  frame,
  invoked,
  judge,
  message,
  moment,
  of,
  path,
  reset,
  response,
  sent,
  step,
} from './fixture/evidence.ts';

const NOTHING = { count: undefined, each: undefined, some: undefined, none: undefined };
const INVOCATIONS: readonly Invocation[] = ['authorizer', '$connect', 'message', '$disconnect'];
const event = (invocation: Invocation, is: number): Condition => ({
  kind: 'events',
  want: { [invocation]: { ...NOTHING, count: { is }, schema: undefined } },
});
const never = (what: string, kind?: 'before' | 'after', reference = 'sent'): Condition => ({
  kind: 'never',
  moment: moment(what),
  side: kind === undefined ? undefined : { kind, moment: moment(reference) },
});

const conditions: readonly Condition[] = [
  { kind: 'handshake', fields: { status: { is: 101 } } },
  { kind: 'handshake', fields: { outcome: { is: 'refused' }, body: { absent: true } } },
  { kind: 'closed', fields: { by: { is: 'client' }, code: { is: 1000 } } },
  { kind: 'closed', fields: { clean: { is: false } } },
  { kind: 'answers', want: { getConnection: { status: { is: 200 } } } },
  ...INVOCATIONS.flatMap((invocation) => [0, 1, 2].map((n) => event(invocation, n))),
  ...(['received', 'frames'] as const).flatMap((kind): readonly Condition[] => [
    { kind, want: { ...NOTHING, count: { is: 0 } } },
    { kind, want: { ...NOTHING, count: { is: 1 } } },
    { kind, want: { ...NOTHING, count: { gte: 2 } } },
    { kind, want: { ...NOTHING, count: { oneOf: [1, 3] } } },
    { kind, want: { ...NOTHING, each: { bytes: { lte: 1 } } } },
    { kind, want: { ...NOTHING, some: { bytes: { gte: 2 } } } },
    { kind, want: { ...NOTHING, none: { bytes: { gte: 2 } } } },
  ]),
  { kind: 'order', moments: ['sent', '$connect.released', 'opened'].map(moment) },
  { kind: 'order', moments: ['closing', '$disconnect.started'].map(moment) },
  { kind: 'order', moments: ['client.opened', 'crowd.received'].map(moment) },
  never('firstByte', 'before', '$connect.released'),
  never('crowd.opened', 'before', 'client.closing'),
  never('received', 'after', 'closing'),
  never('message.started', 'before', '$connect.ended'),
  never('$disconnect.started'),
  never('opened'),
  never('received'),
  { kind: 'elapsed', from: moment('sent'), to: moment('answered'), ms: { lte: 5000 } },
  { kind: 'elapsed', from: moment('closing'), to: moment('$disconnect.started'), ms: { gte: 1 } },
  { kind: 'same', paths: ['handshake.status', 'crowd.handshake.status'].map(path) },
  { kind: 'distinct', paths: [path('crowd.closed.code')] },
  { kind: 'record', paths: ['handshake.status', 'received[1].text', 'closed.code'].map(path) },
];

const makers: readonly ((ms: number, n: number) => Entry)[] = [
  sent,
  firstByte,
  (ms) => response(ms, 101),
  (ms) => response(ms, 403),
  (ms) => body(ms, 'x'),
  (ms, n) => message(ms, 'x'.repeat(n)),
  (ms, n) => frame(ms, n % 2 === 0 ? 'in' : 'out', { opcode: n, text: 'x'.repeat(n) }),
  (ms, n) => closeFrame(ms, n % 2 === 0 ? 'in' : 'out', 1000 + n),
  (ms) => fin(ms, 'in'),
  (ms) => reset(ms, 'out'),
  closed,
  (ms) => failure(ms, 'dropped'),
  ...INVOCATIONS.flatMap((invocation) =>
    (['started', 'released', 'ended'] as const).map(
      (phase) => (ms: number, n: number) =>
        invoked(ms, invocation, { phase, id: `${invocation}${n}` }),
    ),
  ),
  (ms) => call(ms, 'getConnection'),
  (ms, n) => answer(ms, 'getConnection', n === 0 ? 'cut off' : 200),
  (ms) => call(ms, 'post', 'postToConnection'),
];
// The driver alone makes steps, and none after the last.
const steps: readonly ((ms: number) => Entry)[] = [
  (ms) => step(ms, 'send'),
  (ms) => step(ms, 'close'),
];

const groups = { client: 1, crowd: 2 };
const who = constantFrom(['client', 0] as const, ['crowd', 0] as const, ['crowd', 1] as const);
const made = record({
  who,
  make: constantFrom(...makers),
  ms: integer({ min: 0, max: 12_000 }),
  n: integer({ min: 0, max: 3 }),
});
const stepped = record({ make: constantFrom(...steps), part: integer({ min: 0, max: 100 }) });
const story = record({
  entries: array(made, { maxLength: 25 }),
  steps: array(stepped, { maxLength: 3 }),
  endedMs: integer({ min: 0, max: 8000 }),
  interrupted: boolean(),
});

interface Story {
  readonly entries: readonly Entry[];
  readonly endedMs: number;
  readonly interrupted: boolean;
}

function tell(told: {
  entries: readonly {
    who: readonly [string, number];
    make: (ms: number, n: number) => Entry;
    ms: number;
    n: number;
  }[];
  steps: readonly { make: (ms: number) => Entry; part: number }[];
  endedMs: number;
  interrupted: boolean;
}): Story {
  const entries = told.entries.map(({ who: [name, member], make, ms, n }) =>
    of(name, member, make(ms, n)),
  );
  const driven = told.steps.map(({ make, part }) => make((told.endedMs * part) / 100));
  const sorted = [...entries, ...driven].toSorted((a, b) => a.atUs - b.atUs);
  return { ...told, entries: sorted.filter(plausible(told.endedMs)) };
}

// A socket that has gone shows nothing more, an upgrade request has one answer, a call goes out
// before the last step has ended, and is answered after that.
function plausible(endedMs: number): (entry: Entry) => boolean {
  const over = new Set<string>();
  return ({ kind, connection, member, atUs }) => {
    const whose = `${connection} ${member}`;
    const isAnswer = kind === 'response' || kind === 'failure';
    const isOurs = kind === 'invocation' || kind === 'step';
    if (kind === 'call') {
      over.add(`${whose} called`);
      return atUs <= endedMs * 1000;
    }
    if (kind === 'answer') return over.has(`${whose} called`) && atUs <= endedMs * 1000;
    if (isOurs) return true;
    if (over.has(`${whose} closed`) || (isAnswer && over.has(`${whose} answered`))) return false;
    if (isAnswer) over.add(`${whose} answered`);
    if (kind === 'closed') over.add(`${whose} closed`);
    return true;
  };
}

const interruption = { cause: 'target', step: '2 (close)', message: 'it was closed' } as const;

/** What is known at an instant. */
function until({ entries, endedMs, interrupted }: Story, nowMs: number): Evidence {
  const ended = endedMs <= nowMs;
  return evidenceOf(
    entries.filter(({ atUs }) => atUs <= nowMs * 1000),
    {
      groups,
      endedMs: ended ? endedMs : undefined,
      ...(ended && interrupted ? { interruption } : {}),
    },
  );
}

const asked = record({
  withinMs: option(integer({ min: 1, max: 12_000 }), { nil: undefined }),
  connections: constantFrom(['client'], ['crowd'], ['client', 'crowd']),
});

function verdictAt(
  condition: Condition,
  evidence: Evidence,
  how: Parameters<typeof judge>[2],
): string | undefined {
  const judgement = judge(condition, evidence, how);
  return judgement.decided ? judgement.finding.verdict : undefined;
}

function given<T extends { withinMs: number | undefined }>({ withinMs, ...rest }: T) {
  return { ...rest, ...(withinMs === undefined ? {} : { withinMs }) };
}

describe('any judge', () => {
  it('keeps its verdict once it has decided, whatever comes later', () => {
    const instants = array(integer({ min: 0, max: 60_000 }), { minLength: 2, maxLength: 5 });
    const flips = property(
      story,
      constantFrom(...conditions),
      asked,
      instants,
      (told, condition, how, at) => {
        const whole = tell(told);
        const decided = at
          .toSorted((a, b) => a - b)
          .map((nowMs) => verdictAt(condition, until(whole, nowMs), { ...given(how), nowMs }))
          .filter((verdict) => verdict !== undefined);
        const last = verdictAt(condition, until(whole, 100_000), { ...given(how), nowMs: 100_000 });
        expect(new Set([...decided, last]).size).toBe(1);
      },
    );
    assert(flips, { numRuns: 1000 });
    expect(conditions.length).toBeGreaterThan(40);
  });

  it('asks to be asked again, and has decided when nothing more comes', () => {
    const ends = property(story, constantFrom(...conditions), asked, (told, condition, how) => {
      const evidence = until(tell(told), 100_000);
      let nowMs = 0;
      for (let rounds = 0; rounds < 50; rounds += 1) {
        const judgement = judge(condition, evidence, { ...given(how), nowMs });
        if (judgement.decided) return true;
        if (judgement.untilUs <= nowMs * 1000) return false;
        nowMs = judgement.untilUs / 1000;
      }
      return false;
    });
    expect(() => assert(ends, { numRuns: 500 })).not.toThrow();
  });

  it('takes any records without failing itself', () => {
    const jumbled = property(story, constantFrom(...conditions), asked, (told, condition, how) => {
      const { entries, endedMs } = tell(told);
      const evidence = evidenceOf(entries.toReversed(), { groups, endedMs });
      return !JSON.stringify(findingOf(judge(condition, evidence, given(how)))).includes(
        'internal',
      );
    });
    expect(() => assert(jumbled, { numRuns: 500 })).not.toThrow();
  });
});
