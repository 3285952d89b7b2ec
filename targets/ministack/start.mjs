// Starts ministack from the folder's own environment and stays until it ends.
//
// Environment: GATEWAY_PORT (default 3401). Listens on loopback and needs no Docker.
import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { GATEWAY_PORT = '3401' } = process.env;

const child = spawn(fileURLToPath(new URL('.venv/bin/ministack', import.meta.url)), {
  env: {
    ...process.env,
    GATEWAY_PORT,
    BIND_HOST: '127.0.0.1',
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    DOCKER_HOST: 'unix:///nonexistent.sock',
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});
child.once('error', (error) => {
  console.error(`ministack did not start: ${error.message}`);
  process.exit(1);
});
child.once('exit', (code, signal) => {
  if (signal !== null) console.error(`ministack was ended by ${signal}`);
  process.exit(code ?? 1);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
endWithStdin();

function stop() {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 2000).unref();
}

// A runner that was killed says nothing any more, but its end of the pipe closes.
function endWithStdin() {
  const stdin = fstatSync(0, { throwIfNoEntry: false });
  if (!stdin?.isFIFO() && !stdin?.isSocket()) return;
  process.stdin.on('end', stop).on('error', stop).resume();
}
