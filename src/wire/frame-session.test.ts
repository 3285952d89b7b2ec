import { describe, expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { line } from './fixture/log.ts';
import {
  binaryFrame,
  closeFrame,
  encodeFrame,
  type Frame,
  OPCODE,
  pingFrame,
  textFrame,
} from './frame.ts';
import { type FrameSession, MAX_FRAMES, startFrameSession } from './frame-session.ts';
import { createRecorder } from './recorder.ts';

/** A session whose records and actions are one list of lines. */
function start(): { readonly session: FrameSession; readonly lines: string[] } {
  const lines: string[] = [];
  const recorder = createRecorder(virtualClock(), createRedactor(), (record) =>
    lines.push(line(record)),
  );
  const session = startFrameSession(recorder, 0, {
    reply: ({ opcode, payload }) =>
      lines.push(`reply ${opcode} ${Buffer.from(payload).toString('hex')}`),
    closing: () => lines.push('closing'),
    failed: (pours) => lines.push(`failed ${pours}`),
  });
  return { session, lines };
}

const bytes = (...frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.map((frame) => encodeFrame({ ...frame, masked: false })));

describe('a session', () => {
  it('answers pings with what they carry, and pongs not at all', () => {
    const { session, lines } = start();
    session.push(bytes(pingFrame(Buffer.from('a')), { ...pingFrame(), opcode: OPCODE.pong }));
    expect(lines).toEqual(['frame in ping a', 'reply 10 61', 'frame in pong']);
  });

  it('echoes the code of a close frame, not its reason', () => {
    const { session, lines } = start();
    session.push(bytes(closeFrame(4999, 'why')));
    expect(lines).toEqual(['frame in close 4999', 'reply 8 1387', 'closing']);
  });

  it('fails once, with the close code of the violation', () => {
    const { session, lines } = start();
    session.push(bytes(textFrame('a'), { ...textFrame(''), opcode: 3 }, textFrame('b')));
    session.push(bytes(textFrame('c')));
    const failed = ['protocolError opcode-reserved 1002', 'reply 8 03ea', 'failed false'];
    expect(lines).toEqual(['frame in text a', 'message a', ...failed]);
  });

  it('has an end, in frames', () => {
    const { session, lines } = start();
    const many = bytes(...Array.from({ length: MAX_FRAMES + 2 }, () => textFrame('')));
    session.push(many);
    expect(lines.slice(-4)).toEqual([
      'frame in text',
      'protocolError stream-too-long 1008',
      'reply 8 03f0',
      'failed true',
    ]);
    expect(lines.filter((one) => one === 'frame in text').length).toBe(MAX_FRAMES + 1);
  });

  it('has an end, in bytes', () => {
    const { session, lines } = start();
    const frame = bytes(binaryFrame(Buffer.alloc(1024 * 1024)));
    for (let count = 0; count < 70; count += 1) session.push(frame);
    expect(lines.slice(-3)).toEqual([
      'protocolError stream-too-long 1008',
      'reply 8 03f0',
      'failed true',
    ]);
    expect(lines.length).toBe(64 * 2 + 3);
  });
});
