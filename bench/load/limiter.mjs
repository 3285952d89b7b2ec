// A server whose upgrades are limited in a way that its caller hides from ws-assay: prints its port, ends with its stdin.
// Its argument: { kind, rate, burst, windowMs, jitterMs, refusalsCost } as JSON.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const setting = JSON.parse(process.argv[2]);
const limiter = {
  'token-bucket': tokenBucket,
  'fixed-window': fixedWindow,
  'sliding-log': slidingLog,
  'concurrency-cap': concurrencyCap,
  none: () => ({ admits: () => true }),
}[setting.kind](setting);

const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  const isAdmitted = limiter.admits(performance.now());
  const delayMs = Math.random() * setting.jitterMs;
  const answer = () => {
    if (!isAdmitted) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', () => {});
      opened.on('close', () => limiter.closed?.());
    });
  };
  if (delayMs < 1) answer();
  else setTimeout(answer, delayMs);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('close', () => process.exit()).resume();

function tokenBucket({ rate, burst, refusalsCost = false }) {
  let tokens = burst;
  let lastMs = performance.now();
  return {
    admits: (nowMs) => {
      tokens = Math.min(burst, tokens + ((nowMs - lastMs) / 1000) * rate);
      lastMs = nowMs;
      const isAdmitted = tokens >= 1;
      if (isAdmitted) tokens -= 1;
      else if (refusalsCost) tokens = 0;
      return isAdmitted;
    },
  };
}

function fixedWindow({ burst, windowMs }) {
  let window = -1;
  let used = 0;
  return {
    admits: (nowMs) => {
      const current = Math.floor(nowMs / windowMs);
      if (current !== window) used = 0;
      window = current;
      used += 1;
      return used <= burst;
    },
  };
}

function slidingLog({ burst, windowMs }) {
  const admitted = [];
  return {
    admits: (nowMs) => {
      while (admitted.length > 0 && admitted[0] <= nowMs - windowMs) admitted.shift();
      if (admitted.length >= burst) return false;
      admitted.push(nowMs);
      return true;
    },
  };
}

function concurrencyCap({ burst }) {
  let open = 0;
  return {
    admits: () => {
      if (open >= burst) return false;
      open += 1;
      return true;
    },
    closed: () => {
      open -= 1;
    },
  };
}
