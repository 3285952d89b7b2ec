// A seeded fuzzer against the reference gateway: heads, frames, calls and ends that are right, wrong in
// one place, or rubbish, from several clients at a time. FUZZ_SECONDS says how long (60), FUZZ_SEED
// repeats a run.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawSeed, type Random, seededRandom } from '../../src/base/random.ts';
import {
  clientFrame,
  closeFrame,
  connectPeer,
  upgradeText,
} from '../../src/gateway/fixture/peer.ts';
import { mutate, pick } from './gateway/mutate.ts';
import { startWard, type Ward } from './gateway/ward.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 60);
const SEED = process.env['FUZZ_SEED'] ?? drawSeed();
/** Clients at a time; after each round all that must hold is looked at. */
const CLIENTS = 8;
const GROWTH_MIB = 64;

/** What one client does: segments to write, then how it leaves. Plain values, so that they can be printed. */
interface Attack {
  readonly segments: readonly string[];
  readonly leaves: 'reset' | 'fin' | 'destroy';
}

const HEADS: readonly string[] = [
  upgradeText('/dev'),
  upgradeText('/dev?auth=x&a=%00%zz'),
  upgradeText('/dev', [
    'Sec-WebSocket-Protocol: a, b',
    'Sec-WebSocket-Extensions: permessage-deflate',
  ]),
  'GET /dev HTTP/1.1\r\nHost: h\r\n\r\n',
  'POST /dev/@connections/abc= HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello',
  'POST /dev/@connections/abc= HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'DELETE /dev/@connections/%41%42 HTTP/1.1\r\nHost: h\r\n\r\n',
  'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
  'OPTIONS * HTTP/1.0\r\n\r\n',
];

/** A frame with anything in any field, more often right than wrong. */
function anyFrame(random: Random): Buffer {
  const opcode = pick(random, [0, 1, 1, 1, 2, 8, 9, 9, 10, random.integer(16)]);
  const length = pick(random, [0, 1, 2, 5, 125, 126, 1000, 33_000, random.integer(70_000)]);
  const size = opcode >= 8 && random.integer(4) > 0 ? Math.min(length, 125) : length;
  if (opcode === 8 && random.integer(2) > 0) return closeFrame(random.integer(65_536), 'x');
  return clientFrame(opcode, Buffer.from(random.bytes(size).map((byte) => byte & 0x7f)), {
    fin: random.integer(4) > 0,
    masked: random.integer(8) > 0,
    rsv: random.integer(8) > 0 ? 0 : random.integer(8),
  });
}

function anyAttack(random: Random): Attack {
  const opens = random.integer(4) > 0;
  const first = Buffer.from(opens ? upgradeText('/dev') : pick(random, HEADS), 'latin1');
  const rest = Array.from({ length: random.integer(6) }, () =>
    random.integer(6) > 0 ? anyFrame(random) : Buffer.from(pick(random, HEADS), 'latin1'),
  );
  const segments = [first, ...rest].map((bytes, at) =>
    random.integer(at === 0 ? 6 : 3) === 0 ? mutate(random, bytes) : bytes,
  );
  return {
    segments: segments.map((bytes) => bytes.toString('hex')),
    leaves: pick(random, ['reset', 'fin', 'destroy'] as const),
  };
}

async function attack({ stand }: Ward, { segments, leaves }: Attack): Promise<void> {
  const peer = await connectPeer(stand.port());
  for (const [at, segment] of segments.entries()) {
    if (peer.socket.destroyed) break;
    peer.write(Buffer.from(segment, 'hex'));
    // Sometimes glued, sometimes after what the gateway said.
    if (at % 2 === 0) await soon();
  }
  if (leaves === 'reset') peer.socket.resetAndDestroy();
  else if (leaves === 'fin') peer.socket.end();
  await soon();
  peer.close();
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

/** The attacks without which nothing goes wrong are left out, one after the other. */
async function minimise(attacks: readonly Attack[]): Promise<readonly Attack[]> {
  let left = attacks;
  for (const one of attacks) {
    const fewer = left.filter((other) => other !== one);
    if (fewer.length > 0 && (await fails(fewer))) left = fewer;
  }
  return left;
}

async function fails(attacks: readonly Attack[]): Promise<boolean> {
  const ward = await startWard();
  try {
    await Promise.all(attacks.map((one) => attack(ward, one)));
    return (await ward.problems()).length > 0;
  } finally {
    await ward.close();
  }
}

let ward: Ward;
beforeAll(async () => {
  ward = await startWard();
});
afterAll(() => ward.close());

test(
  'nothing that clients send harms the gateway',
  async () => {
    console.log(`FUZZ_SEED=${SEED} FUZZ_SECONDS=${SECONDS}`);
    const random = seededRandom(SEED);
    const endMs = performance.now() + SECONDS * 1000;
    let last: readonly Attack[] = [];
    const crashed = (error: unknown): void =>
      console.error(`FUZZ_SEED=${SEED}: ${String(error)} after ${JSON.stringify(last)}`);
    process.prependListener('uncaughtException', crashed);
    let lowestMib = Number.POSITIVE_INFINITY;
    let rounds = 0;
    for (; performance.now() < endMs; rounds += 1) {
      last = Array.from({ length: CLIENTS }, () => anyAttack(random));
      await Promise.all(last.map((one) => attack(ward, one)));
      const found = await ward.problems();
      if (found.length > 0) {
        const least = await minimise(last);
        throw new Error(
          `FUZZ_SEED=${SEED}, round ${rounds}: ${found.join('; ')}\n${JSON.stringify(least)}`,
        );
      }
      // After what is loaded once; the lowest, because nobody says when garbage is collected.
      if (rounds === 20) lowestMib = process.memoryUsage().heapUsed / 2 ** 20;
    }
    process.removeListener('uncaughtException', crashed);
    console.log(`${rounds * CLIENTS} clients in ${rounds} rounds`);
    expect(rounds).toBeGreaterThan(SECONDS / 10);
    // Too few rounds: nothing to compare with.
    expect(heapMib() - lowestMib).toBeLessThan(GROWTH_MIB);
  },
  SECONDS * 1000 + 120_000,
);

function heapMib(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
