// The second witness with real sockets and a clock that only the test moves.
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VirtualClock, virtualClock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { createRedactor, type Redactor } from '../base/redact.ts';
import { type HttpAnswer, invoke, post } from '../probe/fixture/call.ts';
import { type ProbeListener, startProbeListener } from '../probe/listener.ts';
import type { Plan, PlanAnswer } from '../scenario/model.ts';
import type { AttemptSpec, Enrolment } from './attempt.ts';
import { type Backend, createBackend } from './backend.ts';
import type { BackendRecord } from './flight.ts';

const NONCE = 'k3v7qn2m5xw4c6bz7r2tjd5hfa';
const OTHER = 'aaaaaaaaaaaaaaaaaaaaaaaaaa';

let clock: VirtualClock;
let redactor: Redactor;
let listener: ProbeListener;
let backend: Backend;
let records: BackendRecord[];

beforeEach(async () => {
  clock = virtualClock();
  redactor = createRedactor();
  listener = await startProbeListener({ clock });
  backend = createBackend(listener, { correlate: { kind: 'query' }, clock, redactor });
  records = [];
});
afterEach(() => listener.close());

const integration = (status: number): PlanAnswer => ({
  kind: 'integration',
  status,
  headers: {},
  body: undefined,
  echo: false,
});
const plan = (when: Plan['when'], status = 200): Plan => ({ when, answer: integration(status) });
const now = (status: number): Plan => plan({ kind: 'now' }, status);
const hold = (ms: number, status = 200): Plan => plan({ kind: 'hold', ms }, status);

const enrol = (plans: AttemptSpec['plans'] = {}, nonce = NONCE): Enrolment =>
  backend.enrol({ nonce, plans, onRecord: (record) => records.push(record) });

const connect = (nonce = NONCE, connectionId = 'id-1'): JsonObject => ({
  queryStringParameters: { assay: nonce },
  requestContext: { connectionId },
});
const later = (connectionId = 'id-1', over: JsonObject = {}): JsonObject => ({
  requestContext: { connectionId, ...over },
});

const never = (): AbortSignal => new AbortController().signal;
const answerOf = async (call: { answer: Promise<HttpAnswer> }): Promise<unknown> =>
  JSON.parse((await call.answer).body).return;
const story = (): readonly string[] =>
  records.map(({ type, phase, atUs }) => `${type} ${phase} ${atUs / 1000}`);
const report = async (...lines: readonly object[]): Promise<void> => {
  const body = JSON.stringify(lines.map((line) => ({ v: 1, ...line })));
  await post(listener, `/v1/events?token=${listener.token}`, body).answer;
};
const recorded = async (count: number): Promise<void> => {
  await expect.poll(() => records.length, { interval: 2 }).toBe(count);
};

describe('an invocation', () => {
  it('is answered as planned, and recorded with event and answer', async () => {
    enrol({ $connect: now(403) });
    const call = invoke(listener, 'CONNECT', connect(), 'run-a');
    expect(await answerOf(call)).toEqual({ statusCode: 403 });
    await recorded(3);
    const head = { kind: 'invocation', type: 'CONNECT', invocationId: 'run-a', clock: 'runner' };
    expect(records).toEqual([
      { ...head, phase: 'started', atUs: 0, event: connect() },
      { ...head, phase: 'released', atUs: 0 },
      { ...head, phase: 'ended', atUs: 0, answer: { return: { statusCode: 403 } } },
    ]);
  });

  it('is answered as without a plan where none is given', async () => {
    enrol();
    expect(await answerOf(invoke(listener, 'CONNECT', connect()))).toEqual({ statusCode: 200 });
    const allowed = await answerOf(invoke(listener, 'AUTHORIZER', connect()));
    expect(allowed).toMatchObject({ principalId: 'assay' });
  });

  it('throws as planned', async () => {
    const thrown = { kind: 'throw', message: 'Unauthorized' } as const;
    enrol({ authorizer: { when: { kind: 'now' }, answer: thrown } });
    const call = invoke(listener, 'AUTHORIZER', connect());
    expect(JSON.parse((await call.answer).body)).toEqual({ v: 1, throw: 'Unauthorized' });
    await recorded(3);
    expect(records[2]?.answer).toEqual({ throw: 'Unauthorized' });
  });

  it('is answered after its delay and not before', async () => {
    enrol({ $connect: plan({ kind: 'delay', ms: 2000 }) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(1999);
    expect(story()).toEqual(['CONNECT started 0']);
    await clock.advance(1);
    await call.answer;
    await recorded(3);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT released 2000', 'CONNECT ended 2000']);
  });

  it('hangs until its caller gives up', async () => {
    const enrolment = enrol({ $connect: plan({ kind: 'hang' }) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(3_600_000);
    enrolment.releaseAll();
    expect(story()).toEqual(['CONNECT started 0']);
    expect(enrolment.isHeld('$connect')).toBe(false);
    call.abandon();
    await recorded(2);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT abandoned 3600000']);
  });

  it('hangs until the listener closes', async () => {
    enrol({ $connect: plan({ kind: 'hang' }) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await listener.close();
    expect((await call.answer).status).toBe(503);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT abandoned 0']);
  });

  it('is abandoned when its caller leaves during the delay, and the delay goes nowhere', async () => {
    enrol({ $connect: plan({ kind: 'delay', ms: 1000 }) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    call.abandon();
    await recorded(2);
    await clock.advance(5000);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT abandoned 0']);
  });
});

describe('holding and releasing', () => {
  it('tells when one is held', async () => {
    const enrolment = enrol({ authorizer: hold(500), $connect: hold(500) });
    const first = enrolment.whenHeld(never());
    invoke(listener, 'AUTHORIZER', connect());
    expect(await first).toBe('authorizer');
    expect([enrolment.isHeld('authorizer'), enrolment.isHeld('$connect')]).toEqual([true, false]);
    const second = enrolment.whenHeld(never());
    invoke(listener, 'CONNECT', connect());
    expect(await second).toBe('$connect');
  });

  it('stops waiting for a hold when the signal aborts', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const controller = new AbortController();
    const held = enrolment.whenHeld(controller.signal);
    controller.abort();
    expect(await held).toBeUndefined();
    expect(await enrolment.whenHeld(controller.signal)).toBeUndefined();
  });

  it('does not release before the hold has lasted, and resolves when the answer is written', async () => {
    const enrolment = enrol({ $connect: hold(1000, 403) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(200);
    const released = enrolment.release('$connect', never());
    await clock.advance(799);
    expect(story()).toEqual(['CONNECT started 0']);
    expect(enrolment.isHeld('$connect')).toBe(true);
    await clock.advance(1);
    expect(await released).toBe(true);
    expect(enrolment.isHeld('$connect')).toBe(false);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT released 1000', 'CONNECT ended 1000']);
    expect(await answerOf(call)).toEqual({ statusCode: 403 });
  });

  it('holds for as long as nobody releases, then lets go at once', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(20_000);
    expect(await enrolment.release('$connect', never())).toBe(true);
    await call.answer;
    expect(story()).toContain('CONNECT released 20000');
  });

  it('releases one that is yet to come, once it was held', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const released = enrolment.release('$connect', never());
    await clock.advance(3000);
    const call = invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(500);
    expect(await released).toBe(true);
    await call.answer;
    expect(story()).toEqual([
      'CONNECT started 3000',
      'CONNECT released 3500',
      'CONNECT ended 3500',
    ]);
  });

  it('does not release what comes after the signal aborted', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const controller = new AbortController();
    const released = enrolment.release('$connect', controller.signal);
    controller.abort();
    expect(await released).toBe(false);
    invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(5000);
    expect(enrolment.isHeld('$connect')).toBe(true);
    expect(await enrolment.release('$connect', never())).toBe(true);
  });

  it('resolves every release that waits for the same invocation', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const released = [1, 2].map(() => enrolment.release('$connect', never()));
    invoke(listener, 'CONNECT', connect());
    await recorded(1);
    await clock.advance(500);
    expect(await Promise.all(released)).toEqual([true, true]);
  });

  it('is abandoned when its caller leaves while the answer is being written', async () => {
    const value = 'a'.repeat(32 * 1024 * 1024); // more than the socket's buffers take
    enrol({ $connect: { when: { kind: 'now' }, answer: { kind: 'return', value } } });
    const socket = connectTcp(Number(new URL(listener.url).port), '127.0.0.1');
    const body = JSON.stringify({ v: 1, type: 'CONNECT', invocationId: 'r', event: connect() });
    socket.write(
      `POST /v1/invocations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${listener.token}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(socket, 'readable'); // and then it does not read
    socket.resetAndDestroy();
    await recorded(3);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT released 0', 'CONNECT abandoned 0']);
  });

  it('says false when the signal aborts before the hold has lasted', async () => {
    const enrolment = enrol({ $connect: hold(5000) });
    const controller = new AbortController();
    const held = enrolment.whenHeld(never());
    const call = invoke(listener, 'CONNECT', connect());
    await held;
    const released = enrolment.release('$connect', controller.signal);
    await clock.advance(1000);
    controller.abort();
    expect(await released).toBe(false);
    await clock.advance(4000);
    await call.answer;
    expect(story()).toContain('CONNECT released 5000');
  });

  it.each([['$connect'], ['$disconnect'], ['authorizer'], ['message']] as const)(
    'says false at once where no hold of %s was planned',
    async (invocation) => {
      const enrolment = enrol({ $connect: now(200) });
      expect(await enrolment.release(invocation, never())).toBe(false);
    },
  );

  it('has nothing to release, and says so by true, when the caller of the held one has gone', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const held = enrolment.whenHeld(never());
    const call = invoke(listener, 'CONNECT', connect());
    await held;
    call.abandon();
    await recorded(2);
    expect(await enrolment.release('$connect', never())).toBe(true);
    expect(enrolment.isHeld('$connect')).toBe(false);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT abandoned 0']);
  });

  it('resolves a release when the caller goes meanwhile', async () => {
    const enrolment = enrol({ $connect: hold(5000) });
    const held = enrolment.whenHeld(never());
    const call = invoke(listener, 'CONNECT', connect());
    await held;
    const released = enrolment.release('$connect', never());
    call.abandon();
    expect(await released).toBe(true);
    await clock.advance(5000);
    expect(story()).toEqual(['CONNECT started 0', 'CONNECT abandoned 0']);
  });

  it('lets a second run of the same invocation through, after its hold', async () => {
    const enrolment = enrol({ $connect: hold(500) });
    const calls = [1, 2].map(() => invoke(listener, 'CONNECT', connect()));
    await recorded(2);
    const released = enrolment.release('$connect', never());
    await clock.advance(500);
    expect(await released).toBe(true);
    const third = invoke(listener, 'CONNECT', connect());
    await recorded(7);
    await clock.advance(500);
    await Promise.all([...calls, third].map((call) => call.answer));
    await recorded(9);
    expect(story().filter((line) => line.includes('released'))).toEqual([
      'CONNECT released 500',
      'CONNECT released 500',
      'CONNECT released 1000',
    ]);
  });

  it('lets everything go at once, and holds nothing more, when the steps end', async () => {
    const enrolment = enrol({ $connect: hold(5000), $disconnect: hold(5000) });
    const held = enrolment.whenHeld(never());
    const call = invoke(listener, 'CONNECT', connect());
    await held;
    const abandoned = new AbortController();
    const released = enrolment.release('$connect', abandoned.signal);
    abandoned.abort();
    await released;
    enrolment.releaseAll();
    await call.answer;
    await invoke(listener, 'DISCONNECT', later()).answer;
    await recorded(6);
    expect(story().filter((line) => line.includes('released'))).toEqual([
      'CONNECT released 0',
      'DISCONNECT released 0',
    ]);
  });
});

describe('messages', () => {
  const echo: Plan = {
    when: { kind: 'now' },
    answer: { kind: 'integration', status: 200, headers: {}, body: undefined, echo: true },
  };

  it('take their plans first in, first out; without one they get the default', async () => {
    const enrolment = enrol();
    await invoke(listener, 'CONNECT', connect()).answer;
    enrolment.planMessage(now(500));
    enrolment.planMessage(undefined);
    enrolment.planMessage(echo);
    const answers: unknown[] = [];
    for (const body of ['a', 'b', 'c', 'd']) {
      answers.push(await answerOf(invoke(listener, 'MESSAGE', { ...later(), body })));
    }
    expect(answers).toEqual([
      { statusCode: 500 },
      { statusCode: 200 },
      { statusCode: 200, body: 'c' },
      { statusCode: 200 },
    ]);
  });

  it('are released one by one, the oldest first', async () => {
    const enrolment = enrol();
    await invoke(listener, 'CONNECT', connect()).answer;
    enrolment.planMessage(hold(500, 201));
    enrolment.planMessage(hold(500, 202));
    for (const run of ['m-1', 'm-2']) {
      const held = enrolment.whenHeld(never());
      invoke(listener, 'MESSAGE', later(), run);
      expect(await held).toBe('message');
    }
    await clock.advance(500);
    expect(await enrolment.release('message', never())).toBe(true);
    expect(enrolment.isHeld('message')).toBe(true);
    expect(await enrolment.release('message', never())).toBe(true);
    expect(enrolment.isHeld('message')).toBe(false);
    const ended = records.filter((one) => one.type === 'MESSAGE' && one.phase === 'ended');
    expect(ended.map((one) => one.invocationId)).toEqual(['m-1', 'm-2']);
  });
});

describe('whose an invocation is', () => {
  it('is known by its nonce, in a multi-value query only, with headers lower-cased', async () => {
    enrol({ $connect: now(403) });
    const event = {
      headers: { host: ['localhost'] },
      multiValueQueryStringParameters: { assay: [NONCE] },
      requestContext: {},
    };
    expect(await answerOf(invoke(listener, 'CONNECT', event))).toEqual({ statusCode: 403 });
  });

  it('is known by the connection id learned from the nonce', async () => {
    const enrolment = enrol({ $disconnect: now(202) });
    const known = enrolment.whenConnectionId(never());
    expect(enrolment.connectionId).toBeUndefined();
    await invoke(listener, 'CONNECT', connect()).answer;
    expect([await known, enrolment.connectionId]).toEqual(['id-1', 'id-1']);
    expect(await enrolment.whenConnectionId(never())).toBe('id-1');
    expect(await answerOf(invoke(listener, 'DISCONNECT', later()))).toEqual({ statusCode: 202 });
    expect(backend.strays).toBe(0);
  });

  it('is known by a nonce in the close reason', async () => {
    const enrolment = enrol({ $disconnect: now(202) });
    const event = later('id-9', { disconnectReason: NONCE });
    expect(await answerOf(invoke(listener, 'DISCONNECT', event))).toEqual({ statusCode: 202 });
    expect(enrolment.connectionId).toBe('id-9');
  });

  it('prefers the connection id of the CONNECT event where the authorizer was told another', async () => {
    const enrolment = enrol();
    await invoke(listener, 'AUTHORIZER', connect(NONCE, 'id-a')).answer;
    expect(enrolment.connectionId).toBe('id-a');
    await invoke(listener, 'CONNECT', connect(NONCE, 'id-b')).answer;
    await invoke(listener, 'AUTHORIZER', connect(NONCE, 'id-c')).answer;
    expect(enrolment.connectionId).toBe('id-b');
    await invoke(listener, 'DISCONNECT', later('id-a')).answer;
    expect(backend.strays).toBe(0);
  });

  it('goes to the later of two attempts that are given one id', async () => {
    enrol({ $disconnect: now(201) });
    enrol({ $disconnect: now(202) }, OTHER);
    await invoke(listener, 'CONNECT', connect(NONCE, 'same')).answer;
    await invoke(listener, 'CONNECT', connect(OTHER, 'same')).answer;
    const answer = await answerOf(invoke(listener, 'DISCONNECT', later('same')));
    expect(answer).toEqual({ statusCode: 202 });
  });

  it('is told apart among attempts at the same time', async () => {
    enrol({ $connect: now(401) });
    enrol({ $connect: now(402) }, OTHER);
    const calls = [OTHER, NONCE].map((nonce) =>
      answerOf(invoke(listener, 'CONNECT', connect(nonce, `id-${nonce}`))),
    );
    expect(await Promise.all(calls)).toEqual([{ statusCode: 402 }, { statusCode: 401 }]);
  });

  it('is known by a header where the target says so', async () => {
    const other = await startProbeListener({ clock });
    const correlate = { kind: 'header', name: 'X-Assay' } as const;
    createBackend(other, { correlate, clock, redactor }).enrol({
      nonce: NONCE,
      plans: { $connect: now(403) },
      onRecord: (record) => records.push(record),
    });
    const event = { headers: { 'x-assay': NONCE }, requestContext: {} };
    expect(await answerOf(invoke(other, 'CONNECT', event))).toEqual({ statusCode: 403 });
    await other.close();
  });

  it('becomes known when the events come in another order', async () => {
    const enrolment = enrol({ $disconnect: now(202) });
    enrolment.planMessage(now(500));
    enrolment.planMessage(now(501));
    const early = await answerOf(invoke(listener, 'MESSAGE', later()));
    await clock.advance(10);
    await invoke(listener, 'DISCONNECT', later()).answer;
    expect([records, backend.strays]).toEqual([[], 2]);
    await clock.advance(10);
    await invoke(listener, 'CONNECT', connect()).answer;
    await recorded(9);
    expect(early).toEqual({ statusCode: 200 });
    expect(story()).toEqual([
      'MESSAGE started 0',
      'MESSAGE released 0',
      'MESSAGE ended 0',
      'DISCONNECT started 10',
      'DISCONNECT released 10',
      'DISCONNECT ended 10',
      'CONNECT started 20',
      'CONNECT released 20',
      'CONNECT ended 20',
    ]);
    expect(backend.strays).toBe(0);
    expect(await answerOf(invoke(listener, 'MESSAGE', later()))).toEqual({ statusCode: 501 });
  });

  it('does not become that of an attempt which began later', async () => {
    await invoke(listener, 'DISCONNECT', later()).answer;
    await clock.advance(1);
    enrol();
    await invoke(listener, 'CONNECT', connect()).answer;
    await recorded(3);
    expect(backend.strays).toBe(1);
  });

  it('is nobody’s with a nonce that nobody drew, whatever its id; another word there is no nonce', async () => {
    enrol({ $disconnect: now(202) });
    await invoke(listener, 'CONNECT', connect()).answer;
    await recorded(3);
    await invoke(listener, 'CONNECT', connect(OTHER)).answer;
    await report({ type: 'CONNECT', at: 0, connectionId: 'id-1', nonce: OTHER });
    expect([records.length, backend.strays]).toEqual([3, 2]);
    const event = { ...later(), queryStringParameters: { assay: 'something of the user' } };
    expect(await answerOf(invoke(listener, 'DISCONNECT', event))).toEqual({ statusCode: 202 });
  });

  it('is nobody’s without an attempt, and is answered as without a plan', async () => {
    enrol({ $connect: now(403) }, OTHER);
    expect(await answerOf(invoke(listener, 'CONNECT', connect()))).toEqual({ statusCode: 200 });
    expect([records, backend.strays]).toEqual([[], 1]);
  });

  it('is nobody’s after the attempt was withdrawn; what was held is let go', async () => {
    const enrolment = enrol({ $connect: hold(5000) });
    const held = enrolment.whenHeld(never());
    const call = invoke(listener, 'CONNECT', connect());
    await held;
    enrolment.withdraw();
    enrolment.withdraw();
    await call.answer;
    await invoke(listener, 'DISCONNECT', later()).answer;
    await invoke(listener, 'CONNECT', connect()).answer;
    expect([story(), backend.strays]).toEqual([['CONNECT started 0'], 2]);
    expect(await enrol().whenConnectionId(AbortSignal.abort())).toBeUndefined();
  });

  it('ends the wait for a connection id when the attempt is withdrawn', async () => {
    const enrolment = enrol();
    const known = enrolment.whenConnectionId(never());
    enrolment.withdraw();
    expect(await known).toBeUndefined();
    expect(await enrolment.whenConnectionId(never())).toBeUndefined();
  });
});

describe('duplicates', () => {
  const runs = async (...ids: readonly string[]): Promise<readonly string[]> => {
    enrol();
    for (const id of ids) await invoke(listener, 'CONNECT', connect(), id).answer;
    await invoke(listener, 'DISCONNECT', later()).answer;
    await expect.poll(() => story().at(-1), { interval: 2 }).toBe('DISCONNECT ended 0');
    return records.filter((one) => one.phase === 'started').map((one) => one.invocationId);
  };

  it('of one run of the handler are recorded once', async () => {
    expect(await runs('one', 'one')).toEqual(['one', expect.anything()]);
  });

  it('by a second run are recorded each, because they are the platform’s', async () => {
    expect(await runs('one', 'two')).toEqual(['one', 'two', expect.anything()]);
  });
});

describe('duplicates that an observer tells of', () => {
  const gone = { v: 1, type: 'DISCONNECT', phase: 'started', at: 5, connectionId: 'id-1' } as const;
  const told = (...taken: readonly (readonly [object, number?])[]): readonly string[] => {
    enrol().learnConnectionId('id-1');
    for (const [more, place] of taken) backend.take({ ...gone, ...more }, 0, place);
    return records.map(({ type, invocationId }) => `${type} ${invocationId}`);
  };

  it('are two runs where two lines of a stream are equal', () => {
    expect(told([{}, 0], [{}, 70])).toHaveLength(2);
  });

  it('are two runs also of one request, each with an id', () => {
    const r = { requestId: 'r' };
    expect(told([r, 0], [r, 70])).toEqual(['DISCONNECT r', 'DISCONNECT r#2']);
  });

  it('are two runs of one request that a sender tells of at two instants', () => {
    const r = { requestId: 'r' };
    expect(told([r], [{ ...r, at: 6 }], [r])).toEqual(['DISCONNECT r', 'DISCONNECT r#2']);
  });

  it('are one where a line is read again', () => {
    expect(told([{}, 70], [{}, 70])).toHaveLength(1);
  });

  it('are one where a sender delivers twice', () => {
    expect(told([{}], [{}])).toHaveLength(1);
  });

  it('are one where they are of one run of the handler, wherever they stand', () => {
    const run = { invocationId: 'i' };
    expect(told([run, 0], [run, 70], [{ ...run, at: 6 }])).toEqual(['DISCONNECT i']);
  });

  it('are told apart also before their connection is known', () => {
    const enrolment = enrol();
    for (const place of [0, 70, 70]) backend.take(gone, 0, place);
    enrolment.learnConnectionId('id-1');
    expect(records).toHaveLength(2);
  });
});

describe('what comes when its attempt was withdrawn', () => {
  it('is a stray, and told to who made the attempt: by nonce, and by any id that came with it', async () => {
    const late: string[] = [];
    const onLate = ({ type, invocationId }: BackendRecord): void =>
      void late.push(`${type} ${invocationId}`);
    const first = backend.enrol({ nonce: NONCE, plans: {}, onRecord: () => undefined, onLate });
    first.withdraw();
    const gone = { type: 'DISCONNECT', at: 5, connectionId: 'id-1' };
    await report(
      { ...gone, invocationId: 'unknown' },
      { type: 'CONNECT', at: 4, connectionId: 'id-1', nonce: NONCE, invocationId: 'a' },
      { ...gone, invocationId: 'b' },
      { ...gone, invocationId: 'b' },
      { type: 'CONNECT', at: 4, connectionId: 'id-1', nonce: OTHER, invocationId: 'another' },
    );
    expect(late).toEqual(['CONNECT a', 'DISCONNECT b']);
    expect(backend.strays).toBe(5);
    enrol().learnConnectionId('id-1');
    await report({ ...gone, invocationId: 'c' });
    expect(late).toHaveLength(2);
  });
});

describe('event records', () => {
  const WALL = Date.UTC(2026, 0, 1);

  it('are placed on the runner’s timeline by the platform’s clock', async () => {
    const enrolment = enrol();
    await clock.advance(5000);
    const run = { connectionId: 'id-1', invocationId: 'run-a', type: 'CONNECT' };
    const answer = { return: { statusCode: 200 } };
    await report(
      { ...run, at: WALL + 1200, nonce: NONCE, event: { a: 1 } },
      { ...run, at: WALL + 2200, phase: 'ended', answer },
    );
    const head = { kind: 'invocation', type: 'CONNECT', invocationId: 'run-a', clock: 'platform' };
    expect(records).toEqual([
      { ...head, phase: 'started', atUs: 1_200_000, event: { a: 1 } },
      { ...head, phase: 'ended', atUs: 2_200_000, answer },
    ]);
    expect(enrolment.connectionId).toBe('id-1');
  });

  it('find their owner by nonce, id or close reason, in any order, each once', async () => {
    enrol();
    const gone = { type: 'DISCONNECT', at: WALL, connectionId: 'id-1' };
    await report(gone, gone, { ...gone, at: WALL + 5 });
    expect(records).toEqual([]);
    await report({ type: 'CONNECT', at: WALL, connectionId: 'id-1', nonce: NONCE, requestId: 'r' });
    await report({ type: 'CONNECT', at: WALL, connectionId: 'id-1', nonce: NONCE, requestId: 'r' });
    expect(story()).toEqual(['DISCONNECT started 0', 'DISCONNECT started 5', 'CONNECT started 0']);
    expect(backend.strays).toBe(0);
  });

  it('leave a canary and what adds to a stray out of the count of strays', async () => {
    await report(
      { type: 'CANARY', at: WALL, nonce: 'canary-000001' },
      { type: 'CONNECT', at: WALL, connectionId: 'id-1' },
      { type: 'CONNECT', at: WALL, connectionId: 'id-1', phase: 'ended' },
    );
    expect(backend.strays).toBe(1);
  });
});

describe('secrets', () => {
  it('are redacted in events and answers; correlation uses the raw value, the nonce stays', async () => {
    redactor.register('key', 'hunter2-hunter2');
    redactor.register('unlucky', NONCE.slice(0, 8));
    const body = { kind: 'return', value: { body: 'hunter2-hunter2' } } as const;
    enrol({ $connect: { when: { kind: 'now' }, answer: body } });
    const event = {
      ...connect(),
      headers: { Authorization: 'Bearer x', 'x-echo': 'hunter2-hunter2' },
      multiValueQueryStringParameters: { assay: [NONCE], token: ['t'] },
    };
    await invoke(listener, 'CONNECT', event).answer;
    await recorded(3);
    expect([records[0]?.event, records[2]?.answer]).toEqual([
      {
        ...connect(),
        headers: { Authorization: '[redacted]', 'x-echo': '[redacted:key]' },
        multiValueQueryStringParameters: { assay: [NONCE], token: ['[redacted]'] },
      },
      { return: { body: '[redacted:key]' } },
    ]);
  });
});
