// engine.io with its WebSocket transport. Usage: node engine-io.mjs PORT
import { createServer } from 'node:http';
import { Server } from 'engine.io';

const http = createServer();
const engine = new Server();
engine.attach(http);
engine.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data) => socket.send(data));
});
http.listen(Number(process.argv[2]), '127.0.0.1');
