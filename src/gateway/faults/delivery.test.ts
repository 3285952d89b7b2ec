import { at, contextOf, type Look, pathTo, story, testFaults } from '../fixture/looks.ts';
import { clientFrame } from '../fixture/peer.ts';

// The first frame that a connection gets, or the other of two with the same cookie; a pong when nothing came before.
function frameAfter(method: string, body: string, who: 'own' | 'other' = 'own'): Look {
  return async (stand) => {
    const cookie = ['Cookie: session=pair'];
    const { peer: own, connectionId } = await stand.open('open', cookie);
    const { peer: other } = await stand.open('open', cookie);
    await stand.manage(method, pathTo(connectionId), body);
    const peer = who === 'own' ? own : other;
    peer.write(clientFrame(9, 'ping'));
    const frame = await peer.frame();
    own.close();
    other.close();
    return who === 'own' ? frame?.payload.toString() : frame?.opcode;
  };
}

const lengthAfter =
  (length: number): Look =>
  async (stand) =>
    String(await frameAfter('POST', 'x'.repeat(length))(stand)).length;

testFaults([
  ['posts-to-all-of-a-session', 10, 1, frameAfter('POST', 'x', 'other')],
  ['deletes-all-of-a-session', 10, 8, frameAfter('DELETE', '', 'other')],
  ['cuts-posts-at-64-kb', 70_000, 65_536, lengthAfter(70_000)],
  ['trims-posts', ' x ', 'x', frameAfter('POST', ' x ')],
  ['rewrites-posted-json', '[ 1.0 ]', '[1]', frameAfter('POST', '[ 1.0 ]')],
  ['delivers-what-is-too-large', 'ping'.length, 131_073, lengthAfter(131_073)],
  [
    'message-of-another-stage',
    'dev',
    '$default',
    story(({ message }) => contextOf(message)['stage']),
  ],
  [
    'message-from-localhost',
    '127.0.0.1',
    '127.0.0.2',
    story(({ message }) => at(contextOf(message)['identity'], 'sourceIp')),
  ],
]);
