import { type Look, testFaults } from '../fixture/looks.ts';
import { clientFrame, codeOf } from '../fixture/peer.ts';

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

const bodyOf: Look = async (stand) => {
  const count = stand.backend.of('$default').length;
  const { peer } = await stand.open();
  peer.write(Buffer.concat(fragments('a', 'b', 'c')));
  const { event } = await stand.backend.until('$default', count + 1);
  peer.close();
  return event['body'];
};

function fragments(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text, at) =>
    clientFrame(at === 0 ? 1 : 0, text, { fin: at === texts.length - 1 }),
  );
}

const LONG = 'x'.repeat(32_768);

testFaults([
  ['no-frame-limit', 1009, undefined, codeAfter(clientFrame(1, 'x'.repeat(40_000)))],
  ['no-message-limit', 1009, undefined, codeAfter(...fragments(LONG, LONG, LONG, LONG, 'x'))],
  ['frame-limit-includes-the-head', undefined, 1009, codeAfter(clientFrame(1, LONG))],
  ['message-limit-of-64k', undefined, 1009, codeAfter(...fragments(LONG, LONG, 'x'))],
  ['too-big-is-1008', 1009, 1008, codeAfter(clientFrame(1, 'x'.repeat(40_000)))],
  ['drops-middle-fragments', 'abc', 'ac', bodyOf],
]);
