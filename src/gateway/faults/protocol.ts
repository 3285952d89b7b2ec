// Faults of the opening handshake and of the frames, against RFC 6455.
import type { Behaviour } from '../behaviour.ts';
import { encodeServerFrame, type OutgoingFrame } from '../frame-tap.ts';
import { type FrameHead, OPCODE } from '../frame-walker.ts';
import type { HandshakeRule } from '../handshake.ts';
import { refusal } from '../http-answer.ts';
import type { FrameVerdict } from '../open.ts';
import { headerValues } from '../request-head.ts';
import type { Fault } from './fault.ts';

/** Faults against RFC 6455. */
export const PROTOCOL_FAULTS: readonly Fault[] = [
  {
    name: 'accepts-any-version',
    description: 'does not look at Sec-WebSocket-Version',
    breaks: [
      'rfc6455-handshake/wrong-version#not-opened',
      'rfc6455-handshake/wrong-version#error-status',
      'rfc6455-handshake/wrong-version#names-its-versions',
      'rfc6455-handshake/missing-version#not-opened',
      'rfc6455-handshake/missing-version#error-status',
    ],
    change: withoutRules('version'),
  },
  {
    name: 'version-refusal-without-versions',
    description: 'the refusal of a wrong version has no Sec-WebSocket-Version',
    breaks: ['rfc6455-handshake/wrong-version#names-its-versions'],
    change: changeRule('version', (rule) => ({ ...rule, refuse: () => refusal(426) })),
  },
  {
    name: 'accepts-missing-key',
    description: 'takes a missing Sec-WebSocket-Key as empty',
    breaks: [
      'rfc6455-handshake/missing-key#not-opened',
      'rfc6455-handshake/missing-key#error-status',
    ],
    change: changeRule('key', (rule) => ({
      ...rule,
      holds: (head) => headerValues(head, 'sec-websocket-key').length === 0 || rule.holds(head),
    })),
  },
  {
    name: 'accepts-post',
    description: 'upgrades a POST request',
    breaks: ['rfc6455-handshake/post-method#not-opened'],
    change: withoutRules('method'),
  },
  {
    name: 'ignores-upgrade-headers',
    description: 'upgrades whatever carries a Sec-WebSocket-Key',
    breaks: [
      'rfc6455-handshake/missing-upgrade#not-opened',
      'rfc6455-handshake/missing-connection#not-opened',
      'rfc6455-handshake/other-connection#not-opened',
      'rfc6455-handshake/other-upgrade#not-opened',
    ],
    change: withoutRules('upgrade', 'connection'),
  },
  {
    name: 'connection-must-be-exact',
    description: 'wants the Connection header to be the text Upgrade and nothing else',
    breaks: ['rfc6455-handshake/connection-tokens#opens', 'rfc6455-handshake/spelling#opens'],
    change: changeRule('connection', (rule) => ({
      ...rule,
      holds: (head) => headerValues(head, 'connection').join() === 'Upgrade',
      refuse: () => refusal(400),
    })),
  },
  {
    name: 'connection-by-substring',
    description: 'takes any Connection header that holds the letters upgrade',
    breaks: ['rfc6455-handshake/other-connection#not-opened'],
    change: changeRule('connection', (rule) => ({
      ...rule,
      holds: (head) => /upgrade/i.test(headerValues(head, 'connection').join()),
    })),
  },
  {
    name: 'case-sensitive-key-name',
    description: 'finds the key only as Sec-WebSocket-Key, in this spelling',
    breaks: ['rfc6455-handshake/spelling#opens'],
    change: changeRule('key', (rule) => ({
      ...rule,
      holds: (head) =>
        head.headers.some(([name]) => name === 'Sec-WebSocket-Key') && rule.holds(head),
    })),
  },
  {
    name: 'case-sensitive-upgrade',
    description: 'wants the Upgrade header to be websocket in lower case',
    breaks: ['rfc6455-handshake/spelling#opens'],
    change: changeRule('upgrade', (rule) => ({
      ...rule,
      holds: (head) => headerValues(head, 'upgrade').join() === 'websocket',
      refuse: () => refusal(400),
    })),
  },
  {
    name: 'echoes-extensions',
    description: 'names the offered extensions in the 101',
    breaks: [
      'rfc6455-handshake/extension#none-named',
      'connect/permessage-deflate#taken-properly-or-not',
    ],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields(acceptance),
        ...headerValues(acceptance.head, 'sec-websocket-extensions').map(
          (value) => ['Sec-WebSocket-Extensions', value] as const,
        ),
      ],
    }),
  },
  {
    name: 'drops-unknown-extensions',
    description: 'ends TCP without an answer when the client offers an extension',
    breaks: [
      'rfc6455-handshake/extension#answered',
      'connect/permessage-deflate#taken-properly-or-not',
    ],
    change: (correct) => ({
      admit: async (api, candidate) => {
        const { head } = candidate.facts.request;
        if (headerValues(head, 'sec-websocket-extensions').length === 0) {
          await correct.admit(api, candidate);
        } else candidate.pending.socket.destroy();
      },
    }),
  },
  {
    name: 'no-pong',
    description: 'does not answer pings',
    breaks: [
      'rfc6455-handshake/ping#pong',
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping#not-masked',
      'rfc6455-handshake/ping#no-reserved-bits',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'connect/ping#pong',
      'connect/ping#not-masked',
      'message/fragments#ping-is-answered',
    ],
    change: () => ({ outgoing: pongs(() => []) }),
  },
  {
    name: 'pong-without-payload',
    description: 'pongs have no payload',
    breaks: [
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'connect/ping#pong',
      'connect/ping#not-masked',
      'message/fragments#ping-is-answered',
    ],
    change: () => ({ outgoing: pongs(() => [encodeServerFrame(OPCODE.pong, Buffer.alloc(0))]) }),
  },
  {
    name: 'masks-pongs',
    description: 'pong frames are masked',
    breaks: [
      'rfc6455-handshake/ping#pong',
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping#not-masked',
      'rfc6455-handshake/ping#no-reserved-bits',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'connect/ping#pong',
      'connect/ping#not-masked',
      'message/fragments#ping-is-answered',
    ],
    change: () => ({ outgoing: pongs(({ head, payload }) => [masked(head), KEY, mask(payload)]) }),
  },
  {
    name: 'reserved-bit-in-pongs',
    description: 'pong frames have RSV1 set',
    breaks: [
      'rfc6455-handshake/ping#pong',
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping#not-masked',
      'rfc6455-handshake/ping#no-reserved-bits',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'connect/ping#pong',
      'connect/ping#not-masked',
      'message/fragments#ping-is-answered',
    ],
    change: () => ({ outgoing: pongs(({ head, payload }) => [withBits(head, 0x40, 0), payload]) }),
  },
  {
    name: 'ping-reaches-backend',
    description: 'routes a ping to $default as a message, too',
    breaks: ['connect/ping#not-a-message', 'message/fragments#one-message'],
    change: () => ({
      onPing: (api, connection, payload) =>
        void api.behaviour.handleMessage(api, connection, {
          body: payload,
          isBase64Encoded: false,
        }),
    }),
  },
  {
    name: 'drops-pings-between-fragments',
    description: 'discards control frames inside a fragmented message',
    breaks: ['rfc6455-handshake/ping-between-fragments#pong', 'message/fragments#ping-is-answered'],
    change: (correct) => ({
      frameJudge: () => {
        const judge = correct.frameJudge();
        let inside = false;
        return (head) => {
          if (head.opcode >= OPCODE.close) return inside ? 'skip' : judge(head);
          inside = !head.fin;
          return judge(head);
        };
      },
    }),
  },
  {
    name: 'closes-on-unsolicited-pong',
    description: 'closes with 1002 on a pong that answers no ping',
    breaks: ['rfc6455-handshake/unsolicited-pong#still-answers'],
    change: judging((head) => (head.opcode === OPCODE.pong ? { code: 1002 } : undefined)),
  },
  {
    name: 'leaves-tcp-open',
    description: 'does not end TCP after the closing handshake',
    breaks: [
      'rfc6455-handshake/close#tcp-ends',
      'rfc6455-handshake/empty-close#tcp-ends',
      'disconnect/slow-handler#closed-meanwhile',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/no-disconnect-route#closes-cleanly',
    ],
    change: () => ({ endsTcp: false }),
  },
  {
    name: 'ignores-unmasked-frames',
    description: 'skips unmasked frames',
    breaks: ['rfc6455-handshake/unmasked-frame#connection-ends'],
    change: judging((head) => (head.masked ? undefined : 'skip')),
  },
  {
    name: 'ignores-reserved-bits',
    description: 'skips frames with reserved bits',
    breaks: ['rfc6455-handshake/reserved-bits#connection-ends'],
    change: judging((head) => (head.reserved === 0 ? undefined : 'skip')),
  },
  {
    name: 'ignores-reserved-opcodes',
    description: 'skips frames with an opcode that has no meaning',
    breaks: ['rfc6455-handshake/reserved-opcode#connection-ends'],
    change: judging((head) => (KNOWN.has(head.opcode) ? undefined : 'skip')),
  },
];

const KNOWN: ReadonlySet<number> = new Set(Object.values(OPCODE));

function withoutRules(...names: readonly string[]): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    handshakeRules: correct.handshakeRules.filter((rule) => !names.includes(rule.name)),
  });
}

function changeRule(
  name: string,
  change: (rule: HandshakeRule) => HandshakeRule,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    handshakeRules: correct.handshakeRules.map((rule) =>
      rule.name === name ? change(rule) : rule,
    ),
  });
}

function judging(
  change: (head: FrameHead) => FrameVerdict | undefined,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    frameJudge: () => {
      const judge = correct.frameJudge();
      return (head) => change(head) ?? judge(head);
    },
  });
}

function pongs(change: (frame: OutgoingFrame) => readonly Buffer[]): Behaviour['outgoing'] {
  return (frame) => (frame.opcode === OPCODE.pong ? change(frame) : [frame.head, frame.payload]);
}

const KEY = Buffer.from([0x12, 0x34, 0x56, 0x78]);

function masked(head: Buffer): Buffer {
  return withBits(head, 0, 0x80);
}

function withBits(head: Buffer, first: number, second: number): Buffer {
  const changed = Buffer.from(head);
  changed.writeUInt8(changed.readUInt8(0) | first, 0);
  changed.writeUInt8(changed.readUInt8(1) | second, 1);
  return changed;
}

function mask(payload: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (KEY[index % KEY.length] ?? 0)));
}
