// Starts aws-lambda-ws-server with the probe as its handler.
//
// Environment: PORT (default 3201), ASSAY_PROBE_URL and ASSAY_PROBE_TOKEN for the handler. Prints one
// line `ready …` when it listens.
import { fstatSync } from 'node:fs';
import { Server } from 'node:net';
import { handler } from '../../probe/node/probe.mjs';

process.env.PORT ??= '3201';
// The field of a message that names its route.
process.env.MAPPING_KEY ??= 'action';

listenOnLoopback();
const { default: serve } = await import('aws-lambda-ws-server');
serve(handler);
const { server } = serve;
if (!server.listening) {
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
}
console.log(`ready open ws://127.0.0.1:${server.address().port}/`);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(0));
endWithStdin();

// It listens on every interface and cannot be told otherwise, and what stands behind it obeys a stranger.
function listenOnLoopback() {
  const { value: listen } = Object.getOwnPropertyDescriptor(Server.prototype, 'listen');
  Server.prototype.listen = function listenThere(port) {
    return listen.call(this, { port: Number(port), host: '127.0.0.1' });
  };
}

// A runner that was killed says nothing any more, but its end of the pipe closes.
function endWithStdin() {
  const stdin = fstatSync(0, { throwIfNoEntry: false });
  if (!stdin?.isFIFO() && !stdin?.isSocket()) return;
  process.stdin
    .on('end', () => process.exit(0))
    .on('error', () => process.exit(0))
    .resume();
}
