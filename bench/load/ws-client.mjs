// What everybody would write: the npm package `ws`, 64 in flight. Prints CPU seconds for each 10 000 attempts after
// warming up: `node ws-client.mjs PORT ATTEMPTS`.
import { WebSocket } from 'ws';

const [port, attempts] = process.argv.slice(2).map(Number);
const warm = Math.floor(attempts / 4);
let started = 0;
let ended = 0;
let before;

function begin() {
  if (started === attempts) return;
  started += 1;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.on('open', () => socket.close(1000));
  socket.on('error', () => {
    process.exitCode = 1;
  });
  socket.on('close', () => {
    ended += 1;
    if (ended === warm) before = process.cpuUsage();
    if (ended === attempts) {
      const { user, system } = process.cpuUsage(before);
      console.log(((user + system) / 1e6 / (attempts - warm)) * 1e4);
    }
    begin();
  });
}

for (let at = 0; at < 64; at += 1) begin();
