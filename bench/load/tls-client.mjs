// The least a client over TLS can do in Node: `tls.connect` with a full, verified handshake, an upgrade whose answer
// is checked, a close frame. Prints CPU seconds for each 10 000 attempts after warming up:
// `node tls-client.mjs PORT RATE SECONDS CA`.
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';
import { acceptFor, newKey } from '../../dist/wire/accept-key.js';

const [port, rate, seconds] = process.argv.slice(2, 5).map(Number);
const secureContext = createSecureContext({ ca: readFileSync(process.argv[5]) });
const attempts = rate * seconds;
const warm = Math.floor(attempts / 2);
const zeroMs = performance.now();
const CLOSE = Buffer.from([0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xe8 ^ 2]);
let started = 0;
let ended = 0;
let before;

function begin() {
  started += 1;
  const key = newKey();
  const accept = acceptFor(key);
  let isOpen = false;
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    secureContext,
    autoSelectFamily: false,
  });
  socket.on('secureConnect', () =>
    socket.write(
      `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      'latin1',
    ),
  );
  socket.on('data', (bytes) => {
    if (isOpen) return;
    isOpen = true;
    if (!bytes.toString('latin1').includes(accept)) process.exitCode = 1;
    socket.write(CLOSE);
  });
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
