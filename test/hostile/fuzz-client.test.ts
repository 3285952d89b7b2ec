// A seeded fuzzer against our own client: answers that are right but for a few places. FUZZ_SECONDS
// says how long (20), FUZZ_SEED repeats a run.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { realClock } from '../../src/base/clock.ts';
import { drawSeed, seededRandom } from '../../src/base/random.ts';
import { createRedactor } from '../../src/base/redact.ts';
import { openConnection } from '../../src/wire/connection.ts';
import type { WireRecord } from '../../src/wire/transcript.ts';
import { closePayload, frame, startSocketServer } from '../support/hand-server.ts';
import { mutate, pick } from './gateway/mutate.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 20);
const SEED = process.env['FUZZ_SEED'] ?? drawSeed();
const CONNECTIONS = 16;
const CONNECT_MS = 400;
const CLOSING_MS = 200;
/** With the two seconds of a refusal's body, and what a busy machine may add. */
const LIMIT_MS = CONNECT_MS + 2000 + CLOSING_MS + 10_000;
const GROWTH_MIB = 64;

const BEHIND: readonly Buffer[] = [
  frame(1, 'hello'),
  frame(1, 'hel', { fin: false }),
  frame(0, 'lo'),
  frame(2, Buffer.alloc(100, 0xff)),
  frame(9, 'x'),
  frame(8, closePayload(1000, 'bye')),
  Buffer.from([0x81, 126, 1, 0]),
  Buffer.alloc(256, 0x61),
];

const ENDINGS: readonly ((socket: Socket) => void)[] = [
  (socket) => void socket.end(),
  (socket) => void socket.resetAndDestroy(),
  () => {},
];

test(
  'no answer harms the client, and none opens that is not right',
  async () => {
    console.log(`FUZZ_SEED=${SEED} FUZZ_SECONDS=${SECONDS}`);
    const random = seededRandom(SEED);
    const clock = realClock();
    /** What was answered to each key. */
    const answers = new Map<string, Buffer>();
    const server = await startSocketServer((socket) => {
      socket.once('data', (bytes: Buffer) => {
        const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(bytes.toString('latin1'))?.[1] ?? '';
        const right = Buffer.from(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
        );
        const head = random.integer(3) === 0 ? right : mutate(random, right);
        const behind = Array.from({ length: random.integer(5) }, () => pick(random, BEHIND));
        const frames = Buffer.concat(behind);
        const answer = Buffer.concat([
          head,
          random.integer(2) === 0 ? frames : mutate(random, frames),
        ]);
        answers.set(key, answer);
        const cut = random.integer(answer.length + 1);
        socket.write(answer.subarray(0, cut));
        setImmediate(() => {
          if (socket.writable) socket.write(answer.subarray(cut));
          pick(random, ENDINGS)(socket);
        });
      });
    });
    const attempt = async (): Promise<boolean> => {
      const records: WireRecord[] = [];
      const startedMs = performance.now();
      const connection = openConnection({
        url: server.url,
        clock,
        redactor: createRedactor(),
        request: { method: 'GET', headers: [], subprotocols: [] },
        deadlines: { totalMs: CONNECT_MS, phasesMs: { closing: CLOSING_MS } },
        onRecord: (record) => records.push(record),
      });
      const handshake = await connection.answered;
      connection.close(1000);
      await connection.closed;
      const key = records.find((record) => record.kind === 'request')?.key ?? '';
      const elapsedMs = performance.now() - startedMs;
      const answer = answers.get(key);
      const isRight = answer?.includes(acceptOf(key)) === true;
      // Whole, so that a failure shows the answer that brought it about.
      expect({
        seed: SEED,
        answer: answer?.toString('hex'),
        inTime: elapsedMs < LIMIT_MS,
        last: records.at(-1)?.kind,
        opensWrongly: handshake.outcome === 'opened' && !isRight,
      }).toEqual({
        seed: SEED,
        answer: answer?.toString('hex'),
        inTime: true,
        last: 'closed',
        opensWrongly: false,
      });
      answers.delete(key);
      return handshake.outcome === 'opened';
    };
    const endMs = performance.now() + SECONDS * 1000;
    let opened = 0;
    let all = 0;
    let earlyMib: number | undefined;
    while (performance.now() < endMs) {
      const outcomes = await Promise.all(Array.from({ length: CONNECTIONS }, attempt));
      all += outcomes.length;
      opened += outcomes.filter((one) => one).length;
      earlyMib ??= heapMib();
    }
    server.stop();
    console.log(`${all} connections, ${opened} opened`);
    // Neither all nor none: else it would not be the answers that are tried.
    expect(opened).toBeGreaterThan(0);
    expect(opened).toBeLessThan(all);
    expect(heapMib() - (earlyMib ?? 0)).toBeLessThan(GROWTH_MIB);
  },
  SECONDS * 1000 + 60_000,
);

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function heapMib(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
