import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import { createFragmentCapture } from './fragment-capture.ts';
import { type Frame, fragmentFrame, OPCODE } from './frame.ts';
import { createPayloadCapture } from './payload.ts';

const SECRET = 'kx9-Qwe 7z/secret+of=horse';
const redactor = createRedactor();
redactor.register('pass', SECRET);

/** What is kept of each frame. */
function captured(frames: readonly Frame[]): readonly (string | undefined)[] {
  const capture = createFragmentCapture(redactor, createPayloadCapture(redactor));
  return frames.map((one) => capture(one).text);
}

function frame(opcode: number, text: string, fin = true): Frame {
  return { opcode, fin, rsv: 0, masked: false, payload: Buffer.from(text) };
}

function fragments(text: string, size: number): readonly Frame[] {
  return fragmentFrame(frame(OPCODE.text, text), size);
}

it('shows fragments as they are where there is no secret', () => {
  const texts = ['one ', 'two ', 'three'];
  const [first = '', ...rest] = texts;
  const frames = [
    frame(OPCODE.text, first, false),
    ...rest.map((text, index) => frame(OPCODE.continuation, text, index === 1)),
  ];
  expect(captured(frames)).toEqual(texts);
});

it.each([1, 2, 3, 5, 13, 25])(
  'a secret in fragments of %i bytes is not to be put together',
  (size) => {
    const kept = captured(fragments(`before ${SECRET} after`, size)).join('');
    expect(kept).not.toContain(SECRET.slice(4));
    expect(kept).not.toContain(SECRET.slice(0, -1));
  },
);

it('hides what goes on in the next fragment, and a control frame between them changes nothing', () => {
  const [begin, rest] = [SECRET.slice(0, 12), SECRET.slice(12)];
  expect(
    captured([
      frame(OPCODE.text, `a ${begin}`, false),
      frame(OPCODE.ping, 'still here'),
      frame(OPCODE.continuation, `${rest} b`),
      frame(OPCODE.text, `${rest} is nothing by itself`),
    ]),
  ).toEqual(['a [redacted:pass]', 'still here', '[redacted]', `${rest} is nothing by itself`]);
});

it('a message of one frame is captured as ever', () => {
  expect(captured([frame(OPCODE.text, `a ${SECRET} b`), frame(OPCODE.text, 'kx9-')])).toEqual([
    'a [redacted:pass] b',
    'kx9-',
  ]);
});

it('whatever stands around it, and wherever it is cut, the secret is not in what is kept', () => {
  const around = fc.string({ maxLength: 60 });
  fc.assert(
    fc.property(around, around, fc.integer({ min: 1, max: 70 }), (left, right, size) => {
      const kept = captured(fragments(`${left}${SECRET}${right}`, size)).join('');
      expect(kept.includes(SECRET)).toBe(false);
    }),
  );
});
