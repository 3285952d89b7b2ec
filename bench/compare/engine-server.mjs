// Answers each upgrade 50 ms after it came: each fifth with 429, each seventh of the others with 403, the rest with 101. Prints its port.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const DELAY_MS = 50;
const server = createServer();
const webSockets = new WebSocketServer({ noServer: true });
let asked = 0;
server.on('upgrade', (request, socket, head) => {
  const due = performance.now() + DELAY_MS;
  asked += 1;
  const status = asked % 5 === 0 ? 429 : asked % 7 === 0 ? 403 : 101;
  socket.on('error', () => {});
  const answer = () => {
    const left = due - performance.now();
    // A timer of Node may be a millisecond early.
    if (left > 0) setTimeout(answer, Math.ceil(left));
    else if (status === 101) webSockets.handleUpgrade(request, socket, head, quiet);
    else socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  };
  answer();
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});

function quiet(client) {
  client.on('error', () => {});
}
