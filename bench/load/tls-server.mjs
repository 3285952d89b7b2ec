// A WebSocket server over TLS that does nothing but answer and close; prints its port. Its certificate and key are
// files: `node tls-server.mjs CERT KEY`.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { acceptFor } from '../../dist/wire/accept-key.js';

const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path));
const server = createServer({ cert, key }, (socket) => {
  let isOpen = false;
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    if (isOpen) {
      socket.end(Buffer.from([0x88, 0]));
      return;
    }
    isOpen = true;
    const [, asked] = /sec-websocket-key: (\S+)/i.exec(bytes.toString('latin1')) ?? [];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(asked ?? '')}\r\n\r\n`,
      'latin1',
    );
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
