// A WebSocket server that ends its process when a message tells it to. It notes every start in the
// file STARTS, and with a file at FORBIDDEN it does not start again.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { WebSocketServer } from 'ws';

const { PORT, STARTS, FORBIDDEN, LIFETIME_MS } = process.env;
appendFileSync(STARTS, `${process.pid}\n`);
if (existsSync(FORBIDDEN)) {
  console.error('not again');
  process.exit(4);
}

const ORDERS = {
  die: () => end(7),
  'die later': () => setTimeout(() => end(7), 100),
  'die soon after': (socket) => {
    socket.send('die soon after');
    setTimeout(() => end(7), 100);
  },
  'die for good': () => {
    writeFileSync(FORBIDDEN, '');
    end(7);
  },
  // Only the first process of a run does.
  'die once': (socket) => {
    if (readFileSync(STARTS, 'utf8').trim().split('\n').length === 1) end(7);
    socket.send('die once');
  },
  // The process that was launched is gone, this one is not: it would keep the port.
  'kill the parent': () => process.kill(process.ppid, 'SIGKILL'),
  hang: () => {
    for (;;);
  },
  // Long after the message was answered: whoever comes next is there when it happens.
  'die much later': (socket) => {
    socket.send('die much later');
    setTimeout(() => end(7), 900);
  },
};

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(PORT) }, () => {
  console.log('ready');
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const text = Buffer.from(data).toString('utf8');
    const order = ORDERS[text];
    if (order === undefined) socket.send(text);
    else order(socket);
  });
});

// Whatever anybody does.
if (LIFETIME_MS !== undefined) setTimeout(() => end(9), Number(LIFETIME_MS));

function end(code) {
  console.error('asked to end');
  process.exit(code);
}
