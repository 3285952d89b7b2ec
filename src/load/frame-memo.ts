// What whole short frames mean, by what they are: most servers only ever send the same close frame.
import { Buffer } from 'node:buffer';
import { createFrameDecoder, type DecoderEvent } from '../wire/frame-decoder.ts';

/** The events of one whole final frame of at most 125 bytes; undefined where the bytes are not just that. */
export type FrameMemo = (bytes: Buffer) => readonly DecoderEvent[] | undefined;

const MOST_FRAMES = 256;

/** Remembers none yet. */
export function createFrameMemo(): FrameMemo {
  const frames = new Map<string, readonly DecoderEvent[]>();
  return (bytes) => {
    if (!isWhole(bytes)) return undefined;
    const print = bytes.toString('latin1');
    const known = frames.get(print);
    if (known !== undefined) return known;
    const events = createFrameDecoder().push(Buffer.from(bytes));
    if (frames.size >= MOST_FRAMES) frames.clear();
    frames.set(print, events);
    return events;
  };
}

function isWhole(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  return (first & 0x80) !== 0 && second < 126 && bytes.length === 2 + second;
}
