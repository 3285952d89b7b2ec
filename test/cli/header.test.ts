// `--header`: a suite against an endpoint that lets nobody in without a token, and no target file.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { type Ran, runAssay, verdictLines } from '../support/assay.ts';
import { portOf } from '../support/process.ts';

const TOKEN = 'canary-5f1d0b7e';
const OWN = `title: Only a token opens
steps:
  - as: known
    connect:
  - as: stranger
    connect: { credentials: none }
checks:
  opens: { connection: known, handshake: { status: 101 } }
  stays-out: { connection: stranger, handshake: { status: 401 } }
  fails: { connection: known, handshake: { status: 200 } }
`;

let server: WebSocketServer;
let url: string;

beforeAll(async () => {
  server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }: { req: IncomingMessage }) =>
      req.headers.authorization === `Bearer ${TOKEN}`,
  });
  await once(server, 'listening');
  url = `ws://127.0.0.1:${portOf(server)}/`;
});

afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

function run(header: string, env: Record<string, string>): Promise<Ran> {
  return runAssay(['own.yaml', '--url', url, '--header', header], {
    files: { 'own.yaml': OWN },
    env,
  });
}

function everything({ stdout, stderr, files }: Ran): string {
  return [stdout, stderr, ...Object.values(files).map(String)].join('\n');
}

it.each([
  ['from the environment', 'Authorization: Bearer ${secret:TOKEN}', { TOKEN }],
  ['as it stands', `authorization:Bearer ${TOKEN}`, {}],
])(
  'a token %s is sent where no other credentials are named, and shown nowhere',
  async (_, header, env) => {
    const ran = await run(header, env);
    expect(verdictLines(ran.result())).toEqual([
      'passed own#opens',
      'passed own#stays-out',
      'failed own#fails',
    ]);
    expect(everything(ran)).not.toContain(TOKEN);
  },
);

it('the line that runs it again has the variable, not its value', async () => {
  const ran = await run('Authorization: Bearer ${secret:TOKEN}', { TOKEN });
  expect(ran.result().cases[0]?.rerun).toBe(
    `npx ws-assay run own.yaml --url ${url} --header 'Authorization: Bearer \${secret:TOKEN}'`,
  );
});

it('a whole suite is let in', async () => {
  const header = 'Authorization: Bearer ${secret:TOKEN}';
  const ran = await runAssay(['rfc6455-handshake/accept-value', '--url', url, '--header', header], {
    env: { TOKEN },
  });
  expect(ran.code).toBe(0);
});

it.each([
  [
    ['--url', 'ws://127.0.0.1:1/', '--header', 'no colon canary'],
    /A --header is not of the form Name: value/,
  ],
  [['--url', 'ws://127.0.0.1:1/', '--header', 'X: ${secret:ABSENT}'], /ABSENT/],
  [['--target', 'reference', '--header', 'X: y'], /--header goes with --url/],
])('%j is a mistake, exit 2', async (args, said) => {
  const ran = await runAssay(['own.yaml', ...args], { files: { 'own.yaml': OWN } });
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(said);
  expect(ran.stderr).not.toContain('canary');
});
