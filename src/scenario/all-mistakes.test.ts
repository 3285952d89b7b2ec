// The proof that all mistakes of a file are reported at once: a good file is given several mistakes
// that do not concern one another, and exactly these are reported, each at its place.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScenario } from './parse.ts';

const GOOD = `title: Everything that a scenario can say
description: A base that is right in every part
tags: [slow, auth]
vars: { greeting: hello, size: 3 }
axes:
  token:
    missing: {}
    wrong: { Authorization: Bearer nonsense }
  ending: [fin, reset]
needs: [idle-timeout]
isolation: shared
steps:
  - as: stranger
    connect: { headers: "\${token}", credentials: none }
    within: 5s
  - as: member
    connect:
      subprotocols: [chat]
      backend: { $connect: { hold: 1s, status: 200 }, authorizer: { effect: allow } }
  - connection: member
    release: $connect
  - connection: member
    send: { json: { action: "\${greeting}" }, backend: { hold: 2s } }
  - connection: member
    release: message
  - connection: member
    wait: received
  - as: first-post
    connection: member
    postToConnection: { body: one }
  - as: second-post
    connection: stranger
    postToConnection: { body: two }
  - parallel:
      - connection: stranger
        drop: "\${ending}"
      - connection: member
        close: { code: 1000, reason: bye }
  - repeat:
      times: 3
      steps:
        - connection: member
          send: { ping: x }
  - idle: 3s
checks:
  opens: { connection: member, handshake: { status: 101, subprotocol: chat } }
  refused:
    connection: stranger
    handshake: { status: { oneOf: [401, 403] } }
    within: 2s
  quick: { elapsed: { from: member.sent, to: member.opened, lte: 300ms } }
  in-order: { order: [member.connected, member.$connect.started, first-post.called] }
  posted: { answers: { first-post: { status: 200 }, second-post: { status: 410 } } }
  told: { connection: member, events: { $connect: { each: { headers.Host: { matches: '\\d' } } } } }
  same-id: { same: [member.$connect.requestContext.connectionId, member.handshake.phrase] }
  ends: { connection: member, closed: { by: client, code: 1001 } }
  seen: { connection: member, record: [handshake.outcome, handshake.headers] }
  pings: { connection: stranger, frames: { some: { opcode: ping, bytes: 4 } } }
  lasts:
    elapsed: { from: stranger.opened, to: stranger.closed, is: "\${limits.idleTimeout}" }
  never-told: { never: { moment: stranger.received, before: stranger.closing } }
  answered: { connection: member, received: { count: 1, each: { json: { data.type: pong } } } }
`;

/** What is written, what is written instead (its place marked by «), and the code that is reported. */
const KINDS: readonly (readonly [name: string, from: string, to: string, code: string])[] = [
  // keys and values
  [
    'no title',
    'title: Everything that a scenario can say\ndescription: ',
    '«description: ',
    'SCN_MISSING_KEY',
  ],
  ['a misspelt top-level key', 'isolation: shared', '«isolatoin: shared', 'SCN_UNKNOWN_KEY'],
  ['an unknown word', 'isolation: shared', 'isolation: «alone', 'SCN_BAD_VALUE'],
  ['an unknown feature', 'needs: [idle-timeout]', 'needs: [«idle]', 'SCN_UNKNOWN_FEATURE'],
  ['a bad tag', 'tags: [slow, auth]', 'tags: [slow, «a b]', 'SCN_BAD_VALUE'],
  [
    'an axis value with a misspelt key',
    'ending: [fin, reset]',
    'ending: [fin, «rset]',
    'SCN_BAD_VALUE',
  ],
  ['an axis label twice', 'ending: [fin, reset]', 'ending: [fin, reset, «fin]', 'SCN_BAD_AXIS'],
  [
    'a misspelt verb that names a connection',
    '    connect: { headers',
    '    «conect: { headers',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'as inside its connect',
    '  - as: member\n    connect:\n',
    '  - connect:\n      «as: member\n',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'a misspelt hold that is released',
    '{ hold: 1s, status',
    '{ «hodl: 1s, status',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'a misspelt plan that is released',
    'backend: { $connect',
    '«backnd: { $connect',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'a bad duration of a hold',
    '{ hold: 1s, status',
    '{ hold: «1 second, status',
    'SCN_BAD_DURATION',
  ],
  ['a number where a duration is meant', 'within: 5s', 'within: «5', 'SCN_BAD_DURATION'],
  [
    'a status out of range',
    'status: 200 }, authorizer',
    'status: «20 }, authorizer',
    'SCN_BAD_VALUE',
  ],
  ['another effect', 'effect: allow', 'effect: «permit', 'SCN_BAD_VALUE'],
  ['two steps in one', '  - idle: 3s', '  - idle: 3s\n    «wait: member.closed', 'SCN_ONE_OF'],
  ['a step of nothing', '  - idle: 3s', '  - «within: 3s', 'SCN_ONE_OF'],
  [
    'a bare verb',
    '  - idle: 3s',
    '  - connection: stranger\n    close:\n  - «close',
    'SCN_BAD_TYPE',
  ],
  ['an unknown verb', '  - idle: 3s', '  - «sleep: 3s', 'SCN_UNKNOWN_KEY'],
  [
    'a close reason without code',
    'close: { code: 1000, reason: bye }',
    'close: { «reason: bye }',
    'SCN_BAD_VALUE',
  ],
  [
    'a close code out of range',
    'close: { code: 1000, reason',
    'close: { code: «100000, reason',
    'SCN_BAD_VALUE',
  ],
  ['a misspelt modifier of a check', '    within: 2s\n', '    «wihtin: 2s\n', 'SCN_UNKNOWN_KEY'],
  ['a misspelt field', 'subprotocol: chat }', '«subprotocols: chat }', 'SCN_UNKNOWN_KEY'],
  ['a wrong item of oneOf', 'oneOf: [401, 403]', 'oneOf: [401, «forbidden]', 'SCN_BAD_VALUE'],
  [
    'no space after the colon in { }',
    'handshake: { status: 101',
    'handshake: { «status:101',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'a check without condition',
    'ends: { connection: member, closed: { by: client, code: 1001 } }',
    '«ends: { connection: member }',
    'SCN_ONE_OF',
  ],
  [
    'two checks in one',
    'closed: { by: client, code: 1001 }',
    'closed: { by: client }, «received: 1',
    'SCN_ONE_OF',
  ],
  ['a bad moment', 'to: member.opened', 'to: «member.openned', 'SCN_BAD_MOMENT'],
  [
    'a bound that is missing',
    'quick: { elapsed: { from: member.sent, to: member.opened, lte: 300ms }',
    'quick: { «elapsed: { from: member.sent, to: member.opened }',
    'SCN_ONE_OF',
  ],
  ['a bad pattern', "matches: '\\d'", "matches: «'('", 'SCN_BAD_PATTERN'],
  [
    'a path that begins nowhere',
    'record: [handshake.outcome,',
    'record: [«status,',
    'SCN_BAD_PATH',
  ],
  [
    'a path to no field',
    'record: [handshake.outcome,',
    'record: [«handshake.statsu,',
    'SCN_BAD_PATH',
  ],
  [
    'a nested field',
    'json: { data.type: pong }',
    'json: { data: { «kind: pong } }',
    'SCN_UNKNOWN_KEY',
  ],
  [
    'connection inside its condition',
    '{ connection: member, received: { count: 1,',
    '{ received: { «connection: member, count: 1,',
    'SCN_UNKNOWN_KEY',
  ],
  ['an unknown opcode', 'opcode: ping', 'opcode: «pin', 'SCN_BAD_VALUE'],
  ['a limit of another kind', 'bytes: 4 }', 'bytes: «"${limits.idleTimeout}" }', 'SCN_BAD_VALUE'],
  // names
  [
    'an unknown connection of a step',
    '  - connection: member\n    wait',
    '  - connection: «membre\n    wait',
    'SCN_UNKNOWN_NAME',
  ],
  [
    'an unknown connection of a check',
    'pings: { connection: stranger',
    'pings: { connection: «nobody',
    'SCN_UNKNOWN_NAME',
  ],
  [
    'an unknown connection of a moment',
    'order: [member.connected',
    'order: [«mebmer.connected',
    'SCN_UNKNOWN_NAME',
  ],
  [
    'an unknown connection of a path',
    'same: [member.$connect',
    'same: [«mamber.$connect',
    'SCN_UNKNOWN_NAME',
  ],
  ['an unknown call', '{ first-post: { status', '{ «frist-post: { status', 'SCN_UNKNOWN_NAME'],
  ['a name that is taken', '  - idle: 3s', '  - as: «member\n    connect:', 'SCN_DUPLICATE_NAME'],
  [
    'a step that does not say which connection',
    '  - connection: member\n    wait',
    '  - «wait',
    'SCN_NAME_NEEDED',
  ],
  [
    'a check that does not say which connection',
    'pings: { connection: stranger, frames',
    '«pings: { frames',
    'SCN_NAME_NEEDED',
  ],
  [
    'a release of what nothing holds',
    '    release: message',
    '    release: «$disconnect',
    'SCN_NOTHING_HELD',
  ],
  [
    'a connect in a repeat',
    '        - connection: member\n          send: { ping: x }',
    '        - as: again\n          «connect:',
    'SCN_MISPLACED',
  ],
  [
    'as where nothing is created',
    '  - connection: member\n    wait: received',
    '  - connection: member\n    «as: news\n    wait: received',
    'SCN_MISPLACED',
  ],
  // variables
  [
    'an unknown limit',
    'is: "${limits.idleTimeout}" }',
    'is: "«${limits.idelTimeout}" }',
    'SCN_UNKNOWN_LIMIT',
  ],
  ['a variable that is none', 'action: "${greeting}"', 'action: "«${a b}"', 'SCN_BAD_VARIABLE'],
  ['a mapping inside text', 'body: two', 'body: "x «${token} y"', 'SCN_BAD_VARIABLE'],
  ['a key that a variable lacks', 'body: one', 'body: "«${greeting.text}"', 'SCN_UNKNOWN_VARIABLE'],
  // YAML
  [
    'an unquoted variable',
    'action: "${greeting}"',
    'action: «${greeting}',
    'SCN_UNQUOTED_VARIABLE',
  ],
  [
    'a duplicate key of a step',
    '  - connection: member\n    wait: received',
    '  - connection: member\n    wait: received\n    «wait: received',
    'SCN_DUPLICATE_KEY',
  ],
  [
    'a check that stands twice',
    '  never-told:',
    '  «ends: { connection: stranger, received: 0 }\n  never-told:',
    'SCN_DUPLICATE_KEY',
  ],
  [
    'a bracket without quotes',
    'record: [handshake.outcome,',
    'record: [«received[0].text,',
    'SCN_YAML',
  ],
  [
    'a brace that is not closed',
    'postToConnection: { body: two }',
    'postToConnection: «{ body: two',
    'SCN_YAML',
  ],
  ['a brace too many', 'send: { ping: x }', 'send: { ping: x } «}', 'SCN_YAML'],
  ['a bracket that is not closed', 'tags: [slow, auth]', 'tags: «[slow, auth', 'SCN_YAML'],
  [
    'a quote that is not closed',
    'same: [member.$connect.requestContext.connectionId, member.handshake.phrase]',
    'same: [member.handshake.body, «"member.handshake.phrase]',
    'SCN_YAML',
  ],
  [
    'an apostrophe in quotes',
    'A base that is right in every part',
    "'A base that doesn«'t err'",
    'SCN_YAML',
  ],
  [
    'a second colon',
    'A base that is right in every part',
    '«A base: right in every part',
    'SCN_YAML',
  ],
  ['a missing comma', '{ greeting: hello, size', '{ greeting: hello «size', 'SCN_YAML'],
  ['a missing colon', 'frames: { some: {', 'frames: { «some {', 'SCN_YAML'],
  [
    'a line in the wrong column',
    '      - connection: stranger\n        drop',
    '      - connection: stranger\n         «drop',
    'SCN_YAML',
  ],
  ['an unknown escape', "matches: '\\d'", 'matches: "«\\d"', 'SCN_YAML'],
  ['an alias that was meant as text', 'subprotocols: [chat]', 'subprotocols: [«*]', 'SCN_YAML'],
  ['a text that begins with @', 'subprotocols: [chat]', 'subprotocols: [«@chat]', 'SCN_YAML'],
];

interface Place {
  readonly code: string;
  readonly line: number;
  readonly column: number;
}

/** The good file with these mistakes, and where they are. */
function withMistakes(chosen: readonly Kind[]): {
  readonly text: string;
  readonly places: readonly Place[];
} {
  let text = '';
  let from = 0;
  const places: Place[] = [];
  for (const [, good, bad, code] of chosen.toSorted((a, b) => startOf(a) - startOf(b))) {
    const start = GOOD.indexOf(good);
    text += GOOD.slice(from, start);
    const before = `${text}${bad.slice(0, bad.indexOf('«'))}`.split('\n');
    places.push({ code, line: before.length, column: (before.at(-1) ?? '').length + 1 });
    text += bad.replace('«', '');
    from = start + good.length;
  }
  return { text: text + GOOD.slice(from), places };
}

type Kind = (typeof KINDS)[number];

function startOf([, good]: Kind): number {
  return GOOD.indexOf(good);
}

/** Those that touch different parts of the file. */
function independent(kinds: readonly Kind[]): readonly Kind[] {
  const chosen: Kind[] = [];
  for (const one of kinds) {
    const [start, end] = [startOf(one), startOf(one) + one[1].length];
    const meets = chosen.some(
      (other) => startOf(other) < end && startOf(other) + other[1].length > start,
    );
    if (!meets) chosen.push(one);
  }
  return chosen;
}

function reported(text: string): readonly Place[] {
  const parsed = parseScenario({ file: 'f.yaml', id: 'f', text });
  const found = 'scenario' in parsed ? parsed.scenario.warnings : parsed.diagnostics;
  return found.map(({ code, span: { line, column } }) => ({ code, line, column }));
}

describe('mistakes of one file', () => {
  it('there are none in the good file, and every kind has one place in it', () => {
    expect(reported(GOOD)).toEqual([]);
    const wrong = KINDS.filter(
      ([, good, bad]) => GOOD.split(good).length !== 2 || bad.split('«').length !== 2,
    );
    expect(wrong).toEqual([]);
  });

  it.each(KINDS)('%s', (...kind) => {
    const { text, places } = withMistakes([kind]);
    expect(reported(text)).toEqual(places);
  });

  it('are all reported, and no others', () => {
    const several = fc.shuffledSubarray([...KINDS], { minLength: 2, maxLength: 24 });
    fc.assert(
      fc.property(several, (kinds) => {
        const { text, places } = withMistakes(independent(kinds));
        expect(reported(text)).toEqual(places);
      }),
      { numRuns: 100 },
    );
  });
});
