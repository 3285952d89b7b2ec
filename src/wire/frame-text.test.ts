import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closeFrame, closePayloadText, encodeFrame, OPCODE, shortFrameText } from './frame.ts';

it('a short frame as text is the frame as bytes', () => {
  const opcodes = fc.constantFrom(...Object.values(OPCODE));
  const payloads = fc.uint8Array({ maxLength: 125 });
  const keys = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(opcodes, payloads, keys, (opcode, payload, maskingKey) => {
      const frame = { opcode, fin: true, rsv: 0, masked: true, payload, maskingKey };
      const key = Buffer.from(maskingKey).readUInt32BE();
      const text = shortFrameText(opcode, Buffer.from(payload).toString('latin1'), key);
      expect(Buffer.from(text, 'latin1')).toEqual(encodeFrame(frame));
    }),
  );
});

it('a close payload as text is that of the close frame', () => {
  const codes = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
  fc.assert(
    fc.property(codes, fc.string({ unit: 'grapheme', maxLength: 40 }), (code, reason) => {
      const text = closePayloadText(code, reason);
      expect(Buffer.from(text, 'latin1')).toEqual(Buffer.from(closeFrame(code, reason).payload));
    }),
  );
});
