// Thresholds from a file to the exit code and the reports, against a server that refuses some.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { findingOf, runAssay } from '../support/assay.ts';

let server: Server;
let sockets: WebSocketServer;
let attempts = 0;

/** Refuses every fifth attempt. */
beforeAll(async () => {
  server = createServer();
  sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    attempts += 1;
    if (attempts % 5 === 0)
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
    else sockets.handleUpgrade(request, socket, head, (client) => client.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const client of sockets.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const scenario = (thresholds: string): string => `title: Nearly all get in
steps:
  - connect: { count: 50, atOnce: 10 }
thresholds:
${thresholds}`;

const run = (thresholds: string): ReturnType<typeof runAssay> => {
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return runAssay(['in.yaml', '--url', url], { files: { 'in.yaml': scenario(thresholds) } });
};

test('a share outside fails, and the reports name the first that are missing', async () => {
  const ran = await run('  in: { share: { gte: 99% }, of: { handshake: { status: 101 } } }\n');
  expect(ran.code).toBe(1);
  const { verdict, message, actual } = findingOf(ran.result(), 'in#in');
  expect({ verdict, actual }).toMatchObject({
    verdict: 'failed',
    actual: { share: 0.8, held: 40, samples: 50, confidence: 0.95 },
  });
  expect(message).toMatch(
    /^40 of 50 \(80%\), 95% interval 66\.96% to 88\.76%; without: client\[\d+\], .*… \(client\[\d+\]: the answer was 503 /,
  );
  for (const report of ['out/report.html', 'out/junit.xml', 'out/summary.md']) {
    expect(ran.files[report]?.toString('utf8')).toContain('40 of 50 (80%)');
  }
  expect(ran.stderr).toContain('40 of 50 (80%)');
});

test('a share across is inconclusive only: exit 4, an error in JUnit', async () => {
  const ran = await run(
    '  in: { share: { gte: 75% }, of: { handshake: { status: 101 } } }\n  some: { count: { gte: 1 }, of: { handshake: { status: 503 } } }\n',
  );
  expect(ran.code).toBe(4);
  expect(findingOf(ran.result(), 'in#in')).toMatchObject({
    verdict: 'inconclusive',
    reason: 'TOO_FEW_SAMPLES',
    actual: { needed: 239 },
  });
  expect(findingOf(ran.result(), 'in#some')).toMatchObject({ verdict: 'passed' });
  const junit = ran.files['out/junit.xml']?.toString('utf8') ?? '';
  expect(junit).toMatch(/<error message="40 of 50 \(80%\)/);
  expect(junit).not.toContain('<skipped');
});

test('a threshold that needs what the target lacks is not applicable', async () => {
  const ran = await run(
    '  told: { share: 100%, of: { events: { $connect: 1 } } }\n  in: { share: { gte: 50% }, of: { handshake: { status: 101 } } }\n',
  );
  expect(ran.code).toBe(0);
  expect(findingOf(ran.result(), 'in#told')).toMatchObject({
    verdict: 'not-applicable',
    reason: 'observer',
  });
});
