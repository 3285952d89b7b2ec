// Our codec against that of ws, in both directions, on whatever fast-check comes up with.
import { createRequire } from 'node:module';
import { type Duplex, PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSendableCloseCode } from './close-code.ts';
import { applyMask, closeFrame, encodeFrame, type Frame, fragmentFrame, OPCODE } from './frame.ts';
import { createFrameDecoder, type DecoderEvent } from './frame-decoder.ts';

// ws exports both from its wrapper; its types know neither.
interface WsReceiver {
  _write(bytes: Buffer, encoding: string, done: (error?: Error | null) => void): void;
  on(event: 'message' | 'ping' | 'pong', listener: (data: Buffer, binary: boolean) => void): this;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
}
interface WsSender {
  send(data: Uint8Array, options: object, done?: () => void): void;
  ping(data: Uint8Array, mask: boolean, done?: () => void): void;
  pong(data: Uint8Array, mask: boolean, done?: () => void): void;
  close(code: number, reason: string, mask: boolean, done?: () => void): void;
}
const { Receiver, Sender } = createRequire(import.meta.url)('ws') as {
  Receiver: new (options: object) => WsReceiver;
  Sender: new (socket: Duplex) => WsSender;
};

interface Seen {
  readonly got: (readonly [what: string, content: string])[];
  failed: boolean;
}

/** What ws makes of bytes. */
function readByWs(bytes: Uint8Array, isServer: boolean): Seen {
  const seen: Seen = { got: [], failed: false };
  const receiver = new Receiver({
    isServer,
    allowSynchronousEvents: true,
    maxPayload: 1024 * 1024,
  });
  const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
  receiver.on('message', (data, binary) => seen.got.push([binary ? 'binary' : 'text', hex(data)]));
  receiver.on('ping', (data) => seen.got.push(['ping', hex(data)]));
  receiver.on('pong', (data) => seen.got.push(['pong', hex(data)]));
  receiver.on('conclude', (code, reason) => seen.got.push([`close ${code}`, hex(reason)]));
  receiver.on('error', () => {
    seen.failed = true;
  });
  // The error event comes later; a failing write is told to its callback at once.
  // oxlint-disable-next-line no-underscore-dangle -- write() tells it a tick later
  receiver._write(Buffer.from(bytes), 'buffer', (error) => {
    if (error !== null && error !== undefined) seen.failed = true;
  });
  return seen;
}

/** What we make of them, in the same words. */
function readByUs(bytes: Uint8Array, masked: boolean, cuts: readonly number[] = []): Seen {
  const decoder = createFrameDecoder({ masked });
  const seen: Seen = { got: [], failed: false };
  for (const event of split(bytes, cuts).flatMap((piece) => decoder.push(piece))) {
    if (event.kind === 'violation') seen.failed = true;
    else seen.got.push(...wordsOf(event));
  }
  return seen;
}

function wordsOf(event: Exclude<DecoderEvent, { kind: 'violation' }>): Seen['got'] {
  if (event.kind === 'message') {
    return [[event.binary ? 'binary' : 'text', event.payload.toString('hex')]];
  }
  const { opcode, payload, close } = event.frame;
  if (opcode === OPCODE.ping) return [['ping', payload.toString('hex')]];
  if (opcode === OPCODE.pong) return [['pong', payload.toString('hex')]];
  if (opcode !== OPCODE.close) return [];
  return [[`close ${close?.code ?? 1005}`, payload.subarray(2).toString('hex')]];
}

function split(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const size = fc.oneof(
  { weight: 8, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000) },
);
const bytesOf = size.chain((length) =>
  fc
    .uint8Array({ minLength: Math.min(length, 300), maxLength: Math.min(length, 300) })
    .map((part) => {
      const whole = new Uint8Array(length);
      for (let at = 0; at < length; at += 1) whole[at] = part[at % part.length] ?? 0;
      return whole;
    }),
);
const text = fc
  .string({ unit: 'binary', maxLength: 200 })
  .map((value) => Buffer.from(value.toWellFormed()));
const small = fc.uint8Array({ maxLength: 125 });
const closeCode = fc.integer({ min: 1000, max: 4999 }).filter(isSendableCloseCode);
const reason = fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.toWellFormed());
const cuts = fc.array(fc.nat(100_000), { maxLength: 8 });

type Item =
  | { readonly kind: 'text' | 'binary'; readonly payload: Uint8Array; readonly fragment: number }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array };
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    payload: text,
    fragment: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({
    kind: fc.constant('binary' as const),
    payload: bytesOf,
    fragment: fc.integer({ min: 30, max: 80_000 }),
  }),
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), payload: small }),
);

function framesOf(given: Item, masked: boolean): readonly Frame[] {
  const frame = { opcode: OPCODE[given.kind], fin: true, rsv: 0, masked, payload: given.payload };
  return 'fragment' in given ? fragmentFrame(frame, given.fragment) : [frame];
}

const wordOf = ({ kind, payload }: Item): readonly [string, string] => [
  kind,
  Buffer.from(payload).toString('hex'),
];

describe('what we write, ws reads', () => {
  it('messages, fragments, control frames, close codes, masked or not', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 6 }),
        fc.boolean(),
        closeCode,
        reason,
        (items, masked, code, why) => {
          const frames = items.flatMap((given) => framesOf(given, masked));
          const close = { ...closeFrame(code, why), masked };
          const seen = readByWs(Buffer.concat([...frames, close].map(encodeFrame)), masked);
          expect(seen).toEqual({
            got: [...items.map(wordOf), [`close ${code}`, Buffer.from(why).toString('hex')]],
            failed: false,
          });
        },
      ),
    );
  });

  it('a control frame between the fragments of a message', () => {
    fc.assert(
      fc.property(bytesOf, small, (payload, ping) => {
        const parts = fragmentFrame({ opcode: 2, fin: true, rsv: 0, masked: true, payload }, 40);
        const between: Frame = { opcode: 9, fin: true, rsv: 0, masked: true, payload: ping };
        const bytes = Buffer.concat(parts.flatMap((part) => [part, between]).map(encodeFrame));
        const ours = readByUs(bytes, true);
        expect(ours).toEqual(readByWs(bytes, true));
        expect(ours.got.length).toBe(parts.length + 1);
      }),
    );
  });
});

describe('what ws writes, we read', () => {
  it('however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 5 }),
        fc.boolean(),
        closeCode,
        reason,
        cuts,
        async (items, mask, code, why, where) => {
          const bytes = await writeByWs(items, mask, code, why);
          expect(readByUs(bytes, mask, where)).toEqual({
            got: [...items.map(wordOf), [`close ${code}`, Buffer.from(why).toString('hex')]],
            failed: false,
          });
        },
      ),
    );
  });
});

async function writeByWs(
  items: readonly Item[],
  mask: boolean,
  code: number,
  why: string,
): Promise<Buffer> {
  const out = new PassThrough({ highWaterMark: 1 << 24 });
  const sender = new Sender(out);
  for (const given of items) {
    if (!('fragment' in given)) {
      sender[given.kind](Buffer.from(given.payload), mask);
      continue;
    }
    const parts = fragmentFrame(
      { opcode: 1, fin: true, rsv: 0, masked: mask, payload: given.payload },
      given.fragment,
    );
    for (const part of parts) {
      sender.send(Buffer.from(part.payload), {
        binary: given.kind === 'binary',
        fin: part.fin,
        mask,
        compress: false,
      });
    }
  }
  await new Promise<void>((resolve) => sender.close(code, why, mask, resolve));
  const bytes: unknown = out.read();
  return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
}

describe('any bytes', () => {
  const anyFrame = fc.record({
    opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.nat(15)),
    fin: fc.boolean(),
    rsv: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
    masked: fc.boolean(),
    payload: fc.oneof(text, small, fc.uint8Array({ minLength: 120, maxLength: 130 })),
  });

  it('frames, valid or not, are taken or refused by both alike', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (frames, asServer) => {
          const untilClose = frames.slice(
            0,
            1 + frames.findIndex(({ opcode }) => opcode === 8) || frames.length,
          );
          const bytes = Buffer.concat(
            untilClose.map((frame) => encodeFrame({ ...frame, masked: asServer })),
          );
          const ours = readByUs(bytes, asServer);
          const theirs = readByWs(bytes, asServer);
          expect(ours.failed || !theirs.failed).toBe(true);
          // We alone fail at once on text that no continuation can make valid.
          expect(ours.failed === theirs.failed || endsInOpenText(untilClose)).toBe(true);
          // A wrong close frame is told by us, and hidden by ws.
          expect(ours.failed ? [] : ours.got).toEqual(ours.failed ? [] : theirs.got);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('wrong masking is refused by both', () => {
    fc.assert(
      fc.property(anyFrame, fc.boolean(), (frame, asServer) => {
        const bytes = encodeFrame({ ...frame, masked: !asServer });
        expect([readByUs(bytes, asServer).failed, readByWs(bytes, asServer).failed]).toEqual([
          true,
          true,
        ]);
      }),
    );
  });

  it('never throw, and mean the same however they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), cuts, (bytes, masked, where) => {
        const whole = createFrameDecoder({ masked }).push(bytes);
        const decoder = createFrameDecoder({ masked });
        expect(split(bytes, where).flatMap((piece) => decoder.push(piece))).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it('masking twice is nothing', () => {
    fc.assert(
      fc.property(
        bytesOf,
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.nat(9),
        (payload, key, offset) => {
          const bytes = Uint8Array.from(payload);
          applyMask(bytes, key, offset);
          applyMask(bytes, key, offset);
          expect(bytes).toEqual(payload);
        },
      ),
    );
  });
});

// The last text message is not complete.
function endsInOpenText(frames: readonly Frame[]): boolean {
  const data = frames.filter(({ opcode }) => opcode < 8);
  const start = data.findLast(({ opcode }) => opcode !== 0);
  return start?.opcode === 1 && data.at(-1)?.fin === false;
}
