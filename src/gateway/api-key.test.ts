import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { policy } from './fixture/backend.ts';
import { clientFrame } from './fixture/peer.ts';
import { callHttp, KEYS, type Stand, startStand } from './fixture/stand.ts';

let stand: Stand;
const lines: string[] = [];
beforeEach(async () => {
  stand = await startStand({ log: (line) => lines.push(line) });
});
afterEach(() => stand.close());

const withKey = (key: string): readonly string[] => [`x-api-key: ${key}`];

async function answerOf(
  api: string,
  extra: readonly string[],
  path = '/dev',
): Promise<{ status: number; body: string }> {
  const peer = await stand.upgrade(api, path, extra);
  const { status, body } = await peer.answer();
  return { status, body };
}

const FORBIDDEN = { status: 403, body: '{"message":"Forbidden"}' };
const THROTTLED = { status: 429, body: '{"message":"Too Many Requests"}' };
const EXHAUSTED = { status: 429, body: '{"message":"Limit Exceeded"}' };
const OPENED = { status: 101, body: '' };

test.each<[string, readonly string[], object]>([
  ['the right key', withKey(KEYS.right), OPENED],
  ['its header in capitals', [`X-API-KEY: ${KEYS.right}`], OPENED],
  ['no key', [], FORBIDDEN],
  ['an empty key', withKey(''), FORBIDDEN],
  ['an unknown key', withKey('no-key-of-this-account'), FORBIDDEN],
  ['another case', withKey(KEYS.right.toUpperCase()), FORBIDDEN],
  ['the beginning of a key', withKey(KEYS.right.slice(0, -1)), FORBIDDEN],
  ['a key and more', withKey(`${KEYS.right}x`), FORBIDDEN],
  ['the id of a key', withKey('right'), FORBIDDEN],
  ['a disabled key', withKey(KEYS.disabled), FORBIDDEN],
  ['a key without a plan', withKey(KEYS.unplanned), FORBIDDEN],
  ['a key of another stage', withKey(KEYS.elsewhere), FORBIDDEN],
  ['the key as Authorization', [`Authorization: ${KEYS.right}`], FORBIDDEN],
])('a header with %s', async (_, extra, expected) => {
  expect(await answerOf('keyed', extra)).toEqual(expected);
  expect(stand.backend.of('$connect')).toHaveLength(expected === OPENED ? 1 : 0);
});

test('a key is no key in the query, and of a stage only where its plan says so', async () => {
  const inQuery = `/dev?x-api-key=${KEYS.right}&apiKey=${KEYS.right}`;
  expect(await answerOf('keyed', [], inQuery)).toEqual(FORBIDDEN);
  expect(await answerOf('keyed', withKey(KEYS.elsewhere), '/other')).toEqual(OPENED);
  expect(await answerOf('keyed', withKey(KEYS.right), '/other')).toEqual(FORBIDDEN);
});

test('where no key is required a wrong one does not matter', async () => {
  expect(await answerOf('open', withKey('nonsense'))).toEqual(OPENED);
});

test.each<[string, JsonObject, object]>([
  ['the right key', { usageIdentifierKey: KEYS.right }, OPENED],
  ['an unknown key', { usageIdentifierKey: 'no-key-of-this-account' }, FORBIDDEN],
  ['no key', {}, FORBIDDEN],
  ['an empty key', { usageIdentifierKey: '' }, FORBIDDEN],
  ['a number', { usageIdentifierKey: 5 }, FORBIDDEN],
])('an authorizer that gives %s, whatever the header says', async (_, given, expected) => {
  for (const extra of [withKey(KEYS.right), withKey('nonsense'), []]) {
    stand.backend.answer((call) => ({
      return:
        call.function === 'authorizer' ? { ...policy('Allow'), ...given } : { statusCode: 200 },
    }));
    expect(await answerOf('granted', extra)).toEqual(expected);
  }
  expect(stand.backend.of('authorizer')).toHaveLength(3);
  expect(stand.backend.of('$connect')).toHaveLength(expected === OPENED ? 3 : 0);
});

test('who is denied is not counted', async () => {
  const answers = [policy('Deny'), policy('Allow')];
  stand.backend.answer((call) => ({
    return:
      call.function === 'authorizer'
        ? { ...answers.shift(), usageIdentifierKey: KEYS.right }
        : { statusCode: 200 },
  }));
  expect((await answerOf('granted', [])).status).toBe(403);
  expect(await answerOf('granted', [])).toEqual(OPENED);
  expect(stand.gateway.usage('basic').items['right']).toEqual([[1]]);
});

test('the rate of a plan: what is too much is refused and does not reach the integration', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => answerOf('keyed', withKey(KEYS.slow))),
  );
  const of = (expected: object): number =>
    answers.filter((one) => JSON.stringify(one) === JSON.stringify(expected)).length;
  expect([of(OPENED), of(THROTTLED)]).toEqual([2, 3]);
  expect(stand.backend.of('$connect')).toHaveLength(2);
  // Each key has a bucket of its own.
  expect(await answerOf('keyed', withKey(KEYS.right))).toEqual(OPENED);
});

test('the quota of a plan: a $connect that the integration refuses counts, a refused key does not', async () => {
  stand.backend.answer(() => ({ return: { statusCode: 401 } }));
  expect((await answerOf('keyed', withKey(KEYS.few))).status).toBe(401);
  expect(await answerOf('keyed', withKey(`${KEYS.few}x`))).toEqual(FORBIDDEN);
  stand.backend.answer(() => ({ return: { statusCode: 200 } }));
  expect(await answerOf('keyed', withKey(KEYS.few))).toEqual(OPENED);
  expect(await answerOf('keyed', withKey(KEYS.few))).toEqual(EXHAUSTED);
  expect(stand.backend.of('$connect')).toHaveLength(2);
});

test('a route that requires a key counts its messages, others and $disconnect do not', async () => {
  const { peer } = await stand.open('keyed', withKey(KEYS.few));
  peer.write(clientFrame(1, '{"action":"echo"}'));
  peer.write(clientFrame(1, '{"action":"metered"}'));
  await stand.backend.until('metered', 1);
  peer.write(clientFrame(1, '{"action":"metered"}'));
  expect(JSON.parse((await peer.frame())?.payload.toString() ?? '')).toMatchObject({
    message: 'Limit Exceeded',
  });
  peer.write(clientFrame(8));
  await stand.backend.until('$disconnect');
  expect(stand.gateway.usage('few').items).toEqual({ few: [[2, 0]] });
});

test('$connect tells the key and its id, $disconnect an empty header', async () => {
  const { peer } = await stand.open('keyed', withKey(KEYS.right));
  peer.write(clientFrame(8));
  const { event: connect } = await stand.backend.until('$connect');
  const { event: disconnect } = await stand.backend.until('$disconnect');
  expect(connect).toMatchObject({
    headers: { 'x-api-key': KEYS.right },
    requestContext: { identity: { apiKey: KEYS.right, apiKeyId: 'right' } },
  });
  expect(disconnect).toMatchObject({
    headers: { 'x-api-key': '' },
    multiValueHeaders: { 'x-api-key': [''] },
  });
  expect(JSON.stringify(disconnect)).not.toContain(KEYS.right);
});

test('the gateway writes no key to its log', async () => {
  stand.backend.answer(() => ({ throw: 'boom' }));
  for (const key of Object.values(KEYS)) await answerOf('keyed', withKey(key));
  expect(Object.values(KEYS).filter((key) => lines.join('\n').includes(key))).toEqual([]);
});

const get = (
  path: string,
  method = 'GET',
  sent = '',
): Promise<{ status: number; json: unknown; type: unknown }> =>
  callHttp({ port: stand.port('open'), method, path, body: sent }).then(
    ({ status, headers, body }) => ({
      status,
      json: JSON.parse(body),
      type: headers['x-amzn-errortype'],
    }),
  );

test('usage is read over HTTP, as GetUsage gives it, on the port of any API', async () => {
  await stand.open('keyed', withKey(KEYS.few));
  const today = new Date().toISOString().slice(0, 10);
  const range = `startDate=${today}&endDate=${today}`;
  expect(await get(`/usageplans/few/usage?${range}`)).toEqual({
    status: 200,
    json: { usagePlanId: 'few', startDate: today, endDate: today, values: { few: [[1, 1]] } },
    type: undefined,
  });
  expect(await get('/usageplans/basic/usage?keyId=disabled')).toMatchObject({
    status: 200,
    json: { values: { disabled: [[0]] } },
  });
  expect(await get('/usageplans/nosuch/usage')).toEqual({
    status: 404,
    json: { message: 'Invalid Usage Plan ID specified' },
    type: 'NotFoundException',
  });
  expect(await get('/usageplans/few/usage?startDate=yesterday')).toMatchObject({
    status: 400,
    type: 'BadRequestException',
  });
  expect((await get('/usageplans/few/usage', 'POST')).status).toBe(403);
  expect((await get('/usageplans/few')).status).toBe(403);
});

test('a quota that is used up is given back over HTTP, as UpdateUsage does', async () => {
  for (let count = 0; count < 2; count++) await answerOf('keyed', withKey(KEYS.few));
  expect(await answerOf('keyed', withKey(KEYS.few))).toEqual(EXHAUSTED);
  const patch = (path: string, ...patchOperations: readonly unknown[]): ReturnType<typeof get> =>
    get(path, 'PATCH', JSON.stringify({ patchOperations }));
  const replace = { op: 'replace', path: '/remaining', value: '1' };
  expect(await patch('/usageplans/few/keys/few/usage', replace)).toMatchObject({
    status: 200,
    json: { usagePlanId: 'few', values: { few: [[2, 1]] } },
  });
  expect(await answerOf('keyed', withKey(KEYS.few))).toEqual(OPENED);
  expect(await answerOf('keyed', withKey(KEYS.few))).toEqual(EXHAUSTED);
  for (const wrong of [
    [],
    [replace, replace],
    [{ ...replace, op: 'add' }],
    [{ ...replace, path: '/used' }],
    [{ ...replace, value: '-1' }],
    [5],
  ]) {
    expect((await patch('/usageplans/few/keys/few/usage', ...wrong)).status).toBe(400);
  }
  expect((await get('/usageplans/few/keys/few/usage', 'PATCH', '{')).status).toBe(400);
  expect((await patch('/usageplans/few/keys/right/usage', replace)).status).toBe(404);
  expect((await get('/usageplans/few/keys/few/usage')).status).toBe(403);
  expect((await patch('/usageplans/few/usage', replace)).status).toBe(403);
});

test('usage of what there is not is a usage error', () => {
  expect(() => stand.gateway.usage('nosuch')).toThrow('Invalid Usage Plan ID specified');
  expect(() => stand.gateway.usage('few', { startDate: '2026-02-30' })).toThrow('YYYY-MM-DD');
});
