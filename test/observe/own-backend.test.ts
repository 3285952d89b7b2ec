// A backend that is not ours: users' own handlers, unchanged but for the wrapper, and logs that were there
// before. Nothing is put into the query string; where that is asked for, nothing into any request.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deviations, type Ran, runAssay, verdictLines } from '../support/assay.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

const NODE = `import { observe } from '${join(PACKAGE_ROOT, 'probe/node/observe.mjs')}';
const own = async (event) => {
  const { eventType, connectionId } = event.requestContext;
  if (eventType !== 'MESSAGE') return { statusCode: 200 };
  return { statusCode: 200, body: JSON.stringify({ type: 'welcome', connectionId }) };
};
export const handler = observe(own);
`;
const PYTHON = `import json, sys
sys.path.insert(0, ${JSON.stringify(join(PACKAGE_ROOT, 'probe/python'))})
from observe import observe

def own(event, context):
    request = event["requestContext"]
    if request["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    return {"statusCode": 200, "body": json.dumps({"type": "welcome", "connectionId": request["connectionId"]})}

handler = observe(own)
`;
// Writes a log of its own, in its own words, and knows nothing of ws-assay.
const LOGGING = `import { appendFileSync } from 'node:fs';
const KINDS = { CONNECT: 'joined', DISCONNECT: 'left', MESSAGE: 'said' };
export const handler = async (event) => {
  const { eventType, connectionId, disconnectStatusCode, disconnectReason } = event.requestContext;
  const close = { code: disconnectStatusCode, reason: disconnectReason };
  const url = Object.entries(event.queryStringParameters ?? {}).map((pair) => pair.join('=')).join('&');
  const line = { kind: KINDS[eventType], time: new Date().toISOString(), conn: { id: connectionId }, url, close };
  appendFileSync(process.env.CHAT_LOG, 'chat listens on 8080\\n' + JSON.stringify(line) + '\\n');
  return eventType === 'MESSAGE' ? { statusCode: 200, body: connectionId } : { statusCode: 200 };
};
`;
const MAP = `map:
    type: { path: kind, values: { joined: CONNECT, left: DISCONNECT, said: MESSAGE } }
    at: { path: time, format: iso }
    connectionId: conn.id
    nonce: url
    event: { requestContext.disconnectStatusCode: close.code, requestContext.disconnectReason: close.reason }`;

const GATEWAY = (handler: string): string => `Apis:
  open:
    ApiId: chat
    RouteSelectionExpression: $request.body.action
    Routes:
      $connect: { Target: integrations/chat }
      $disconnect: { Target: integrations/chat }
      $default: { Target: integrations/chat, RouteResponseSelectionExpression: $default }
    Integrations: { chat: { Handler: "${handler}" } }
    Stages: { dev: {} }
`;
const TARGET = (folder: string, backend: string): string => `url: ws://127.0.0.1:\${port.open}/dev
settle: 1s
${backend}
launch:
  gateway: gateway.yaml
  ports: [open]
  env: { ASSAY_PROBE_SINK: "file:${folder}/events.ndjson", CHAT_LOG: "${folder}/chat.log" }
`;

const SCENARIO = `title: A client that comes, speaks and goes
steps:
  - connect:
  - send: { json: { action: whoami } }
  - wait: received
  - close: { code: 4001 }
checks:
  opens: { handshake: { status: 101 } }
  told-once: { events: { $connect: 1, $disconnect: 1, message: 1 } }
  told-the-code: { events: { $disconnect: { each: { requestContext.disconnectStatusCode: 4001 } } } }
  told-after: { order: [closing, $disconnect.started] }
`;

async function run(
  handler: readonly [name: string, text: string],
  backend: string,
  scenario = SCENARIO,
): Promise<Ran> {
  const folder = folderWith();
  mkdirSync(join(folder, 'chat'));
  const own = join(folder, 'chat');
  const [name, text] = handler;
  writeFileSync(join(own, name), text);
  writeFileSync(join(own, 'gateway.yaml'), GATEWAY(`${name}#handler`));
  writeFileSync(join(own, 'target.yaml'), TARGET(own, backend));
  const env = { PATH: process.env['PATH'] ?? '', FOLDER: own };
  const args = ['visit.yaml', '--target', join(own, 'target.yaml')];
  return runAssay(args, { env, files: { 'visit.yaml': scenario } });
}

/** Every request and close frame as it was written. */
function written(ran: Ran): string {
  const records = ran.result().cases.flatMap((one) => one.records);
  const ours = records.flatMap((record) => {
    if (record.kind === 'request') return [record.raw.text ?? ''];
    return record.kind === 'frame' && record.direction === 'out' ? [record.payload.text ?? ''] : [];
  });
  return ours.join('\n');
}

const FILE = 'observer: { file: events.ndjson }';

it.each([
  ['Node', ['chat.mjs', NODE]],
  ['Python', ['chat.py', PYTHON]],
] as const)('sees the handler of a user in %s through its wrapper', async (_, handler) => {
  const ran = await run(handler, FILE);
  expect([ran.code, deviations(ran.result()), ran.result().problems]).toEqual([0, [], []]);
  expect(ran.result().counts.passed).toBe(4);
});

it.each([
  ['a header', 'correlate: { header: x-request-id }'],
  ['the close reason', 'correlate: close-reason'],
  [
    'the id from a reply',
    `correlate: { connection-id: { from: received.json.connectionId, ask: '{"action":"whoami"}' } }`,
  ],
])('recognises an attempt by %s, the query string untouched', async (_, correlate) => {
  const ran = await run(['chat.mjs', NODE], `${FILE}\n${correlate}`);
  expect([ran.code, deviations(ran.result()), ran.result().problems]).toEqual([0, [], []]);
  expect(written(ran)).toContain('GET /dev HTTP/1.1');
  expect(written(ran)).not.toContain('assay');
});

it.each([
  ['file', 'observer:\n  file: chat.log'],
  ['exec', 'observer:\n  exec: [tail, -n, "0", -s, "0.1", -F, chat.log]'],
])('reads the log that a backend has always written, by %s', async (_, observer) => {
  const ran = await run(['chat.mjs', LOGGING], `${observer}\n  ${MAP}`);
  expect([ran.code, deviations(ran.result()), ran.result().problems]).toEqual([0, [], []]);
  expect(ran.stderr).toMatch(/\d+ lines were not JSON; the first: chat listens on 8080\n/);
});

it('does not believe what it cannot see: a connection whose id no reply has told', async () => {
  const silent = SCENARIO.replace(
    '  - send: { json: { action: whoami } }\n  - wait: received\n',
    '',
  ).replace(', message: 1', '');
  const correlate = `correlate: { connection-id: { from: received.json.connectionId, ask: '{"action":"whoami"}' } }`;
  const ran = await run(['chat.mjs', NODE], `${FILE}\n${correlate}`, silent);
  expect(ran.code).toBe(3);
  expect(verdictLines(ran.result())).toEqual([
    'passed visit#opens',
    'errored visit#told-once',
    'errored visit#told-the-code',
    'errored visit#told-after',
  ]);
  expect(ran.result().cases[0]?.findings[1]?.reason).toBe('NOT_RECOGNISED');
});

it('judges no absence when the command that tells ends meanwhile', async () => {
  const script = `setTimeout(() => process.exit(0), 2500); const s = require('fs'); let at = 0;
setInterval(() => { try { const t = s.readFileSync('events.ndjson', 'utf8'); process.stdout.write(t.slice(at)); at = t.length } catch {} }, 20)`;
  const observer = `observer: { exec: ["${process.execPath}", -e, ${JSON.stringify(script)}] }`;
  const late = SCENARIO.replace('  - wait: received\n', '  - wait: received\n  - idle: 3s\n');
  const ran = await run(['chat.mjs', NODE], observer, late);
  expect(ran.code).toBe(3);
  expect(ran.result().problems).toMatchObject([{ code: 'OBSERVER_FAILED' }]);
  expect(verdictLines(ran.result()).slice(0, 2)).toEqual([
    'passed visit#opens',
    'errored visit#told-once',
  ]);
});

it('is documented with the wrappers that are tested here', () => {
  const page = readFileSync(join(PACKAGE_ROOT, 'docs/observing-your-backend.md'), 'utf8');
  expect(page).toContain('observe.mjs');
  expect(page).toContain('observe.py');
});
