// Starts the server as a process of its own and waits: a wrapper, as npx or a shell script is one.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('server.mjs', import.meta.url));
spawn(process.execPath, [server], { stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', (code) =>
  process.exit(code ?? 1),
);
