// What everybody would write: the npm package `ws`, as many attempts a second as asked for. Prints CPU seconds for
// each 10 000 attempts after warming up: `node ws-client.mjs PORT RATE SECONDS`.
import { WebSocket } from 'ws';

const [port, rate, seconds] = process.argv.slice(2).map(Number);
const attempts = rate * seconds;
const warm = Math.floor(attempts / 2);
const zeroMs = performance.now();
let started = 0;
let ended = 0;
let before;

function begin() {
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
  });
}

function turn() {
  while (started < attempts && zeroMs + (started * 1000) / rate <= performance.now()) begin();
  if (started < attempts) setTimeout(turn, 1);
}

turn();
