// Credentials given to a run, echoed by the server in every way it can think of: none of them is in
// a file or on a screen afterwards.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { canary, leaks, spellings } from '../support/canary.ts';
import {
  closePayload,
  frame,
  type HandServer,
  type Request,
  startHandServer,
} from '../support/hand-server.ts';
import { freePort } from '../support/process.ts';

const TOKEN = canary('token');
const FROM_ENV = canary('env');
const LITERAL = canary('literal');
const API_KEY = canary('key');
const COOKIE = canary('cookie').replaceAll('=', '');
const QUERY_TOKEN = canary('query');
const SIGNATURE = randomBytes(32).toString('hex');
const SESSION = canary('session');
const CREDENTIAL = `AKIA${randomBytes(8).toString('hex').toUpperCase()}/20261122/eu-west-1/execute-api/aws4_request`;

const PRESIGNED = new URLSearchParams({
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': CREDENTIAL,
  'X-Amz-Security-Token': SESSION,
  'X-Amz-Signature': SIGNATURE,
}).toString();

let server: HandServer;
beforeAll(async () => {
  server = await startHandServer({
    answer: (request, right) => (request.target.startsWith('/refused') ? refusal(request) : right),
    headers: (request) =>
      echoes(request)
        .map((one, i) => `X-Echo-${i}: ${one}\r\n`)
        .join(''),
    answered: (socket, request) => {
      if (request.target.startsWith('/refused')) return;
      for (const secret of secretsIn(request)) {
        const text = spellings(secret).join('\n');
        for (let at = 0; at < text.length; at += 100) {
          const fin = at + 100 >= text.length;
          socket.write(frame(at === 0 ? 1 : 0, text.slice(at, at + 100), { fin }));
        }
      }
      const [secret = ''] = secretsIn(request);
      socket.write(frame(9, secret.slice(0, 125)));
      socket.end(frame(8, closePayload(4000, secret.slice(0, 123))));
    },
  });
});
afterAll(() => server.stop());

/** The values of this request that only its sender should know. */
function secretsIn({ target, headers }: Request): readonly string[] {
  const query = new URLSearchParams(target.split('?')[1] ?? '');
  const found = [
    headers['authorization']?.replace(/^Bearer /, ''),
    headers['x-api-key'],
    headers['cookie']?.replace(/^session=/, ''),
    ...['X-Amz-Credential', 'X-Amz-Security-Token', 'X-Amz-Signature', 'token'].map((name) =>
      query.get(name),
    ),
  ];
  return found.filter((one) => one !== undefined && one !== null);
}

function echoes(request: Request): readonly string[] {
  return secretsIn(request).flatMap(spellings);
}

function refusal(request: Request): string {
  const body = JSON.stringify({ saw: echoes(request), query: request.target, head: request.text });
  const phrase = `You sent ${secretsIn(request)[0] ?? ''}`;
  const headers = echoes(request).map((one, i) => `X-Echo-${i}: ${one}\r\n`);
  return `HTTP/1.1 403 ${phrase}\r\nWWW-Authenticate: Bearer realm="${phrase}"\r\nLocation: ${request.target}\r\n${headers.join('')}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const CHECKS = `
checks:
  phrase: { connection: refused, handshake: { phrase: another } }
  headers: { connection: refused, handshake: { headers: { X-Echo-0: another } } }
  body: { connection: refused, handshake: { body: another } }
  opened: { connection: accepted, handshake: { headers: { X-Echo-0: another } } }
  message: { connection: accepted, received: { some: { text: another } } }
  reason: { connection: accepted, closed: { reason: another } }
  seen:
    connection: refused
    record: [handshake.phrase, handshake.headers, handshake.body]
  seen-open:
    connection: accepted
    record: [handshake.headers, closed.reason]
`;

const scenario = (headers: string): string => `
title: A server that repeats what it was told
steps:
  - as: refused
    connect: { path: /refused, ${headers} }
  - as: accepted
    connect: { path: /, ${headers} }
  - connection: accepted
    wait: closed
    within: 3s
${CHECKS}`;

const plain = `
title: The same with what the target adds
steps:
  - as: refused
    connect: { endpoint: refused }
  - as: accepted
    connect:
  - connection: accepted
    wait: closed
    within: 3s
${CHECKS}`;

const REPORTERS = ['console', 'ndjson', 'json', 'junit', 'markdown'] as const;

describe('a credential is in no file and on no screen:', () => {
  test.concurrent.each(REPORTERS)('in headers of a scenario, reporter %s', async (reporter) => {
    const ran = await runAssay(['own/*', '--url', server.url, '--reporter', reporter], {
      env: { CANARY_TOKEN: TOKEN, CANARY_ENV: FROM_ENV, CANARY_KEY: API_KEY },
      files: {
        'scenarios/own/secret.yaml': scenario(
          'headers: { Authorization: "Bearer ${secret:CANARY_TOKEN}" }',
        ).replace(
          'phrase: another',
          'phrase: "${secret:CANARY_TOKEN}", body: { contains: "${secret:CANARY_TOKEN}" }',
        ),
        'scenarios/own/env.yaml': scenario(
          'headers: { Authorization: "Bearer ${env:CANARY_ENV}" }',
        ),
        'scenarios/own/literal.yaml': scenario(`headers: { Authorization: "Bearer ${LITERAL}" }`),
        'scenarios/own/cookie.yaml': scenario(`headers: { Cookie: "session=${COOKIE}" }`),
        'scenarios/own/key.yaml': scenario('headers: { x-api-key: "${env:CANARY_KEY}" }'),
        'scenarios/own/query.yaml': scenario(`query: { token: "${QUERY_TOKEN}" }`),
      },
    });
    // What is hidden is not judged: those checks are errored, the others have failed.
    expect(ran.stderr).toMatch(/^Could not test everything: .* failed\.$/m);
    expect(ran.result().counts).toMatchObject({ failed: 18, errored: 18, recorded: 12 });
    expect(leaks(ran, [TOKEN, FROM_ENV, LITERAL, COOKIE, API_KEY, QUERY_TOKEN])).toEqual([]);
  });

  test.concurrent.each(['', 'refused'])('in the query of --url, path /%s', async (path) => {
    const ran = await runAssay(
      ['own/*', 'rfc6455-handshake/answer', '--url', `${server.url}${path}?${PRESIGNED}`],
      { files: { 'scenarios/own/plain.yaml': plain.replace('{ endpoint: refused }', '') } },
    );
    // What is hidden is not judged: those checks are errored, the others have failed.
    expect(ran.stderr).toMatch(/^Could not test everything: .* failed\.$/m);
    expect(leaks(ran, [SIGNATURE, SESSION, CREDENTIAL])).toEqual([]);
  });

  test.concurrent('in the credentials of a target', async () => {
    const ran = await runAssay(['own/*', '--target', 'canary'], {
      env: { CANARY_TOKEN: TOKEN, CANARY_KEY: API_KEY },
      files: {
        'scenarios/own/plain.yaml': plain,
        'targets/canary/target.yaml': `
title: An endpoint with credentials
endpoints:
  open: { url: "${server.url}", credentials: { default: { headers: { x-api-key: "\${env:CANARY_KEY}", Authorization: "Bearer \${secret:CANARY_TOKEN}" } } } }
  refused: { url: "${server.url}refused?${PRESIGNED}", credentials: { default: { headers: { x-api-key: ${JSON.stringify(LITERAL)} }, query: { token: "${QUERY_TOKEN}" } } } }
`,
      },
    });
    // What is hidden is not judged: those checks are errored, the others have failed.
    expect(ran.stderr).toMatch(/^Could not test everything: .* failed\.$/m);
    expect(ran.result().counts).toMatchObject({ failed: 3, errored: 3, recorded: 2 });
    expect(
      leaks(ran, [TOKEN, API_KEY, LITERAL, QUERY_TOKEN, SIGNATURE, SESSION, CREDENTIAL]),
    ).toEqual([]);
  });

  test.concurrent('where a scenario itself repeats it', async () => {
    const ran = await runAssay(['own/*', '--url', server.url], {
      env: { CANARY_TOKEN: TOKEN },
      files: {
        'scenarios/own/told.yaml': `
title: "It is \${secret:CANARY_TOKEN}"
description: "Written as \${secret:CANARY_TOKEN}"
steps:
  - connect: { subprotocols: ["\${secret:CANARY_TOKEN}", chat], query: { q: "\${secret:CANARY_TOKEN}" } }
checks:
  opens: { title: "Not \${secret:CANARY_TOKEN}", handshake: { phrase: "\${secret:CANARY_TOKEN}" } }
`,
      },
    });
    expect(ran.result().counts).toMatchObject({ passed: 0 });
    expect(leaks(ran, [TOKEN])).toEqual([]);
  });

  test('when nothing can be reached, planned or read', async () => {
    const query = `?${PRESIGNED}`;
    const secrets = [SIGNATURE, SESSION, CREDENTIAL];
    const runs = [
      ['--url', `ws://127.0.0.1:${await freePort()}/${query}`, 'rfc6455-handshake/answer'],
      ['--url', `ws://127.0.0.1:9/${query}`, '--dry-run'],
      ['--url', `ftp://127.0.0.1:9/${query}`],
      ['--url', `ws://127.0.0.1:9/${query}#fragment`],
      ['--url', `ws://127.0.0.1:9/${query}`, 'no/such'],
      ['--url', `ws://127.0.0.1:9/${query}`, '--target', 'reference'],
    ];
    for (const args of runs) expect(leaks(await runAssay(args), secrets)).toEqual([]);
  });
});
