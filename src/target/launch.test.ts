import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { createRedactor } from '../base/redact.ts';
import { findFreePorts } from './free-port.ts';
import { launchTarget } from './launch.ts';
import type { Launch } from './model.ts';

const io = { clock: realClock(), redactor: createRedactor() };

test('is ready when the port accepts, and stops when told', async () => {
  const [port = 0] = await findFreePorts(1, seededRandom(`launch-${process.pid}-1`));
  const running = await launchTarget(
    node(`require('net').createServer().listen(${port}, '127.0.0.1')`, {
      kind: 'tcp',
      address: `127.0.0.1:${port}`,
    }),
    io,
  );
  expect(await accepts(port)).toBe(true);
  await running.stop();
  expect(await accepts(port)).toBe(false);
  expect(await running.ended).toBe('it was ended by SIGTERM');
});

test('is ready at the line it waits for, and tells how it ended by itself', async () => {
  const running = await launchTarget(
    node(`console.log('listening now'); setTimeout(() => process.exit(7), 50)`, {
      kind: 'line',
      pattern: '^listening',
    }),
    io,
  );
  expect(await running.ended).toBe('it ended with exit code 7');
});

test('the end is noticed though a grandchild keeps the pipes open, and the last lines are kept', async () => {
  const grandchild = `require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3000)'], { stdio: 'inherit' })`;
  const running = await launchTarget(
    node(
      `${grandchild}; console.log('up'); setTimeout(() => { console.log('last'); process.exit(5); }, 50)`,
      { kind: 'line', pattern: '^up' },
    ),
    io,
  );
  const beganUs = io.clock.nowUs();
  expect(await running.ended).toBe('it ended with exit code 5');
  expect(io.clock.nowUs() - beganUs).toBeLessThan(2_000_000);
  expect(running.lastLines()).toEqual(['up', 'last']);
});

test('is not waited for once the run is interrupted, and is stopped', async () => {
  const interrupt = new AbortController();
  const launch = node('setInterval(() => {}, 1000)', { kind: 'line', pattern: 'never' });
  const starting = launchTarget(launch, { ...io, signal: interrupt.signal });
  const beganUs = io.clock.nowUs();
  interrupt.abort();
  await expect(starting).rejects.toMatchObject({
    message: 'The target did not start: the run was interrupted.',
  });
  expect(io.clock.nowUs() - beganUs).toBeLessThan(2_000_000);
});

test('a process that ends before it is ready is a launch failure with what it printed', async () => {
  const redactor = createRedactor();
  redactor.register('KEY', 'canary-key');
  const launch = node(`console.error('bad config canary-key'); process.exit(2)`, {
    kind: 'line',
    pattern: 'never',
  });
  await expect(launchTarget(launch, { ...io, redactor })).rejects.toMatchObject({
    code: 'TARGET_LAUNCH_FAILED',
    message: 'The target did not start: it ended with exit code 2.',
    hint: 'It printed:\n  bad config [redacted:KEY]',
  });
});

test('a process that is never ready is stopped at its deadline', async () => {
  const launch = {
    ...node(`setInterval(() => {}, 1000)`, { kind: 'line', pattern: 'never' }),
    readyWithinMs: 200,
  };
  await expect(launchTarget(launch, io)).rejects.toMatchObject({
    message: 'The target did not start: it was not ready within 200 ms.',
  });
});

test('a command that does not exist is a launch failure', async () => {
  const launch = { ...node('', { kind: 'line', pattern: 'x' }), command: ['/nonexistent/command'] };
  await expect(launchTarget(launch, io)).rejects.toMatchObject({ code: 'TARGET_LAUNCH_FAILED' });
});

function node(code: string, ready: Launch['ready']): Launch {
  const directory = mkdtempSync(`${tmpdir()}/assay-launch-`);
  return {
    command: [process.execPath, '-e', code],
    directory,
    env: {},
    ready,
    readyWithinMs: 10_000,
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
