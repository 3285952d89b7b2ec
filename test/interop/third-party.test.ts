// The suite rfc6455-handshake against servers that were not written here. For each the checks that
// do not pass are asserted exactly, and beside each stands the demand of RFC 6455 that makes it a
// finding about the server. A server that is not installed is skipped by name; on Debian:
// apt-get install nginx haproxy websocketd python3-websockets python3-aiohttp python3-tornado
// and for the Go servers `go mod download` in server/go: a test itself does not download.

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { deviations, findingOf, runAssay } from '../support/assay.ts';
import { createAuthority, issueCertificate } from '../support/certificate.ts';
import {
  freePort,
  PYTHON,
  portOf,
  pythonHas,
  type Running,
  startProgram,
  succeeds,
} from '../support/process.ts';

const HERE = fileURLToPath(new URL('server/', import.meta.url));

// 4.2.2, /version/: "the server MUST abort the WebSocket handshake described in this section and
// instead send an appropriate HTTP error code (such as 426 Upgrade Required) and a
// |Sec-WebSocket-Version| header field indicating the version(s) the server is capable of
// understanding." Their 400 has no such field.
const VERSIONS_NOT_NAMED = 'failed wrong-version#names-its-versions';

// 5.1: "The server MUST close the connection upon receiving a frame that is not masked." They answer
// the ping instead.
const UNMASKED_ACCEPTED = 'failed unmasked-frame#connection-ends';

interface Program {
  readonly name: string;
  readonly installed: boolean;
  readonly start: () => Promise<Running>;
  readonly path?: string;
  readonly finds: readonly string[];
}

function python(file: string): () => Promise<Running> {
  return async () => {
    const port = await freePort();
    return startProgram([PYTHON, join(HERE, file), String(port)], { port });
  };
}

// Only where its modules are in Go's cache: a test does not download.
const goServer = join(mkdtempSync(join(tmpdir(), 'ws-assay-go-')), 'server');
const hasGo = succeeds(
  'env',
  'GOPROXY=off',
  'GOFLAGS=-mod=readonly',
  'go',
  'build',
  '-C',
  join(HERE, 'go'),
  '-o',
  goServer,
  '.',
);
afterAll(() => rmSync(join(goServer, '..'), { recursive: true, force: true }));

async function startGo(): Promise<Running> {
  const port = await freePort();
  return startProgram([goServer, String(port)], { port });
}

const PROGRAMS: readonly Program[] = [
  {
    name: "Debian's python3-websockets",
    installed: pythonHas('websockets'),
    start: python('websockets_server.py'),
    finds: [VERSIONS_NOT_NAMED],
  },
  {
    name: "Debian's python3-aiohttp",
    installed: pythonHas('aiohttp'),
    start: python('aiohttp_server.py'),
    finds: [UNMASKED_ACCEPTED, VERSIONS_NOT_NAMED],
  },
  {
    name: "Debian's python3-tornado",
    installed: pythonHas('tornado'),
    start: python('tornado_server.py'),
    finds: [UNMASKED_ACCEPTED],
  },
  {
    name: 'websocketd',
    installed: succeeds('websocketd', '--version'),
    start: async () => {
      const port = await freePort();
      return startProgram(['websocketd', '--address', '127.0.0.1', '--port', String(port), 'cat'], {
        port,
      });
    },
    finds: [],
  },
  { name: 'gorilla/websocket (Go)', installed: hasGo, start: startGo, path: 'gorilla', finds: [] },
  {
    name: 'golang.org/x/net/websocket (Go)',
    installed: hasGo,
    start: startGo,
    path: 'xnet',
    finds: [
      // 5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the
      // endpoint MUST send a Close frame in response." It ends TCP and says nothing.
      'failed close#answered-with-a-close-frame',
      'failed empty-close#answered-with-a-close-frame',
      // 5.2: "MUST be 0 unless an extension is negotiated […] the receiving endpoint MUST _Fail the
      // WebSocket Connection_." It ignores the bits.
      'failed reserved-bits#connection-ends',
      // 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
      // Connection_." It waits for the next frame.
      'failed reserved-opcode#connection-ends',
    ],
  },
];

describe('a program of its own:', () => {
  for (const { name, installed, start, path = '', finds } of PROGRAMS) {
    test.skipIf(!installed)(`against ${name}`, { concurrent: true }, async () => {
      const server = await start();
      try {
        const ran = await runAssay(['--url', `ws://127.0.0.1:${server.port}/${path}`]);
        expect(deviations(ran.result())).toEqual([...finds].toSorted());
        expect(ran.code).toBe(finds.length === 0 ? 0 : 1);
      } finally {
        await server.stop();
      }
    });
  }
});

/** Starts npm's `ws`; a server without a listener for errors ends with the first wrong frame. */
async function startWs(
  greet: (connection: WebSocket) => void = () => {},
  options: ServerOptions = {},
): Promise<Running> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', (connection: WebSocket) => {
    connection.on('error', () => {});
    greet(connection);
  });
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: portOf(server), stop };
}

const WS: Readonly<Record<string, () => Promise<Running>>> = {
  'that does nothing': () => startWs(),
  'that echoes': () =>
    startWs((one) => one.on('message', (data, binary) => one.send(data, { binary }))),
  'that greets at once': () => startWs((one) => one.send('welcome')),
  'that pings at once': () => startWs((one) => one.ping('are you there')),
  'that closes at every message': () => startWs((one) => one.on('message', () => one.close(1008))),
  'that compresses': () => startWs(() => {}, { perMessageDeflate: true }),
  'that chooses a subprotocol it is offered': () =>
    startWs(() => {}, { handleProtocols: (offered) => [...offered][0] ?? false }),
};

describe("npm's ws passes everything:", () => {
  test.concurrent.each(Object.entries(WS))('a server %s', async (_, start) => {
    const server = await start();
    const ran = await runAssay(['--url', `ws://127.0.0.1:${server.port}/`]);
    await server.stop();
    expect({ code: ran.code, deviations: deviations(ran.result()) }).toEqual({
      code: 0,
      deviations: [],
    });
  });

  test('a server that demands a subprotocol refuses the proper handshake, and is not judged', async () => {
    const server = await startWs(() => {}, {
      verifyClient: ({ req }: { req: IncomingMessage }) =>
        req.headers['sec-websocket-protocol'] === 'chat',
    });
    const ran = await runAssay(['--url', `ws://127.0.0.1:${server.port}/`]);
    await server.stop();
    expect(ran.code).toBe(3);
    expect(findingOf(ran.result(), 'post-method#not-opened')).toMatchObject({
      verdict: 'errored',
      message: expect.stringMatching(/refused with 401 Unauthorized$/),
    });
  });
});

describe.skipIf(!succeeds('nginx', '-v'))('nginx in front of ws', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ws-assay-nginx-'));
  let backend: Running;
  let nginx: Running;
  let tlsPort: number;

  beforeAll(async () => {
    backend = await startWs();
    const ca = await createAuthority();
    const { cert, key } = await issueCertificate(ca, 'localhost');
    writeFileSync(join(folder, 'ca.pem'), ca.cert);
    writeFileSync(join(folder, 'server.pem'), cert);
    writeFileSync(join(folder, 'server.key'), key);
    const port = await freePort();
    tlsPort = await freePort();
    const conf = fill('nginx.conf', { folder, port, tlsPort, backend: backend.port });
    nginx = await startProgram(
      ['nginx', '-e', 'stderr', '-p', folder, '-c', conf, '-g', 'daemon off;'],
      { port },
    );
  });

  afterAll(async () => {
    await nginx?.stop();
    await backend?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // 4.2.1 item 4: the client's handshake has "A |Connection| header field that includes the token
  // "Upgrade"". nginx writes that header itself, from the Upgrade header alone, so that a request
  // without it opens a connection.
  const REPAIRS = ['failed missing-connection#not-opened'];

  test('passes but for the header that it repairs', async () => {
    const ran = await runAssay(['--url', `ws://127.0.0.1:${nginx.port}/`]);
    expect({ code: ran.code, deviations: deviations(ran.result()) }).toEqual({
      code: 1,
      deviations: REPAIRS,
    });
  });

  test('the same over TLS with an authority of its own', async () => {
    const ca = join(folder, 'ca.pem');
    const ran = await runAssay(['--url', `wss://localhost:${tlsPort}/`, '--ca', ca]);
    expect({ code: ran.code, deviations: deviations(ran.result()) }).toEqual({
      code: 1,
      deviations: REPAIRS,
    });
  });

  test.each([
    ['unconfigured', '426 Upgrade Required'],
    ['static', '200 OK'],
    ['refused', '401 Unauthorized'],
    ['gone', '502 Bad Gateway'],
  ])('/%s opens nothing: nothing passes, and each check says %s', async (path, status) => {
    const ran = await runAssay(['--url', `ws://127.0.0.1:${nginx.port}/${path}`]);
    const result = ran.result();
    expect(ran.code).toBe(3);
    expect(result.counts).toMatchObject({ passed: 0, warned: 0 });
    const unexplained = result.cases
      .flatMap(({ id, findings }) => findings.map((one) => ({ id, ...one })))
      .filter(({ verdict, message }) => verdict !== 'recorded' && !message.includes(status))
      .map(({ id, check, message }) => `${id}#${check}: ${message}`);
    expect(unexplained).toEqual([
      'rfc6455-handshake/close#tcp-ends: opened never came',
      'rfc6455-handshake/empty-close#tcp-ends: opened never came',
    ]);
  });
});

describe.skipIf(!succeeds('haproxy', '-v'))('HAProxy in front of ws', () => {
  test('passes everything', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ws-assay-haproxy-'));
    const backend = await startWs();
    const port = await freePort();
    const conf = fill('haproxy.cfg', { folder, port, backend: backend.port });
    const haproxy = await startProgram(['haproxy', '-db', '-f', conf], { port });
    const ran = await runAssay(['--url', `ws://127.0.0.1:${port}/`]);
    await haproxy.stop();
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
    expect({ code: ran.code, deviations: deviations(ran.result()) }).toEqual({
      code: 0,
      deviations: [],
    });
  });
});

/** Fills in a configuration file and resolves with the path of the copy. */
function fill(file: string, values: Readonly<Record<string, string | number>>): string {
  const text = readFileSync(join(HERE, file), 'utf8').replaceAll(
    /@(\w+)@/g,
    (whole, name: string) => String(values[name] ?? whole),
  );
  const path = join(String(values['folder']), file);
  writeFileSync(path, text);
  return path;
}
