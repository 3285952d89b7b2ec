import { describe, expect, it } from 'vitest';
import { closeFrame, encodeFrame, type Frame, OPCODE, pingFrame, textFrame } from './frame.ts';
import { createFrameDecoder, type DecoderEvent, type DecoderOptions } from './frame-decoder.ts';

const server = (frame: Partial<Frame>): Buffer =>
  encodeFrame({ opcode: 1, fin: true, rsv: 0, masked: false, payload: new Uint8Array(), ...frame });
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The events as short lines. */
function read(bytes: Uint8Array, options?: DecoderOptions): readonly string[] {
  return createFrameDecoder(options).push(bytes).map(line);
}

function line(event: DecoderEvent): string {
  if (event.kind === 'frame') return `frame ${event.frame.opcode}`;
  if (event.kind === 'message') return `message ${event.payload.toString()}`;
  return `${event.code} ${event.closeCode}`;
}

// One line a rule: bytes that break exactly it, and what is told.
const broken: readonly (readonly [rule: string, bytes: Buffer, told: readonly string[]])[] = [
  ['RSV1', server({ rsv: 4 }), ['rsv-not-negotiated 1002']],
  ['RSV2', server({ rsv: 2 }), ['rsv-not-negotiated 1002']],
  ['RSV3', server({ rsv: 1 }), ['rsv-not-negotiated 1002']],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) => [`opcode ${opcode}`, server({ opcode }), ['opcode-reserved 1002']] as const,
  ),
  ['ping without FIN', server({ opcode: 9, fin: false }), ['control-fragmented 1002']],
  ['close without FIN', server({ opcode: 8, fin: false }), ['control-fragmented 1002']],
  [
    'ping of 126 bytes',
    server({ opcode: 9, payload: Buffer.alloc(126) }),
    ['control-too-long 1002'],
  ],
  ['continuation of nothing', server({ opcode: 0 }), ['continuation-unexpected 1002']],
  [
    'continuation after the end of a message',
    Buffer.concat([server({ payload: Buffer.from('a') }), server({ opcode: 0 })]),
    ['frame 1', 'message a', 'continuation-unexpected 1002'],
  ],
  [
    'a message inside a message',
    Buffer.concat([server({ fin: false }), server({})]),
    ['frame 1', 'continuation-expected 1002'],
  ],
  ['a masked frame', encodeFrame(textFrame('x')), ['mask-unexpected 1002']],
  ['16-bit length of 125', hex('82 7e 007d'), ['length-not-minimal 1002']],
  ['64-bit length of 65535', hex('82 7f 000000000000ffff'), ['length-not-minimal 1002']],
  ['64-bit length with its highest bit', hex('82 7f 8000000000000000'), ['length-invalid 1002']],
  ['2^62 bytes', hex('82 7f 4000000000000000'), ['message-too-big 1009']],
  ['1 MiB + 1', hex('82 7f 0000000000100001'), ['message-too-big 1009']],
  [
    '1 MiB + 1 in two frames',
    Buffer.concat([
      server({ opcode: 2, fin: false, payload: Buffer.alloc(1024 * 1024) }),
      hex('80 01'),
    ]),
    ['frame 2', 'message-too-big 1009'],
  ],
  [
    '4097 frames',
    Buffer.concat([
      server({ opcode: 2, fin: false }),
      ...Array.from({ length: 4096 }, () => hex('00 00')),
    ]),
    ['frame 2', ...Array.from({ length: 4095 }, () => 'frame 0'), 'too-many-fragments 1008'],
  ],
  ['text that is not UTF-8', server({ payload: hex('61ff') }), ['utf8-invalid 1007']],
  [
    'text that ends inside a character',
    server({ payload: hex('c3') }),
    ['frame 1', 'utf8-invalid 1007'],
  ],
  [
    'a character that goes wrong in the next fragment',
    Buffer.concat([
      server({ fin: false, payload: hex('e2 82') }),
      server({ opcode: 0, payload: hex('61') }),
    ]),
    ['frame 1', 'utf8-invalid 1007'],
  ],
  [
    'close with one byte',
    server({ opcode: 8, payload: hex('03') }),
    ['frame 8', 'close-length-invalid 1002'],
  ],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
    (code) =>
      [
        `close with ${code}`,
        encodeFrame({ ...closeFrame(code), masked: false }),
        ['frame 8', 'close-code-invalid 1002'],
      ] as const,
  ),
  [
    'close reason not UTF-8',
    server({ opcode: 8, payload: hex('03e8 ff') }),
    ['frame 8', 'close-reason-utf8 1007'],
  ],
  [
    'data after close',
    Buffer.concat([server({ opcode: 8 }), server({})]),
    ['frame 8', 'data-after-close 1002'],
  ],
];

describe('a decoder', () => {
  it.each(broken)('refuses %s', (_rule, bytes, told) => {
    expect(read(bytes)).toEqual(told);
  });

  it.each(broken)('refuses it byte by byte as well: %s', (_rule, bytes, told) => {
    if (bytes.length > 100_000) return;
    const decoder = createFrameDecoder();
    const lines = [...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte))).map(line);
    expect(lines).toEqual(told);
  });

  it('refuses unmasked frames of a client', () => {
    expect(read(server({}), { masked: true })).toEqual(['mask-missing 1002']);
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
    'takes close code %i',
    (code) => {
      expect(read(encodeFrame({ ...closeFrame(code), masked: false }))).toEqual(['frame 8']);
    },
  );

  it('tells a close frame with its code and reason', () => {
    const [event] = createFrameDecoder().push(
      encodeFrame({ ...closeFrame(4000, 'é'), masked: false }),
    );
    expect(event).toMatchObject({ frame: { opcode: 8, close: { code: 4000, reason: 'é' } } });
    const [empty] = createFrameDecoder().push(server({ opcode: 8 }));
    expect(empty).toMatchObject({ frame: { close: { reason: '' } } });
  });

  it('takes a message of exactly 1 MiB and of exactly 4096 frames', () => {
    const whole = createFrameDecoder().push(
      server({ opcode: 2, payload: Buffer.alloc(1024 * 1024) }),
    );
    expect(whole[1]).toMatchObject({ kind: 'message', fragments: 1 });
    const many = [
      server({ opcode: 2, fin: false }),
      ...Array.from({ length: 4094 }, () => hex('0000')),
      hex('8000'),
    ];
    expect(createFrameDecoder().push(Buffer.concat(many)).at(-1)).toMatchObject({
      fragments: 4096,
    });
  });

  it('joins characters across fragments', () => {
    const bytes = Buffer.concat([
      server({ fin: false, payload: hex('e2') }),
      server({ opcode: OPCODE.ping, payload: hex('ff') }),
      server({ opcode: 0, fin: false, payload: hex('82') }),
      server({ opcode: 0, payload: hex('ac') }),
    ]);
    expect(read(bytes)).toEqual(['frame 1', 'frame 9', 'frame 0', 'frame 0', 'message €']);
  });

  it('fails at the first wrong byte, not at the end of the frame', () => {
    // 100 bytes are announced, three have come.
    expect(read(hex('81 64 61 61 f5'))).toEqual(['utf8-invalid 1007']);
  });

  it('shows the frame up to what is wrong, at most 64 bytes', () => {
    const at = (bytes: Buffer): string | undefined => {
      const event = createFrameDecoder().push(bytes).at(-1);
      return event?.kind === 'violation' ? event.bytes.toString('hex') : undefined;
    };
    expect(at(server({ payload: hex('61ff62') }))).toBe('810361ff');
    expect(at(hex('83 05 00'))).toBe('8305');
    expect(at(server({ payload: Buffer.concat([Buffer.alloc(90, 'a'), hex('ff')]) }))?.length).toBe(
      128,
    );
  });

  it('is silent after a violation and after a close frame', () => {
    const decoder = createFrameDecoder();
    expect(decoder.push(hex('83 00')).length).toBe(1);
    expect(decoder.push(server({}))).toEqual([]);
    const closed = createFrameDecoder();
    closed.push(server({ opcode: 8 }));
    expect(closed.push(encodeFrame({ ...pingFrame(), masked: false }))).toEqual([]);
    expect(closed.push(server({}))).toEqual([]);
  });

  it('lets RSV1 stand where it was negotiated: on the first frame of a message', () => {
    const options = { allowedRsv: 4 };
    const compressed = Buffer.concat([
      server({ rsv: 4, fin: false, payload: hex('ff') }),
      server({ opcode: 0 }),
    ]);
    expect(read(compressed, options)).toEqual(['frame 1', 'frame 0']);
    expect(read(server({ rsv: 2 }), options)).toEqual(['rsv-not-negotiated 1002']);
    expect(read(server({ rsv: 4, opcode: 9 }), options)).toEqual(['rsv-not-negotiated 1002']);
    const onContinuation = Buffer.concat([server({ fin: false }), server({ opcode: 0, rsv: 4 })]);
    expect(read(onContinuation, options)).toEqual(['frame 1', 'rsv-not-negotiated 1002']);
  });
});
