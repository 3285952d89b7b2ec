import type { Json } from '../../base/json.ts';
import { type Look, testFaults } from '../fixture/looks.ts';
import { clientFrame, closeFrame, codeOf } from '../fixture/peer.ts';

// The close code after these frames and a ping; none when the ping is answered.
function codeAfter(...frames: readonly Buffer[]): Look {
  return async (stand) => {
    const { peer } = await stand.open();
    peer.write(Buffer.concat([...frames, clientFrame(9, 'ping')]));
    for (let frame = await peer.frame(); ; frame = await peer.frame()) {
      if (frame?.opcode === 1) continue;
      peer.close();
      return codeOf(frame?.opcode === 8 ? frame : undefined);
    }
  };
}

// What $default is called with next.
function bodyOf(...frames: readonly Buffer[]): Look {
  return async (stand) => {
    const count = stand.backend.of('$default').length;
    const { peer } = await stand.open();
    peer.write(Buffer.concat(frames));
    const { event } = await stand.backend.until('$default', count + 1);
    peer.close();
    return event['body'];
  };
}

// How often $default is called with a frame that is too long, by the time it closes the connection.
const callsByTooLong =
  (...frames: readonly Buffer[]): Look =>
  async (stand) => {
    const count = stand.backend.of('$default').length;
    const { peer } = await stand.open();
    for (const frame of frames) peer.write(frame);
    const code = codeOf(await peer.frame());
    peer.close();
    const { peer: other } = await stand.open();
    other.write(clientFrame(1, 'the last'));
    for (let sum = count + 1; ; sum++) {
      const { event } = await stand.backend.until('$default', sum);
      if (event['body'] !== 'the last') continue;
      other.close();
      return [code, sum - count - 1];
    }
  };

// What $default is called with, by the time a later message comes to it.
const bodiesBy =
  (...frames: readonly Buffer[]): Look =>
  async (stand) => {
    const before = stand.backend.of('$default').length;
    const { peer } = await stand.open();
    peer.write(Buffer.concat(frames));
    await peer.ended();
    const { peer: other } = await stand.open();
    other.write(clientFrame(1, 'the last'));
    const bodies: Json[] = [];
    for (let count = before + 1; bodies.at(-1) !== 'the last'; count++) {
      bodies.push((await stand.backend.until('$default', count)).event['body'] ?? null);
    }
    other.close();
    return bodies;
  };

function fragments(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text, at) =>
    clientFrame(at === 0 ? 1 : 0, text, { fin: at === texts.length - 1 }),
  );
}

const LONG = 'x'.repeat(32_768);

testFaults([
  [
    'handles-messages-after-close',
    ['the last'],
    ['late', 'the last'],
    bodiesBy(closeFrame(1000), clientFrame(1, 'late')),
  ],
  ['no-frame-limit', 1009, undefined, codeAfter(clientFrame(1, 'x'.repeat(40_000)))],
  ['no-message-limit', 1009, undefined, codeAfter(...fragments(LONG, LONG, LONG, LONG, 'x'))],
  ['frame-limit-includes-the-head', undefined, 1009, codeAfter(clientFrame(1, LONG))],
  ['message-limit-of-64k', undefined, 1009, codeAfter(...fragments(LONG, LONG, 'x'))],
  ['too-big-is-1008', 1009, 1008, codeAfter(clientFrame(1, 'x'.repeat(40_000)))],
  ['drops-middle-fragments', 'abc', 'ac', bodyOf(...fragments('a', 'b', 'c'))],
  ['reads-messages-as-latin-1', 'é', 'Ã©', bodyOf(clientFrame(1, 'é'))],
  [
    'delivers-frames-that-are-too-long',
    [1009, 0],
    [1009, 1],
    callsByTooLong(clientFrame(1, 'x'.repeat(40_000))),
  ],
  [
    'delivers-messages-that-are-too-long',
    [1009, 0],
    [1009, 1],
    callsByTooLong(...fragments(LONG, LONG, LONG, LONG, 'x')),
  ],
]);
