// Servers that break one rule of RFC 6455 each, and servers that do what is unusual and legal: which
// checks of the suite rfc6455-handshake catch which, exactly.
import { describe, expect, test, vi } from 'vitest';
import type { RunResult } from '../../src/result/run-result.ts';
import { deviations, findingOf, runAssay, verdictLines } from '../support/assay.ts';
import {
  type ClientFrame,
  closePayload,
  type Deviation,
  frame,
  type Request,
  right101,
  startHandServer,
} from '../support/hand-server.ts';

type Answer = NonNullable<Deviation['answer']>;
type Handler = NonNullable<Deviation['frame']>;

/** Changes a right 101; refusals stay as they are. */
const on101 =
  (change: (right: string) => string): Answer =>
  (_, right) =>
    right.startsWith('HTTP/1.1 101') ? change(right) : right;

/** Answers what the client has no right to open with a 101. */
const opensFor =
  (accepts: (request: Request) => boolean): Answer =>
  (request, right) =>
    accepts(request) ? right101(request) : right;

/** Refuses what should be opened. */
const refusesFor =
  (refuses: (request: Request) => boolean): Answer =>
  (request, right) =>
    right.startsWith('HTTP/1.1 101') && refuses(request)
      ? 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'
      : right;

/** Does something else about the right frames with this opcode. */
const onRight =
  (opcode: number, act: (frame: ClientFrame, socket: Parameters<Handler>[1]) => void): Handler =>
  (received, socket) => {
    if (received.opcode !== opcode || !received.masked || received.rsv !== 0) return false;
    act(received, socket);
    return true;
  };

const CLOSE = 8;
const PING = 9;
const PONG = 10;
const TEXT = 1;

const closesWith = (payload: Buffer): Deviation => ({
  frame: onRight(CLOSE, (_, socket) => socket.end(frame(CLOSE, payload))),
});
const pongsWith = (pong: (payload: Buffer) => Buffer): Deviation => ({
  frame: onRight(PING, ({ payload }, socket) => socket.write(pong(payload))),
});
const offered = ({ headers }: Request): readonly string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(', ').filter((one) => one !== '');

/** No pong that can be read. */
const NO_PONG: readonly string[] = [
  'failed ping-between-fragments#pong',
  ...['empty', 'longest', 'text'].flatMap((payload) =>
    ['no-reserved-bits', 'not-masked', 'pong', 'same-payload'].map(
      (check) => `failed ping[payload=${payload}]#${check}`,
    ),
  ),
  'failed unsolicited-pong#still-answers',
];
const NO_CLOSE_FRAME: readonly string[] = [
  'failed close#answered-with-a-close-frame',
  'failed empty-close#answered-with-a-close-frame',
];
const TCP_STAYS: readonly string[] = ['failed close#tcp-ends', 'failed empty-close#tcp-ends'];
const ACCEPT: readonly string[] = [
  'failed accept-value[pair=example]#accept',
  'failed accept-value[pair=other]#accept',
];
const NO_101: readonly string[] = [
  'failed answer#connection-header',
  'failed answer#upgrade-header',
  'failed connection-tokens#opens',
  ...[
    'connection-lower',
    'connection-upper',
    'key-lower',
    'upgrade-mixed',
    'upgrade-upper',
    'version-lower',
  ].map((request) => `failed spelling[request=${request}]#opens`),
];

/** Nothing can be tested where no proper handshake opens a connection. */
const NOTHING_OPENS: readonly string[] = [
  'errored extension[offer=none]#answered',
  'errored extension[offer=none]#none-named',
  'errored extension[offer=unknown]#answered',
  'errored extension[offer=unknown]#none-named',
  'errored key-length#as-seen',
  'errored missing-connection#not-opened',
  'errored missing-key#error-status',
  'errored missing-key#not-opened',
  'errored missing-upgrade#not-opened',
  'errored missing-version#error-status',
  'errored missing-version#not-opened',
  'errored other-connection#not-opened',
  'errored other-upgrade#not-opened',
  'errored post-method#not-opened',
  'errored reserved-bits#as-seen',
  'errored reserved-bits#connection-ends',
  'errored reserved-opcode#as-seen',
  'errored reserved-opcode#connection-ends',
  'errored subprotocol[offer=none]#named-once',
  'errored subprotocol[offer=none]#nothing-unoffered',
  'errored subprotocol[offer=unknown]#named-once',
  'errored subprotocol[offer=unknown]#nothing-unoffered',
  'errored unmasked-frame#as-seen',
  'errored unmasked-frame#connection-ends',
  'errored wrong-version#error-status',
  'errored wrong-version#names-its-versions',
  'errored wrong-version#not-opened',
  'failed answer#opens',
  'failed close#code-is-not-1005',
  'failed close#code-is-used',
  'failed close#code-may-be-sent',
  'failed close#no-half-code',
  ...NO_CLOSE_FRAME,
  ...TCP_STAYS,
  ...NO_PONG,
];

/** What a server does nonetheless whose connections break when the first frame comes. */
const OPENS_AND_ENDS: readonly string[] = ['failed answer#opens', ...TCP_STAYS];

/** What each server breaks, and the checks that fail or cannot be decided because of it. */
const BROKEN: Readonly<Record<string, readonly [Deviation, readonly string[]]>> = {
  'a wrong Sec-WebSocket-Accept': [
    { answer: on101((right) => right.replace(/Accept: .*/, `Accept: ${'A'.repeat(27)}=`)) },
    [...NOTHING_OPENS, ...ACCEPT],
  ],
  'no Sec-WebSocket-Accept': [
    { answer: on101((right) => right.replace(/Sec-WebSocket-Accept: .*\r\n/, '')) },
    [...NOTHING_OPENS, ...ACCEPT],
  ],
  'no Upgrade in the 101': [
    { answer: on101((right) => right.replace('Upgrade: websocket\r\n', '')) },
    [...NOTHING_OPENS, 'failed answer#upgrade-header'],
  ],
  'another Upgrade in the 101': [
    { answer: on101((right) => right.replace('Upgrade: websocket', 'Upgrade: h2c')) },
    [...NOTHING_OPENS, 'failed answer#upgrade-header'],
  ],
  'no Connection in the 101': [
    { answer: on101((right) => right.replace('Connection: Upgrade\r\n', '')) },
    [...NOTHING_OPENS, 'failed answer#connection-header'],
  ],
  'Connection: close in the 101': [
    { answer: on101((right) => right.replace('Connection: Upgrade', 'Connection: close')) },
    [...NOTHING_OPENS, 'failed answer#connection-header'],
  ],
  '200 instead of 101': [
    { answer: on101((right) => right.replace('101 Switching Protocols', '200 OK')) },
    [...NOTHING_OPENS, ...ACCEPT, ...NO_101],
  ],
  'always a subprotocol': [{ headers: () => 'Sec-WebSocket-Protocol: chat\r\n' }, NOTHING_OPENS],
  'a subprotocol of its own choice': [
    {
      headers: (request) => (offered(request).length > 0 ? 'Sec-WebSocket-Protocol: chat\r\n' : ''),
    },
    ['failed subprotocol[offer=unknown]#nothing-unoffered'],
  ],
  'all offered subprotocols': [
    {
      headers: (request) =>
        offered(request).length > 0
          ? `Sec-WebSocket-Protocol: ${offered(request).join(', ')}\r\n`
          : '',
    },
    ['failed subprotocol[offer=unknown]#nothing-unoffered'],
  ],
  'Sec-WebSocket-Protocol twice': [
    {
      headers: (request) =>
        offered(request)
          .map((one) => `Sec-WebSocket-Protocol: ${one}\r\n`)
          .join(''),
    },
    ['failed subprotocol[offer=unknown]#named-once'],
  ],
  'the extension echoed': [
    {
      headers: ({ headers }) =>
        headers['sec-websocket-extensions'] === undefined
          ? ''
          : `Sec-WebSocket-Extensions: ${headers['sec-websocket-extensions']}\r\n`,
    },
    ['failed extension[offer=unknown]#none-named'],
  ],
  'an extension that was not offered': [
    { headers: () => 'Sec-WebSocket-Extensions: permessage-deflate\r\n' },
    NOTHING_OPENS,
  ],
  'masked frames': [pongsWith((payload) => frame(PONG, payload, { masked: true })), NO_PONG],
  'a reserved bit': [pongsWith((payload) => frame(PONG, payload, { rsv: 2 })), NO_PONG],
  'an opcode without meaning': [pongsWith((payload) => frame(12, payload)), NO_PONG],
  'a length in too many bytes': [
    pongsWith((payload) => Buffer.concat([Buffer.from([0x8a, 126, 0, payload.length]), payload])),
    NO_PONG,
  ],
  'a fragmented pong': [pongsWith((payload) => frame(PONG, payload, { fin: false })), NO_PONG],
  'text that is not UTF-8': [
    { behind101: () => frame(TEXT, Buffer.from([0xff, 0xfe])) },
    NOTHING_OPENS.filter((one) => !OPENS_AND_ENDS.includes(one)),
  ],
  'close code 1005': [closesWith(closePayload(1005)), ['failed close#code-is-not-1005']],
  'close code 1006': [closesWith(closePayload(1006)), ['failed close#code-may-be-sent']],
  'close code 1015': [closesWith(closePayload(1015, 'tls')), ['failed close#code-may-be-sent']],
  'close code 999': [closesWith(closePayload(999)), ['failed close#code-is-used']],
  'close code 3': [closesWith(closePayload(3, 'low')), ['failed close#code-is-used']],
  'half a close code': [closesWith(Buffer.from([3])), ['failed close#no-half-code']],
  'no pong': [pongsWith(() => Buffer.alloc(0)), NO_PONG],
  'a pong with another payload': [
    pongsWith(() => frame(PONG, 'other')),
    NO_PONG.filter(
      (one) => !/#(pong|not-masked|no-reserved-bits)$/.test(one) || one.includes('between'),
    ),
  ],
  'FIN instead of a close frame': [
    { frame: onRight(CLOSE, (_, socket) => socket.end()) },
    NO_CLOSE_FRAME,
  ],
  'RST instead of a close frame': [
    { frame: onRight(CLOSE, (_, socket) => socket.resetAndDestroy()) },
    NO_CLOSE_FRAME,
  ],
  'silence instead of a close frame': [
    { frame: onRight(CLOSE, () => {}) },
    [...NO_CLOSE_FRAME, ...TCP_STAYS],
  ],
  'TCP left open': [
    { frame: onRight(CLOSE, (received, socket) => socket.write(frame(CLOSE, received.payload))) },
    TCP_STAYS,
  ],
  'wrong frames ignored': [
    { frame: ({ masked, rsv, opcode }) => !masked || rsv !== 0 || opcode > PONG },
    [
      'failed reserved-bits#connection-ends',
      'failed reserved-opcode#connection-ends',
      'failed unmasked-frame#connection-ends',
    ],
  ],
  'unmasked frames accepted': [
    {
      frame: ({ masked, payload }, socket) => {
        if (!masked) socket.write(frame(PONG, payload));
        return !masked;
      },
    },
    ['failed unmasked-frame#connection-ends'],
  ],
  'any version accepted': [
    { answer: opensFor(({ headers }) => headers['sec-websocket-version'] === '99') },
    [
      'failed wrong-version#error-status',
      'failed wrong-version#names-its-versions',
      'failed wrong-version#not-opened',
    ],
  ],
  'no version accepted': [
    { answer: opensFor(({ headers }) => headers['sec-websocket-version'] === undefined) },
    ['failed missing-version#error-status', 'failed missing-version#not-opened'],
  ],
  'its versions not named': [
    { answer: (_, right) => right.replace('Sec-WebSocket-Version: 13\r\n', '') },
    ['failed wrong-version#names-its-versions'],
  ],
  'no key accepted': [
    { answer: opensFor(({ headers }) => headers['sec-websocket-key'] === undefined) },
    ['failed missing-key#error-status', 'failed missing-key#not-opened'],
  ],
  'POST accepted': [
    { answer: opensFor(({ method }) => method === 'POST') },
    ['failed post-method#not-opened'],
  ],
  'no Upgrade accepted': [
    { answer: opensFor(({ headers }) => headers['upgrade'] === undefined) },
    ['failed missing-upgrade#not-opened'],
  ],
  'another Upgrade accepted': [
    { answer: opensFor(({ headers }) => headers['upgrade'] === 'assay/1') },
    ['failed other-upgrade#not-opened'],
  ],
  'no Connection accepted': [
    { answer: opensFor(({ headers }) => headers['connection'] === undefined) },
    ['failed missing-connection#not-opened'],
  ],
  'a Connection that holds the letters accepted': [
    { answer: opensFor(({ headers }) => headers['connection'] === 'no-upgrade') },
    ['failed other-connection#not-opened'],
  ],
  'FIN instead of a refusal': [
    {
      answer: (_, right, socket) => {
        if (right.startsWith('HTTP/1.1 101')) return right;
        socket.end();
        return undefined;
      },
    },
    [
      'failed missing-key#error-status',
      'failed missing-version#error-status',
      'failed wrong-version#error-status',
      'failed wrong-version#names-its-versions',
    ],
  ],
  'Upgrade compared byte by byte': [
    { answer: refusesFor(({ headers }) => headers['upgrade'] !== 'websocket') },
    [
      'failed spelling[request=upgrade-mixed]#opens',
      'failed spelling[request=upgrade-upper]#opens',
    ],
  ],
  'Connection compared byte by byte': [
    { answer: refusesFor(({ headers }) => headers['connection'] !== 'Upgrade') },
    [
      'failed connection-tokens#opens',
      'failed spelling[request=connection-lower]#opens',
      'failed spelling[request=connection-upper]#opens',
    ],
  ],
  'LF for CRLF': [{ answer: on101((right) => right.replaceAll('\r\n', '\n')) }, NOTHING_OPENS],
  'a header without colon': [
    { answer: on101((right) => right.replace('\r\n', '\r\nNoColonHere\r\n')) },
    NOTHING_OPENS,
  ],
  'every connection ended after 3 s': [
    {
      answered: (socket) =>
        void setTimeout(
          () => socket.writable && socket.end(frame(CLOSE, closePayload(1001))),
          3000,
        ),
      frame: ({ masked, rsv, opcode }) => !masked || rsv !== 0 || opcode > PONG,
    },
    [
      'failed reserved-bits#connection-ends',
      'failed reserved-opcode#connection-ends',
      'failed unmasked-frame#connection-ends',
    ],
  ],
  'no answer to who offers an extension': [
    {
      answer: (request, right, socket) => {
        if (request.headers['sec-websocket-extensions'] === undefined) return right;
        socket.end();
        return undefined;
      },
    },
    ['failed extension[offer=unknown]#answered'],
  ],
  'FIN right after the 101': [
    { answered: (socket) => void socket.end() },
    [
      ...NO_PONG,
      ...NO_CLOSE_FRAME,
      'failed reserved-bits#connection-ends',
      'failed reserved-opcode#connection-ends',
      'failed unmasked-frame#connection-ends',
    ],
  ],
  'RST at the first frame': [
    {
      frame: (_, socket) => {
        socket.resetAndDestroy();
        return true;
      },
    },
    [...NO_PONG, ...NO_CLOSE_FRAME],
  ],
};

/** Unusual, and allowed. RFC 6455 does not say which HTTP version an answer has. */
const LEGAL: Readonly<Record<string, Deviation>> = {
  'a status line without a phrase': {
    answer: on101((right) => right.replace('101 Switching Protocols', '101 ')),
  },
  'a status line without a phrase and its space': {
    answer: on101((right) => right.replace('101 Switching Protocols', '101')),
  },
  'HTTP/1.0 in the status line': {
    answer: on101((right) => right.replace('HTTP/1.1', 'HTTP/1.0')),
  },
  'another phrase': {
    answer: on101((right) => right.replace('Switching Protocols', 'Web Socket Protocol Handshake')),
  },
  'header names and tokens in another spelling': {
    answer: on101((right) =>
      right.replace(
        'Upgrade: websocket\r\nConnection: Upgrade',
        'upgrade:WebSocket\r\nCONNECTION: \tkeep-alive, upgrade  ',
      ),
    ),
  },
  'a message in the segment of the 101': { behind101: () => frame(TEXT, 'welcome') },
  'a ping in the segment of the 101': { behind101: () => frame(PING, 'hello') },
  'a greeting soon after': {
    answered: (socket) =>
      void setTimeout(() => socket.writable && socket.write(frame(TEXT, 'welcome')), 20),
  },
  'a greeting in fragments around a ping': {
    behind101: () =>
      Buffer.concat([frame(TEXT, 'wel', { fin: false }), frame(PING, 'x'), frame(0, 'come')]),
  },
  '103 before the 101': {
    answer: (_, right) => `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${right}`,
  },
  'a close at every message': {
    frame: onRight(TEXT, ({ fin }, socket) => {
      if (fin) socket.end(frame(CLOSE, closePayload(1008)));
    }),
  },
  'a close frame without code': closesWith(Buffer.alloc(0)),
  'a close frame with a private code and a reason': closesWith(closePayload(4001, 'as you wish')),
  'an unsolicited pong before each pong': pongsWith((payload) =>
    Buffer.concat([frame(PONG, 'unasked'), frame(PONG, payload)]),
  ),
  'bytes one by one': {
    answer: (_, right, socket) => {
      void (async () => {
        for (const byte of Buffer.from(right, 'latin1')) {
          socket.write(Buffer.from([byte]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (!right.includes(' 101 ')) socket.end();
      })();
      return undefined;
    },
  },
};

/** What the message of a finding must say, where it is not obvious from the check's name. */
const SAID: Readonly<Record<string, readonly [check: string, message: RegExp]>> = {
  'a wrong Sec-WebSocket-Accept': ['ping[payload=text]#pong', /not valid: accept-mismatch$/],
  '200 instead of 101': ['post-method#not-opened', /refused with 200 OK$/],
  'masked frames': ['ping[payload=text]#pong', /a frame of a server is masked$/],
  'a reserved bit': ['ping[payload=text]#pong', /reserved bits 2 are set$/],
  'an opcode without meaning': ['ping[payload=text]#pong', /opcode 12 has no meaning$/],
  'a fragmented pong': ['ping[payload=text]#pong', /a control frame without FIN$/],
  'text that is not UTF-8': ['ping[payload=text]#pong', /UTF-8/],
  'close code 999': ['close#code-is-used', /a close frame with code 999$/],
  'FIN instead of a close frame': ['close#answered-with-a-close-frame', /ended TCP with FIN$/],
  'RST instead of a close frame': ['close#answered-with-a-close-frame', /ended TCP with RST$/],
};

// Most of the time is spent waiting.
vi.setConfig({ maxConcurrency: 16 });

describe('a server that breaks a rule is caught:', () => {
  test.concurrent.each(Object.entries(BROKEN))('%s', async (name, [deviation, caught]) => {
    const { code, result } = await runAgainst(deviation);
    expect(deviations(result)).toEqual([...caught].toSorted());
    expect(code).toBe(caught.some((line) => line.startsWith('errored')) ? 3 : 1);
    const [check, message] = SAID[name] ?? [caught[0]?.replace(/^\w+ /, ''), /./];
    expect(findingOf(result, check ?? '').message).toMatch(message);
  });
});

test('a server that refuses everything passes nothing', async () => {
  const { result } = await runAgainst({
    answer: () => 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n',
  });
  expect(verdictLines(result).filter((line) => line.startsWith('passed'))).toEqual([]);
});

// One control before the flawed request shows nothing of the request after it.
test('what is wrong shows although every second connection is refused', async () => {
  let connections = 0;
  const { result } = await runAgainst({
    answer: (request) => {
      connections += 1;
      return connections % 2 === 0
        ? 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
        : right101(request, 'Sec-WebSocket-Protocol: chat\r\n');
    },
  });
  const passed = verdictLines(result).filter((line) => line.startsWith('passed'));
  expect(
    passed.filter((line) => /#(not-opened|error-status|nothing-unoffered)$/.test(line)),
  ).toEqual([]);
});

describe('a server that is unusual and right passes:', () => {
  test.concurrent.each(Object.entries(LEGAL))('%s', async (_, deviation) => {
    const { code, result } = await runAgainst(deviation);
    expect({ code, deviations: deviations(result) }).toEqual({ code: 0, deviations: [] });
  });
});

async function runAgainst(
  deviation: Deviation,
): Promise<{ readonly code: number; readonly result: RunResult }> {
  const server = await startHandServer(deviation);
  try {
    const ran = await runAssay(['--url', server.url]);
    return { code: ran.code, result: ran.result() };
  } finally {
    server.stop();
  }
}
