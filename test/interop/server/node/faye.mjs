// faye-websocket as an echo. Usage: node faye.mjs PORT
import { createServer } from 'node:http';
import FayeWebSocket from 'faye-websocket';

const http = createServer();
http.on('upgrade', (request, socket, body) => {
  if (!FayeWebSocket.isWebSocket(request)) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  const connection = new FayeWebSocket(request, socket, body);
  connection.on('message', ({ data }) => connection.send(data));
});
http.listen(Number(process.argv[2]), '127.0.0.1');
