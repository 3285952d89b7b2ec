// The suite rfc6455-handshake against servers that were not written here. For each the checks that
// do not pass are asserted exactly; docs/interop.md says which demand of RFC 6455 each violates. A
// server that is not installed is skipped by name; see server.ts.

import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviations, findingOf, runAssay } from '../support/assay.ts';
import { type Running, succeeds } from '../support/process.ts';
import { PAGE, renderPage, versionsIn } from './page.ts';
import { type RunningNginx, startNginx } from './proxy.ts';
import { NGINX_FAILS, removeBuilt, SERVERS } from './server.ts';
import { startWs } from './ws-server.ts';

afterAll(removeBuilt);

describe('a program of its own:', () => {
  for (const { name, installed, start, path = '', fails } of SERVERS) {
    test.skipIf(!installed)(`against ${name}`, { concurrent: true }, async () => {
      const server = await start();
      try {
        const ran = await runAssay(['--url', `ws://127.0.0.1:${server.port}/${path}`]);
        expect(deviations(ran.result())).toEqual(asFailed(fails));
        expect(ran.code).toBe(fails.length === 0 ? 0 : 1);
      } finally {
        await server.stop();
      }
    });
  }
});

// Written where ASSAY_WRITE_INTEROP asks for it, which `npm run interop` does.
test('docs/interop.md says what is asserted here', () => {
  const old = versionsIn(readFileSync(PAGE, 'utf8'));
  const writes = process.env['ASSAY_WRITE_INTEROP'] !== undefined;
  const page = renderPage(SERVERS, ({ name, installed, version }) =>
    writes && installed ? version() : (old.get(name) ?? 'untested'),
  );
  if (writes) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
  expect(page).not.toContain('untested');
});

function asFailed(checks: readonly string[]): readonly string[] {
  return checks.map((check) => `failed ${check}`).toSorted();
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
  let nginx: RunningNginx;

  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(() => nginx?.stop());

  test('fails the same over TLS with an authority of its own', async () => {
    const { tlsPort, ca } = nginx;
    const ran = await runAssay(['--url', `wss://localhost:${tlsPort}/`, '--ca', ca]);
    expect({ code: ran.code, deviations: deviations(ran.result()) }).toEqual({
      code: 1,
      deviations: asFailed(NGINX_FAILS),
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
