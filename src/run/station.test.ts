import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { createRedactor } from '../base/redact.ts';
import type { Target } from '../target/model.ts';
import { openStation, type StationPlan } from './station.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const REMOTE = { kind: 'remote', listen: '127.0.0.1:0', advertise: undefined } as const;
const LISTENING = { listen: '127.0.0.1:0', advertise: undefined, token: undefined };
const PORTS = ['first', 'second', 'third'];
const taken: (readonly number[])[] = [];

test('a port that somebody takes before the target binds it is replaced by another', async () => {
  taken.length = 0;
  const station = await openStation(plan({ stealFor: 1 }));
  expect(taken).toHaveLength(2);
  expect(taken[1]).not.toEqual(taken[0]);
  expect(station.death()).toBeUndefined();
  await station.close();
});

test('so is one whose target has a remote probe, which gets a listener of its own', async () => {
  taken.length = 0;
  const station = await openStation({ ...plan({ stealFor: 1, probe: REMOTE }), listen: LISTENING });
  expect(taken).toHaveLength(2);
  expect(station.backend).toBeDefined();
  await station.close();
});

test('after three draws it is the launch failure that it looks like', async () => {
  taken.length = 0;
  await expect(openStation(plan({ stealFor: 9 }))).rejects.toMatchObject({
    code: 'TARGET_LAUNCH_FAILED',
  });
  expect(taken).toHaveLength(3);
});

test('a target that fails by itself is started once', async () => {
  taken.length = 0;
  await expect(openStation(plan({ stealFor: 0, code: 'process.exit(4)' }))).rejects.toMatchObject({
    message: 'The target did not start: it ended with exit code 4.',
  });
  expect(taken).toHaveLength(1);
});

// Listens on every port given, and says so; a port that is taken ends it.
const LISTEN = `const ports = process.argv.slice(1).map(Number); let open = 0;
for (const port of ports) require('net').createServer().listen(port, '127.0.0.1', () => { open += 1; if (open === ports.length) console.log('ready'); });`;

function plan({
  stealFor,
  code = LISTEN,
  probe,
}: {
  /** In so many attempts the second port is taken before the target starts. */
  readonly stealFor: number;
  readonly code?: string;
  readonly probe?: Target['probe'];
}): StationPlan {
  return {
    listen: undefined,
    ports: PORTS,
    clock: realClock(),
    random: seededRandom(`station-${process.pid}-${stealFor}`),
    redactor: createRedactor(),
    resolve: ({ ports }) => {
      const found = PORTS.map((name) => ports[name] ?? 0);
      taken.push(found);
      if (taken.length <= stealFor) servers.push(createServer().listen(found[1], '127.0.0.1'));
      return { ...targetThat(code, found), probe };
    },
  };
}

function targetThat(code: string, ports: readonly number[]): Target {
  return {
    name: 'stolen',
    title: 'stolen',
    version: undefined,
    endpoints: {},
    management: undefined,
    probe: undefined,
    observer: undefined,
    settleMs: 0,
    correlate: { kind: 'query' },
    concurrency: 1,
    features: [],
    limits: {},
    vars: {},
    network: {
      ca: undefined,
      cert: undefined,
      key: undefined,
      servername: undefined,
      insecure: false,
      overrides: [],
      proxy: 'direct',
    },
    launch: {
      command: [process.execPath, '-e', code, ...ports.map(String)],
      directory: tmpdir(),
      env: { ...process.env } as Record<string, string>,
      ready: { kind: 'line', pattern: '^ready' },
      readyWithinMs: 20_000,
    },
  };
}
