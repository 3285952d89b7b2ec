// npm's `websocket` as an echo. Usage: node websocket.mjs PORT
import { createServer } from 'node:http';
import websocket from 'websocket';

const http = createServer();
const server = new websocket.server({ httpServer: http, autoAcceptConnections: true });
server.on('connect', (connection) => {
  connection.on('message', (message) => {
    if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
    else connection.sendBytes(message.binaryData);
  });
});
http.listen(Number(process.argv[2]), '127.0.0.1');
