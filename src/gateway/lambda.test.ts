import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import { type Lambda, startLambda } from './lambda.ts';

let directory: string;
let lambda: Lambda;
const lines: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-lambda-'));
  await writeFile(join(directory, 'f.mjs'), ESM);
  await writeFile(join(directory, 'f.cjs'), COMMON_JS);
  await writeFile(join(directory, 'broken.mjs'), 'export const handler = (;');
  await writeFile(join(directory, 'throws.mjs'), 'throw new Error("at load");');
  lambda = startLambda({
    clock: realClock(),
    region: 'eu-west-1',
    accountId: '111122223333',
    environment: { GREETING: 'hello' },
    log: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await lambda.close();
  await rm(directory, { recursive: true });
});

const invoke = (name: string, event: Json = {}, timeoutMs = 5000) =>
  lambda.invoke(join(directory, name), event, timeoutMs);

test.each([
  ['f.mjs#promised', { a: 1 }],
  ['f.mjs#calledBack', { a: 1 }],
  ['f.cjs#handler', { a: 1 }],
  ['f.cjs#legacy', { a: 1 }],
  // As on Lambda: the value of a function that neither promises nor calls back is lost.
  ['f.mjs#plain', null],
  ['f.mjs#nothing', null],
])('%s answers', async (name, value) => {
  expect(await invoke(name, { a: 1 })).toEqual({ kind: 'returned', value });
});

test.each([
  ['f.mjs#rejects', 'Unauthorized'],
  ['f.mjs#throwsAtOnce', 'now'],
  ['f.mjs#throwsText', 'Unauthorized'],
  ['f.mjs#callsBackError', 'Unauthorized'],
  ['f.mjs#exits', 'the function ended its process with code 7'],
  ['f.mjs#throwsLater', 'later'],
  [
    'f.mjs#moves',
    'process.chdir() does not work here, where all functions share one process; make paths from __dirname or import.meta.dirname',
  ],
  ['f.mjs#missing', 'missing is undefined or not exported'],
  ['throws.mjs#handler', 'at load'],
])('%s fails', async (name, errorMessage) => {
  expect(await invoke(name)).toEqual({ kind: 'failed', errorMessage });
});

test.each(['broken.mjs#handler', 'nosuch.mjs#handler'])('%s cannot be loaded', async (name) => {
  expect((await invoke(name)).kind).toBe('failed');
  // A second invocation fails too instead of waiting.
  expect((await invoke(name)).kind).toBe('failed');
});

test.each(['f.mjs#hangs', 'f.mjs#spins'])('%s is ended when its time is up', async (name) => {
  expect(await invoke(name, {}, 100)).toEqual({ kind: 'timed-out' });
});

test('the context, the environment and what is printed', async () => {
  const outcome = await invoke('f.mjs#describe', {}, 3000);
  expect(outcome).toEqual({
    kind: 'returned',
    value: {
      remaining: true,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      arn: 'arn:aws:lambda:eu-west-1:111122223333:function:f',
      greeting: 'hello',
      region: 'eu-west-1',
    },
  });
  await expect.poll(() => lines).toContain('printed');
});

test('a warm environment is used again, and a busy one never twice at a time', async () => {
  const first = await invoke('f.mjs#count');
  const second = await invoke('f.mjs#count');
  expect([first, second]).toEqual([
    { kind: 'returned', value: 1 },
    { kind: 'returned', value: 2 },
  ]);
  const alone = await Promise.all(Array.from({ length: 9 }, () => invoke('f.mjs#meets')));
  expect(alone).toEqual(Array.from({ length: 9 }, () => ({ kind: 'returned', value: 1 })));
});

test('closing fails what still runs and what comes after', async () => {
  const other = startLambda({
    clock: realClock(),
    region: 'r',
    accountId: '1',
    environment: {},
    log: () => undefined,
  });
  const running = other.invoke(join(directory, 'f.mjs#hangs'), {}, 20_000);
  await other.close();
  expect((await running).kind).toBe('failed');
  expect((await other.invoke(join(directory, 'f.mjs#promised'), {}, 100)).kind).toBe('failed');
});

const ESM = `
let count = 0;
export const promised = async (event) => event;
export const calledBack = (event, context, callback) => { setTimeout(() => callback(null, event), 1); };
export const plain = (event) => event;
export const moves = async () => { process.chdir('/'); };
export const nothing = async () => undefined;
export const rejects = async () => { throw new Error('Unauthorized'); };
export const throwsAtOnce = () => { throw new Error('now'); };
export const throwsText = () => { throw 'Unauthorized'; };
export const callsBackError = (event, context, callback) => callback('Unauthorized');
export const exits = async () => { process.exit(7); };
export const throwsLater = () => new Promise(() => { setTimeout(() => { throw new Error('later'); }, 1); });
export const hangs = () => new Promise(() => undefined);
export const spins = () => { for (;;); };
export const describe = async (event, context) => {
  console.log('printed');
  const remaining = context.getRemainingTimeInMillis();
  return {
    remaining: remaining > 2000 && remaining <= 3000,
    requestId: context.awsRequestId,
    arn: context.invokedFunctionArn,
    greeting: process.env.GREETING,
    region: process.env.AWS_REGION,
  };
};
const counted = async () => { count += 1; return count; };
export { counted as count };
let inside = 0;
export const meets = async () => {
  inside += 1;
  const seen = inside;
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  inside -= 1;
  return seen;
};
`;

const COMMON_JS = `
exports.handler = async (event) => event;
exports.legacy = (event, context, callback) => { callback(null, event); };
`;
