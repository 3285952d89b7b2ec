// Functions of the configuration: their environment, their time-out, and how they are changed while they run.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realClock } from '../base/clock.ts';
import { checkConfig } from './config.ts';
import { readGatewayConfig } from './config-file.ts';
import { type Lambda, type LambdaOptions, startLambda } from './lambda.ts';

const HANDLER = `
export const environment = async () => ({ own: process.env.OWN, all: process.env.ALL, name: process.env.AWS_LAMBDA_FUNCTION_NAME });
export const context = async (event, { functionName, invokedFunctionArn }) => ({ functionName, invokedFunctionArn });
export const slow = async ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, 'done'));
export const late = async () => new Promise(() => undefined);
export const throws = async () => { throw new Error('broken'); };
`;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'assay-functions-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface Started {
  readonly lambda: Lambda;
  readonly file: string;
  readonly lines: readonly string[];
}

type Functions = NonNullable<LambdaOptions['functions']>;

function start(
  functions: (file: string) => Functions,
  options: Partial<LambdaOptions> = {},
): Started {
  const file = join(folder(), 'f.mjs');
  writeFileSync(file, HANDLER);
  const lines: string[] = [];
  const lambda = startLambda({
    clock: realClock(),
    region: 'eu-west-1',
    accountId: '111122223333',
    environment: { ALL: 'all', OWN: 'all' },
    functions: functions(file),
    log: (line) => lines.push(line),
    ...options,
  });
  onTestFinished(() => lambda.close());
  return { lambda, file, lines };
}

it('two functions share their code and have an environment each', async () => {
  const { lambda } = start((file) => ({
    one: { Handler: `${file}#environment`, Environment: { OWN: '1' } },
    two: { FunctionName: 'second', Handler: `${file}#environment`, Environment: {} },
  }));
  expect(await lambda.invoke('function:one', {}, 5000)).toEqual({
    kind: 'returned',
    value: { own: '1', all: 'all', name: 'one' },
  });
  expect(await lambda.invoke('function:two', {}, 5000)).toEqual({
    kind: 'returned',
    value: { own: 'all', all: 'all', name: 'second' },
  });
});

it('has the name and the ARN that are its own', async () => {
  const { lambda } = start((file) => ({
    one: { FunctionName: 'chat-say', Handler: `${file}#context`, Environment: {} },
  }));
  expect(await lambda.invoke('function:one', {}, 5000)).toEqual({
    kind: 'returned',
    value: {
      functionName: 'chat-say',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:chat-say',
    },
  });
});

it('a function that Lambda ends has failed, one that the gateway no longer waits for has not', async () => {
  const { lambda, lines } = start((file) => ({
    short: { Handler: `${file}#late`, Environment: {}, Timeout: 1 },
    long: { Handler: `${file}#late`, Environment: {}, Timeout: 900 },
    broken: { Handler: `${file}#throws`, Environment: {} },
  }));
  expect(await lambda.invoke('function:short', {}, 5000)).toEqual({
    kind: 'failed',
    errorMessage: 'Task timed out after 1.00 seconds',
  });
  expect(await lambda.invoke('function:long', {}, 100)).toEqual({ kind: 'timed-out' });
  expect(await lambda.invoke('function:broken', {}, 5000)).toEqual({
    kind: 'failed',
    errorMessage: 'broken',
  });
  expect(lines).toEqual([
    'short: Task timed out after 1.00 seconds',
    'long: it did not answer before the time-out of the integration',
    'broken: broken',
  ]);
});

it('is loaded anew, while an invocation that runs ends as it began', async () => {
  const { lambda, file } = start((path) => ({
    slow: { Handler: `${path}#slow`, Environment: {} },
    other: { Handler: `${path}#environment`, Environment: { OWN: 'before' } },
  }));
  expect(await lambda.invoke('function:other', {}, 5000)).toMatchObject({
    value: { own: 'before' },
  });
  const running = lambda.invoke('function:slow', { ms: 400 }, 5000);
  await lambda.invoke('function:slow', { ms: 1 }, 5000);
  writeFileSync(file, HANDLER.replaceAll("'done'", "'new'"));
  lambda.renew({
    slow: { Handler: `${file}#slow`, Environment: {} },
    other: { Handler: `${file}#environment`, Environment: { OWN: 'after' } },
  });
  expect(await lambda.invoke('function:slow', { ms: 1 }, 5000)).toEqual({
    kind: 'returned',
    value: 'new',
  });
  expect(await lambda.invoke('function:other', {}, 5000)).toMatchObject({
    value: { own: 'after' },
  });
  expect(await running).toEqual({ kind: 'returned', value: 'done' });
});

it('code that could not be loaded is tried again after it was changed', async () => {
  const { lambda, file } = start((path) => ({ f: { Handler: `${path}#slow`, Environment: {} } }));
  writeFileSync(file, 'export const slow = (;');
  expect(await lambda.invoke('function:f', { ms: 1 }, 5000)).toMatchObject({ kind: 'failed' });
  writeFileSync(file, HANDLER);
  lambda.renew();
  expect(await lambda.invoke('function:f', { ms: 1 }, 5000)).toEqual({
    kind: 'returned',
    value: 'done',
  });
});

const CALLS = `
import https, { request, get } from 'node:https';
import { createRequire } from 'node:module';
const bodyOf = (sent) => new Promise((resolve, reject) => sent.on('error', reject).on('response', (answer) => {
  let text = ''; answer.on('data', (part) => { text += part; }).on('end', () => resolve(JSON.parse(text)));
}));
const end = (sent) => { sent.end('x'); return bodyOf(sent); };
const options = { host: 'chat.example.com', port: 443, path: '/a?b=c', method: 'POST', agent: new https.Agent(), headers: { host: 'chat.example.com' } };
export const handler = async (how) => {
  if (how === 'options') return end(request(options));
  if (how === 'url') return end(request('https://chat.example.com/a?b=c', { method: 'POST' }));
  if (how === 'default') return end(https.request(new URL('https://CHAT.example.com/a?b=c'), { method: 'POST' }));
  if (how === 'commonjs') return end(createRequire(import.meta.url)('https').request(options));
  if (how === 'get') return bodyOf(get('https://chat.example.com/a?b=c'));
  if (how === 'fetch') return (await fetch('https://chat.example.com/a?b=c', { method: 'POST', body: 'x' })).json();
  if (how === 'request') return (await fetch(new Request('https://chat.example.com/a?b=c', { method: 'POST', body: 'x' }))).json();
  if (how === 'other') return end(request('https://other.invalid/')).catch(({ code }) => ({ code }));
  return end(request('https://chat.example.com:444/')).catch(({ code }) => ({ code }));
};
`;

it('reaches by HTTPS the origin that a host is redirected to, and no other', async () => {
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    asked.resume();
    answer.end(JSON.stringify({ method, url, host: headers.host }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const { lambda, file } = start(
    (path) => ({ f: { Handler: `${path}#handler`, Environment: {} } }),
    {
      surroundings: () => ({ environment: {}, redirects: { 'chat.example.com': origin } }),
    },
  );
  writeFileSync(file, CALLS);
  const posted = { method: 'POST', url: '/a?b=c', host: 'chat.example.com' };
  const call = async (how: string): Promise<unknown> => {
    const outcome = await lambda.invoke('function:f', how, 10_000);
    return outcome.kind === 'returned' ? outcome.value : outcome;
  };
  for (const how of ['options', 'url', 'commonjs']) expect(await call(how)).toEqual(posted);
  expect(await call('default')).toEqual({ ...posted, host: 'chat.example.com' });
  expect(await call('get')).toEqual({ ...posted, method: 'GET' });
  // `fetch` lets nobody set a Host header.
  for (const how of ['fetch', 'request']) {
    expect(await call(how)).toEqual({ ...posted, host: origin.slice('http://'.length) });
  }
  expect(await call('other')).toEqual({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
  expect(await call('port')).toEqual({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT)$/),
  });
});

it('an integration names a function that is there', () => {
  const config = (Handler: string): object => ({
    Apis: { chat: { ApiId: 'chat', Stages: { dev: {} }, Integrations: { chat: { Handler } } } },
    Functions: { chat: { Handler: 'f.mjs#handler' } },
  });
  expect(checkConfig(config('function:chat')).kind).toBe('config');
  expect(checkConfig(config('function:chta'))).toEqual({
    kind: 'problems',
    problems: [
      {
        path: ['Apis', 'chat', 'Integrations', 'chat', 'Handler'],
        message: 'no function is called chta',
      },
    ],
  });
});

it('the code of a function lies beside the configuration', () => {
  const text =
    'Apis: { chat: { ApiId: chat, Stages: { dev: {} }, Integrations: { chat: { Handler: function:chat } } } }\nFunctions: { chat: { Handler: f.mjs#handler } }\n';
  expect(readGatewayConfig(text, '/home/me/gateway.yaml')).toMatchObject({
    config: {
      Apis: { chat: { Integrations: { chat: { Handler: 'function:chat' } } } },
      Functions: { chat: { Handler: '/home/me/f.mjs#handler' } },
    },
  });
});
