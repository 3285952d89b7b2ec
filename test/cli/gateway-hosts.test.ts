// Gateways that share a process one after the other, as the self-test starts them.
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createRedactor } from '../../src/base/redact.ts';
import { type GatewayHosts, openGatewayHosts } from '../../src/cli/gateway-hosts.ts';
import { launchTarget, type RunningTarget } from '../../src/target/launch.ts';
import { folderWith } from '../support/folder.ts';
import { testIo } from '../support/io.ts';

const io = testIo({ argv: [] });

const CONFIG = `Apis:
  open:
    ApiId: own
    Routes: { $connect: { Target: integrations/own } }
    Integrations: { own: { Handler: own.mjs#handler, ProvisionedConcurrency: 40 } }
    Stages: { prod: {} }
`;
const HANDLER = `export const handler = async () => ({ statusCode: Number(process.env.STATUS) });`;

function openHosts(): GatewayHosts {
  const hosts = openGatewayHosts(io);
  onTestFinished(() => hosts.close());
  return hosts;
}

function launch(
  hosts: GatewayHosts,
  status: string,
  ...more: readonly string[]
): Promise<RunningTarget> {
  const directory = folderWith({ 'gateway.yaml': CONFIG, 'own.mjs': HANDLER });
  return launchTarget(
    {
      command: [...io.self, 'gateway', '--config', 'gateway.yaml', ...more],
      directory,
      env: { STATUS: status },
      ready: { kind: 'line', pattern: '"ready":true' },
      readyWithinMs: 10_000,
    },
    { clock: io.clock, redactor: createRedactor(), start: hosts.start },
  );
}

function urlOf(running: RunningTarget): string {
  const ready = running.lastLines().find((line) => line.startsWith('{')) ?? '';
  return (JSON.parse(ready) as { apis: { open: { url: string } } }).apis.open.url; // our own line
}

/** 101, or the status of the refusal. */
async function statusOf(running: RunningTarget): Promise<number | undefined> {
  const client = new WebSocket(urlOf(running));
  const opened = once(client, 'open').then(() => 101);
  const refused = once(client, 'unexpected-response').then(([, { statusCode }]) => statusCode);
  const status = await Promise.race([opened, refused]);
  client.terminate();
  return status;
}

test('each gateway has its own environment and faults, and leaves nothing to the next', async () => {
  const hosts = openHosts();
  const first = await launch(hosts, '200');
  expect(await statusOf(first)).toBe(101);
  const url = urlOf(first);
  await first.stop();
  expect(await first.ended).toBe('it ended with exit code 0');
  const [error] = await once(new WebSocket(url), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  const second = await launch(hosts, '418', '--fault', 'refuses-with-403-always');
  expect(second.pid).toBe(first.pid);
  expect(await statusOf(second)).toBe(403);
  await second.stop();
  const third = await launch(hosts, '418');
  expect([third.pid, await statusOf(third)]).toEqual([first.pid, 418]);
});

test('gateways at the same time are in processes of their own', async () => {
  const hosts = openHosts();
  const [one, other] = await Promise.all([launch(hosts, '200'), launch(hosts, '403')]);
  expect(one.pid).not.toBe(other.pid);
  expect(await Promise.all([statusOf(one), statusOf(other)])).toEqual([101, 403]);
});

test('one that cannot start says why, and its process serves the next', async () => {
  const hosts = openHosts();
  const failing = launch(hosts, '200', '--fault', 'no-such-fault');
  await expect(failing).rejects.toMatchObject({
    code: 'TARGET_LAUNCH_FAILED',
    message: 'The target did not start: it ended with exit code 2.',
    hint: expect.stringContaining('no-such-fault'),
  });
  expect(await statusOf(await launch(hosts, '200'))).toBe(101);
});

test('the death of a process is the end of its gateway, and the next has another', async () => {
  const hosts = openHosts();
  const running = await launch(hosts, '200');
  process.kill(running.pid ?? 0, 'SIGKILL');
  expect(await running.ended).toBe('it was ended by SIGKILL');
  const next = await launch(hosts, '200');
  expect(next.pid).not.toBe(running.pid);
  expect(await statusOf(next)).toBe(101);
});
