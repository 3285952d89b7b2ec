import { header, type Look, status, testFaults } from '../fixture/looks.ts';
import { clientFrame, closeFrame, USUAL_HEADERS, upgradeText } from '../fixture/peer.ts';

const change = (from: string, to: string): Look =>
  status({ text: upgradeText('/dev').replace(from, to) });
const dropping = (line: string): Look => {
  const kept = USUAL_HEADERS.filter((one) => !one.startsWith(line));
  return status({ text: upgradeText('/dev', [], kept) });
};

// The first frame after these have been sent, and a ping as the last of them.
function frameAfter(...frames: readonly Buffer[]): Look {
  return async (stand) => {
    const { peer } = await stand.open();
    peer.write(Buffer.concat([...frames, clientFrame(9, 'ping')]));
    peer.socket.setTimeout(400, () => peer.close());
    const frame = await peer.frame();
    peer.close();
    return frame && [frame.first, frame.masked, frame.payload.toString()];
  };
}

// Whether the server ends TCP after a closing handshake, seen before the ping of another connection.
const tcpEnds: Look = async (stand) => {
  const { peer } = await stand.open();
  peer.write(closeFrame(1000));
  await peer.frame();
  const late = new Promise((resolve) => setTimeout(() => resolve('open'), 300));
  const seen = await Promise.race([peer.ended().then(() => 'ended'), late]);
  peer.close();
  return seen;
};

const messagesOfPing: Look = async (stand) => {
  const count = stand.backend.of('$default').length;
  const { peer } = await stand.open();
  peer.write(clientFrame(9, 'from a ping'));
  await peer.frame();
  peer.write(clientFrame(1, 'a text'));
  await stand.backend.until('$default', count + 1);
  const bodies = stand.backend.of('$default').slice(count);
  peer.close();
  return bodies.some(({ event }) => event['body'] === 'from a ping');
};

const PONG = [0x8a, false, 'ping'];

// A close frame with 1002.
const CLOSED = [0x88, false, Buffer.from([0x03, 0xea]).toString()];

testFaults([
  ['accepts-any-version', 426, 101, change('Version: 13', 'Version: 99')],
  [
    'version-refusal-without-versions',
    '13',
    undefined,
    header('Sec-WebSocket-Version', { text: upgradeText('/dev').replace(': 13', ': 99') }),
  ],
  ['accepts-missing-key', 400, 101, dropping('Sec-WebSocket-Key')],
  ['accepts-post', 405, 101, change('GET', 'POST')],
  ['ignores-upgrade-headers', 426, 101, dropping('Connection')],
  ['connection-must-be-exact', 101, 400, change(': Upgrade', ': keep-alive, Upgrade')],
  ['connection-by-substring', 426, 101, change(': Upgrade', ': no-upgrade')],
  ['case-sensitive-key-name', 101, 400, change('Sec-WebSocket-Key', 'sec-websocket-key')],
  ['case-sensitive-upgrade', 101, 400, change('websocket', 'WebSocket')],
  [
    'drops-unknown-extensions',
    [101, true],
    [undefined, true],
    async (stand) => {
      const offering = await stand.upgrade('open', '/dev', ['Sec-WebSocket-Extensions: assay']);
      const answered = await Promise.race([
        offering.answer().then(({ status: code }) => code),
        offering.ended(),
      ]);
      return [answered, (await status()(stand)) === 101];
    },
  ],
  [
    'echoes-extensions',
    undefined,
    'x-y',
    header('Sec-WebSocket-Extensions', { extra: ['Sec-WebSocket-Extensions: x-y'] }),
  ],
  ['no-pong', PONG, undefined, frameAfter()],
  ['pong-without-payload', PONG, [0x8a, false, ''], frameAfter()],
  ['masks-pongs', PONG, [0x8a, true, 'ping'], frameAfter()],
  ['reserved-bit-in-pongs', PONG, [0xca, false, 'ping'], frameAfter()],
  ['ping-reaches-backend', false, true, messagesOfPing],
  [
    'drops-pings-between-fragments',
    PONG,
    undefined,
    frameAfter(clientFrame(1, 'x', { fin: false })),
  ],
  ['closes-on-unsolicited-pong', PONG, CLOSED, frameAfter(clientFrame(10, 'x'))],
  ['leaves-tcp-open', 'ended', 'open', tcpEnds],
  ['ignores-unmasked-frames', CLOSED, PONG, frameAfter(clientFrame(1, 'x', { masked: false }))],
  ['ignores-reserved-bits', CLOSED, PONG, frameAfter(clientFrame(1, 'x', { rsv: 2 }))],
  ['ignores-reserved-opcodes', CLOSED, PONG, frameAfter(clientFrame(3, 'x'))],
]);
