// Sends one JSON value to a URL.
import http from 'node:http';
import https from 'node:https';

const CONNECT_WITHIN_MS = 2000;

/**
 * POSTs `value` and gives `{ status, text }`. Connecting may take two seconds; the answer as long as it likes,
 * or `timeoutMs`.
 */
// A connection of its own for each request (`agent: false`): a pooled one that the other side closes
// at the wrong moment would look like a runner that is away.
export function post(url, token, value, timeoutMs = 0) {
  const body = Buffer.from(JSON.stringify(value));
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  if (token) headers.authorization = `Bearer ${token}`;
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const sent = request(url, { method: 'POST', agent: false, headers }, (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode, text }), reject);
    });
    sent.on('error', reject);
    sent.on('socket', (socket) => limitConnecting(socket, url));
    if (timeoutMs > 0) limitAnswering(sent, timeoutMs);
    sent.end(body);
  });
}

function limitConnecting(socket, url) {
  const late = () => socket.destroy(new Error(`not connected within ${CONNECT_WITHIN_MS} ms`));
  const timer = setTimeout(late, CONNECT_WITHIN_MS);
  const stop = () => clearTimeout(timer);
  socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', stop);
  socket.once('close', stop);
}

function limitAnswering(sent, timeoutMs) {
  const late = () => sent.destroy(new Error(`not answered within ${timeoutMs} ms`));
  const timer = setTimeout(late, timeoutMs);
  sent.once('close', () => clearTimeout(timer));
}

async function readAll(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
