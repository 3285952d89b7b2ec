// Starts serverless-offline once for each API (one service is one API) and stays until one of them
// ends: then it ends the other one and itself, so that whoever supervises it notices.
//
// Environment: OPEN_PORT and CUSTOM_PORT (default 3101, 3111), IDLE_TIMEOUT in seconds (default 600),
// ASSAY_PROBE_URL and ASSAY_PROBE_TOKEN for the handlers. Prints one line `ready …` when both listen.
import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const { OPEN_PORT = '3101', CUSTOM_PORT = '3111', IDLE_TIMEOUT = '600' } = process.env;
const APIS = [
  { name: 'open', port: OPEN_PORT },
  { name: 'custom', port: CUSTOM_PORT },
];
const DIRECTORY = fileURLToPath(new URL('.', import.meta.url));
const OSLS = fileURLToPath(new URL('node_modules/osls/bin/serverless.js', import.meta.url));

const children = APIS.map(start);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));
endWithStdin();
await Promise.all(APIS.map(({ port }) => accepts(port)));
console.log(`ready ${APIS.map(({ name, port }) => `${name} ws://127.0.0.1:${port}/`).join(' ')}`);

function start({ name, port }) {
  const flags = {
    config: `${name}.yml`,
    host: '127.0.0.1',
    websocketPort: port,
    httpPort: 0,
    lambdaPort: 0,
    webSocketIdleTimeout: IDLE_TIMEOUT,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  // Without --localEnvironment the handlers do not see where the probe's runner is.
  const child = spawn(
    process.execPath,
    [OSLS, 'offline', 'start', '--noSponsor', '--localEnvironment', ...args],
    { cwd: DIRECTORY, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  child.once('error', (error) => end(name, error.message));
  child.once('exit', (code, signal) => end(name, signal ?? `exit code ${code}`));
  return child;
}

function end(name, how) {
  if (process.exitCode !== undefined) return;
  console.error(`${name} has ended: ${how}`);
  process.exitCode = 1;
  // At once: whoever supervises this must not go on testing what is half gone.
  for (const child of children) child.kill('SIGKILL');
  process.exit();
}

function stop(exitCode) {
  process.exitCode ??= exitCode;
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  for (const child of running) child.kill('SIGTERM');
  // It waits for its worker threads, and those perhaps for a runner that holds them.
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
    process.exit();
  }, 1500).unref();
  void Promise.all(running.map(ended)).then(() => process.exit());
}

function ended(child) {
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

// A runner that was killed says nothing any more, but its end of the pipe closes.
function endWithStdin() {
  const stdin = fstatSync(0, { throwIfNoEntry: false });
  if (!stdin?.isFIFO() && !stdin?.isSocket()) return;
  process.stdin
    .on('end', () => stop(0))
    .on('error', () => stop(0))
    .resume();
}

async function accepts(port) {
  while (!(await tryConnect(port))) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

function tryConnect(port) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
