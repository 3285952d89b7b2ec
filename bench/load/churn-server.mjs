// A server whose backend's log is wrong by what is injected: `node churn-server.mjs LOG LATE_MS`. Prints its port; when
// its standard input has given the beginning of the load's nonces, prints what it has done by way of ending, and ends.
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const [log, lateMs] = [process.argv[2], Number(process.argv[3])];
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const CLOSE = 0x8;
// Of a hundred connections so many have their $disconnect lost, told twice, told too late; by their number, so that each
// way of ending gets its own.
const LOST = 3;
const TWICE = 6;
const LATE = 10;

const ended = [];
let lines = [];
let connections = 0;
writeFileSync(log, '');
setInterval(flush, 20);

const server = createServer((socket) => {
  const number = connections++;
  let how;
  let head = '';
  let isOpen = false;
  let nonce = '';
  socket.on('error', ({ code }) => {
    if (code === 'ECONNRESET') how ??= 'reset';
  });
  socket.on('end', () => {
    how ??= 'fin';
  });
  socket.on('close', () => {
    if (isOpen) tellEnd({ number, nonce }, how);
  });
  socket.on('data', (chunk) => {
    if (isOpen) {
      if ((chunk[0] & 0xf) !== CLOSE) return;
      how = 'close';
      socket.end(Buffer.from([0x88, 2, 3, 232]));
      return;
    }
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    isOpen = true;
    nonce = /[?&]assay=([a-z2-7]{26})/.exec(head)?.[1] ?? '';
    tell(number, 'CONNECT', { nonce });
    socket.write(answerTo(head));
  });
});
server.listen(0, '127.0.0.1', 1024, () => console.log(server.address().port));
let prefix = '';
process.stdin.setEncoding('utf8').on('data', (text) => {
  prefix += text;
});
process.stdin.on('end', () => {
  flush();
  console.log(JSON.stringify(truthOf(prefix)));
  process.exit(0);
});

function answerTo(head) {
  const [, key = ''] = /^sec-websocket-key: *(.*)$/im.exec(head) ?? [];
  const accept = createHash('sha1').update(`${key.trim()}${GUID}`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

function tellEnd({ number, nonce }, how = 'close') {
  const fate = fateOf(number);
  ended.push({ nonce, how, fate });
  if (fate === 'lost') return;
  if (fate === 'late') {
    setTimeout(tell, lateMs, number, 'DISCONNECT');
    return;
  }
  tell(number, 'DISCONNECT');
  if (fate === 'twice') tell(number, 'DISCONNECT', { invocationId: `DISCONNECT-${number}-again` });
}

function fateOf(number) {
  // Not in step with the mix of endings.
  const lot = (number * 37 + Math.floor(number / 100)) % 100;
  if (lot < LOST) return 'lost';
  if (lot < TWICE) return 'twice';
  return lot < LATE ? 'late' : 'told';
}

/** Without the connections of a look before or after the load. */
function truthOf(nonces) {
  const truth = {};
  for (const { nonce, how, fate } of ended) {
    if (!nonce.startsWith(nonces)) continue;
    truth[how] ??= { ended: 0, onTime: 0, late: 0, missing: 0, duplicated: 0 };
    const own = truth[how];
    own.ended += 1;
    own.onTime += fate === 'told' || fate === 'twice' ? 1 : 0;
    own.late += fate === 'late' ? 1 : 0;
    own.missing += fate === 'lost' ? 1 : 0;
    own.duplicated += fate === 'twice' ? 1 : 0;
  }
  return truth;
}

function tell(number, type, more = {}) {
  const own = { connectionId: `id-${number}`, invocationId: `${type}-${number}` };
  lines.push(JSON.stringify({ v: 1, type, phase: 'started', at: Date.now(), ...own, ...more }));
}

function flush() {
  if (lines.length > 0) appendFileSync(log, `${lines.join('\n')}\n`);
  lines = [];
}
