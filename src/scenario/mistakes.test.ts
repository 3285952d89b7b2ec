// Every mistake with the exact text that a user reads. One mistake, one message, at its place.
import { expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostic.ts';
import { parseScenario } from './parse.ts';

function complaintsAbout(text: string): string {
  const file = 'scenarios/a/b.yaml';
  const parsed = parseScenario({ file, id: 'a/b', text });
  if ('scenario' in parsed) return 'no mistake';
  return `\n${renderDiagnostics(parsed.diagnostics, { [file]: text })}\n`;
}

it('a misspelt verb', () => {
  const text = `title: It opens
steps:
  - conect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:5 - error SCN_UNKNOWN_KEY: unknown key "conect"

      2 | steps:
    > 3 |   - conect:
        |     ^^^^^^ did you mean "connect"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a misspelt key five levels down', () => {
  const text = `title: It opens
steps:
  - connect: { backend: { $connect: { statuss: 403 } } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:39 - error SCN_UNKNOWN_KEY: unknown key "statuss"

      2 | steps:
    > 3 |   - connect: { backend: { $connect: { statuss: 403 } } }
        |                                       ^^^^^^^ did you mean "status"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('two verbs in one step', () => {
  const text = `title: It opens
steps:
  - connect:
    close: {}
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:5 - error SCN_ONE_OF: these are two steps in one: connect, close

      3 |   - connect:
    > 4 |     close: {}
        |     ^^^^^ write two steps

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a unit nobody knows', () => {
  const text = `title: It opens
steps:
  - connect: { backend: { $connect: { hold: 5 parsecs } } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:45 - error SCN_BAD_DURATION: "5 parsecs" is not a duration

      2 | steps:
    > 3 |   - connect: { backend: { $connect: { hold: 5 parsecs } } }
        |                                             ^^^^^^^^^ write a number and a unit: 250ms, 5s, 2m

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a wrong item of oneOf', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  refused: { handshake: { status: { oneOf: [401, x] } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:50 - error SCN_BAD_VALUE: "x" is not an integer of at least 0

      4 | checks:
    > 5 |   refused: { handshake: { status: { oneOf: [401, x] } } }
        |                                                  ^ write an integer of at least 0

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a mistake inside an axis value is reported there', () => {
  const text = `title: It opens
axes:
  ending:
    fin: { drp: fin }
steps:
  - connect:
  - "\${ending}"
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:12 - error SCN_UNKNOWN_KEY: unknown key "drp"

      3 |   ending:
    > 4 |     fin: { drp: fin }
        |            ^^^ did you mean "drop"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unquoted variable in flow style', () => {
  const text = `title: It opens
axes: { status: [400] }
steps:
  - connect: { backend: { $connect: { status: \${status} } } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:47 - error SCN_UNQUOTED_VARIABLE: inside { } or [ ] YAML reads the brace of \${status} itself

      3 | steps:
    > 4 |   - connect: { backend: { $connect: { status: \${status} } } }
        |                                               ^^^^^^^^^ write it with quotes: "\${status}"

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a bare number where a duration is meant', () => {
  const text = `title: It opens
steps:
  - connect:
    within: 40
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:13 - error SCN_BAD_DURATION: 40 is not a duration

      3 |   - connect:
    > 4 |     within: 40
        |             ^^ write a number and a unit: 250ms, 5s, 2m

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('no title', () => {
  const text = `steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:1:1 - error SCN_MISSING_KEY: "title" is missing

    > 1 | steps:
        | ^^^^^^ add title: a text

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('no steps and no checks', () => {
  const text = `title: It opens
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:1:1 - error SCN_MISSING_KEY: "steps" is missing

    > 1 | title: It opens
        | ^^^^^^^^^^^^^^^ add steps, or load or throttle: a scenario does something

    scenarios/a/b.yaml:1:1 - error SCN_MISSING_KEY: "checks" is missing

    > 1 | title: It opens
        | ^^^^^^^^^^^^^^^ add checks, or thresholds: a scenario without them decides nothing

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('a check without condition', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  opens: { level: must }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:3 - error SCN_ONE_OF: a check needs one of its keys

      4 | checks:
    > 5 |   opens: { level: must }
        |   ^^^^^ write one of: handshake, received, frames, events, closed, answers, order, never, elapsed, same, between, distinct, record

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a check with two conditions', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 }, received: 0 }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:40 - error SCN_ONE_OF: these are two checks in one: handshake, received

      4 | checks:
    > 5 |   opens: { handshake: { status: 101 }, received: 0 }
        |                                        ^^^^^^^^ write two checks

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('two drivers', () => {
  const text = `title: It opens
load:
  phases: [{ arrivals: 5 }]
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:1 - error SCN_ONE_OF: load and steps exclude one another

      3 |   phases: [{ arrivals: 5 }]
    > 4 | steps:
        | ^^^^^ keep one of them, and write the other into a scenario of its own

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('signatures in words that do not exist', () => {
  const text = `title: It opens
steps:
  - connect: { sign: true }
  - getConnection: { sign: { at: yesterday, tampr: signature } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:22 - error SCN_BAD_VALUE: true is not false or a mapping

      2 | steps:
    > 3 |   - connect: { sign: true }
        |                      ^^^^ write false, or leave it out

    scenarios/a/b.yaml:4:34 - error SCN_BAD_VALUE: "yesterday" is not a time from now

      3 |   - connect: { sign: true }
    > 4 |   - getConnection: { sign: { at: yesterday, tampr: signature } }
        |                                  ^^^^^^^^^ write a duration, with - for the past: -20m, 10m

    scenarios/a/b.yaml:4:45 - error SCN_UNKNOWN_KEY: unknown key "tampr"

      3 |   - connect: { sign: true }
    > 4 |   - getConnection: { sign: { at: yesterday, tampr: signature } }
        |                                             ^^^^^ did you mean "tamper"?

    3 errors in 1 file. Nothing was run.
    "
  `);
});

it('load instead of steps', () => {
  const text = `title: It opens
load:
  openFor: 5s
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:1 - error SCN_MISSING_KEY: "phases" is missing

      1 | title: It opens
    > 2 | load:
        | ^^^^ add phases: a list

    scenarios/a/b.yaml:4:1 - error SCN_MISPLACED: a load has thresholds and no checks

      3 |   openFor: 5s
    > 4 | checks:
        | ^^^^^^ write thresholds: a check of each connection is share: 100%, of: { … }

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('an unknown connection', () => {
  const text = `title: It opens
steps:
  - as: crowd
    connect:
  - connection: crwd
    drop: fin
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:17 - error SCN_UNKNOWN_NAME: there is no connection "crwd"

      4 |     connect:
    > 5 |   - connection: crwd
        |                 ^^^^ did you mean "crowd"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('two connections without names', () => {
  const text = `title: It opens
steps:
  - connect:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:5 - error SCN_NAME_NEEDED: with several connect steps each needs a name

      2 | steps:
    > 3 |   - connect:
        |     ^^^^^^^ add as: name

    scenarios/a/b.yaml:4:5 - error SCN_NAME_NEEDED: with several connect steps each needs a name

      3 |   - connect:
    > 4 |   - connect:
        |     ^^^^^^^ add as: name

    scenarios/a/b.yaml:6:3 - error SCN_NAME_NEEDED: with several connections a check has to say which one it is about

      5 | checks:
    > 6 |   opens: { handshake: { status: 101 } }
        |   ^^^^^ add connection: name

    3 errors in 1 file. Nothing was run.
    "
  `);
});

it('a check that does not say which connection', () => {
  const text = `title: It opens
steps:
  - as: a
    connect:
  - as: b
    connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:8:3 - error SCN_NAME_NEEDED: with several connections a check has to say which one it is about

      7 | checks:
    > 8 |   opens: { handshake: { status: 101 } }
        |   ^^^^^ add connection: a

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a release of what nothing holds', () => {
  const text = `title: It opens
steps:
  - connect:
  - release: $connect
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:14 - error SCN_NOTHING_HELD: nothing holds $connect of "client"

      3 |   - connect:
    > 4 |   - release: $connect
        |              ^^^^^^^^ write backend: { $connect: { hold: 1s } } before it

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a name that is taken, a name that is reserved', () => {
  const text = `title: It opens
steps:
  - as: a
    connect:
  - as: a
    connect:
  - as: opened
    connect:
checks:
  opens: { connection: a, handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:9 - error SCN_DUPLICATE_NAME: "a" is taken

      4 |     connect:
    > 5 |   - as: a
        |         ^ choose another name

    scenarios/a/b.yaml:7:9 - error SCN_RESERVED_NAME: "opened" is a word of the language

      6 |     connect:
    > 7 |   - as: opened
        |         ^^^^^^ choose another name

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('a second call of one verb', () => {
  const text = `title: It opens
steps:
  - connect:
  - postToConnection: { body: one }
  - postToConnection: { body: two }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:5 - error SCN_NAME_NEEDED: this is the second postToConnection

      4 |   - postToConnection: { body: one }
    > 5 |   - postToConnection: { body: two }
        |     ^^^^^^^^^^^^^^^^ add as: name

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unknown call', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  gone: { answers: { getConnection: { status: 410 } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:22 - error SCN_UNKNOWN_NAME: there is no call "getConnection"

      4 | checks:
    > 5 |   gone: { answers: { getConnection: { status: 410 } } }
        |                      ^^^^^^^^^^^^^ add a step that makes it

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unknown moment', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  quick: { elapsed: { from: sent, to: openned, lte: 1s } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:39 - error SCN_BAD_MOMENT: "openned" is not a moment

      4 | checks:
    > 5 |   quick: { elapsed: { from: sent, to: openned, lte: 1s } }
        |                                       ^^^^^^^ did you mean "opened"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a moment of an unknown connection', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  order: { order: [a.opened, closed] }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:20 - error SCN_UNKNOWN_NAME: there is no connection "a"

      4 | checks:
    > 5 |   order: { order: [a.opened, closed] }
        |                    ^^^^^^^^ write "client"

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('elapsed without a bound', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  quick: { elapsed: { from: sent, to: opened } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:12 - error SCN_ONE_OF: elapsed does not say how long

      4 | checks:
    > 5 |   quick: { elapsed: { from: sent, to: opened } }
        |            ^^^^^^^ write is, gte or lte beside from and to

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a path that begins nowhere', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  seen: { record: [status] }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:20 - error SCN_BAD_PATH: "status" is not a path into the evidence

      4 | checks:
    > 5 |   seen: { record: [status] }
        |                    ^^^^^^ write a path: handshake.status, received[0].text, $connect.headers["x.y"]

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a nested field instead of a path', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  pong: { received: { some: { json: { data: { type: pong } } } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:47 - error SCN_UNKNOWN_KEY: unknown key "type"

      4 | checks:
    > 5 |   pong: { received: { some: { json: { data: { type: pong } } } } }
        |                                               ^^^^ a nested field is a path: data.type; a matcher has is, not, oneOf, …

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a tolerance of nothing', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  big: { received: { some: { bytes: { not: 3, tolerance: 10% } } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:47 - error SCN_BAD_VALUE: tolerance stands beside is, gte or lte

      4 | checks:
    > 5 |   big: { received: { some: { bytes: { not: 3, tolerance: 10% } } } }
        |                                               ^^^^^^^^^ say what it widens: is: 5s

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('delay and hold together', () => {
  const text = `title: It opens
steps:
  - connect: { backend: { $connect: { delay: 1s, hold: 1s } } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:50 - error SCN_ONE_OF: delay and hold exclude one another

      2 | steps:
    > 3 |   - connect: { backend: { $connect: { delay: 1s, hold: 1s } } }
        |                                                  ^^^^ write one time of answering

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a status that is no number', () => {
  const text = `title: It opens
steps:
  - connect: { backend: { $connect: { status: ok } } }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:47 - error SCN_BAD_VALUE: "ok" is not an integer from 100 to 599

      2 | steps:
    > 3 |   - connect: { backend: { $connect: { status: ok } } }
        |                                               ^^ write an integer from 100 to 599

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unknown outcome', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  refused: { handshake: { outcome: rejected } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:36 - error SCN_BAD_VALUE: "rejected" is not one of opened, refused, dropped, invalid, timeout, unreachable

      4 | checks:
    > 5 |   refused: { handshake: { outcome: rejected } }
        |                                    ^^^^^^^^ write one of: opened, refused, dropped, invalid, timeout, unreachable

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unknown feature', () => {
  const text = `title: It opens
needs: [idle-timout]
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:9 - error SCN_UNKNOWN_FEATURE: "idle-timout" is not a feature

      1 | title: It opens
    > 2 | needs: [idle-timout]
        |         ^^^^^^^^^^^ did you mean "idle-timeout"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an unknown limit', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  late: { elapsed: { from: sent, to: answered, is: "\${limits.integrationTimout}" } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:53 - error SCN_UNKNOWN_LIMIT: there is no limit "integrationTimout"

      4 | checks:
    > 5 |   late: { elapsed: { from: sent, to: answered, is: "\${limits.integrationTimout}…
        |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean "integrationTimeout"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a wrong regular expression', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  body: { handshake: { body: { matches: "(" } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:41 - error SCN_BAD_PATTERN: "(" is not a regular expression

      4 | checks:
    > 5 |   body: { handshake: { body: { matches: "(" } } }
        |                                         ^^^ write a regular expression of JavaScript

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a label that cannot stand in an id', () => {
  const text = `title: It opens
axes:
  path: [/a, b]
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:10 - error SCN_BAD_AXIS: "/a" cannot stand in an id

      2 | axes:
    > 3 |   path: [/a, b]
        |          ^^ write a mapping of short labels to values

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an axis key that one value does not have', () => {
  const text = `title: It opens
axes:
  key:
    a: { credentials: none }
    b: { credential: none }
steps:
  - connect: { credentials: "\${key.credentials}" }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:7:30 - error SCN_UNKNOWN_VARIABLE: \${key.credentials}: there is no "credentials"

      6 | steps:
    > 7 |   - connect: { credentials: "\${key.credentials}" }
        |                              ^^^^^^^^^^^^^^^^^^ did you mean "credential"?

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a duplicate key', () => {
  const text = `title: It opens
title: again
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:1 - error SCN_DUPLICATE_KEY: the key "title" stands twice in the same mapping

      1 | title: It opens
    > 2 | title: again
        | ^^^^^ keep one of them

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a colon in a plain text', () => {
  const text = `title: It opens
description: This: that
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:14 - error SCN_YAML: a second colon would begin a mapping inside the line

      1 | title: It opens
    > 2 | description: This: that
        |              ^^^^^^^^^^ write text that contains ": " with quotes, and a mapping in { }

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a tab', () => {
  const text = `title: It opens
tags:
	- slow
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:1 - error SCN_YAML: a tab cannot indent YAML

      2 | tags:
    > 3 |  - slow
        | ^ indent with spaces

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('connect inside repeat', () => {
  const text = `title: It opens
steps:
  - repeat: { times: 3, steps: [{ connect: }] }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:35 - error SCN_MISPLACED: there is no connect in a repeat

      2 | steps:
    > 3 |   - repeat: { times: 3, steps: [{ connect: }] }
        |                                   ^^^^^^^ make a group: connect: { count: 50 }

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a close reason without a code', () => {
  const text = `title: It opens
steps:
  - connect:
  - close: { reason: bye }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:14 - error SCN_BAD_VALUE: a close frame has no reason without a code

      3 |   - connect:
    > 4 |   - close: { reason: bye }
        |              ^^^^^^ write a code beside it: code: 1000

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a variable inside itself', () => {
  const text = `title: It opens
vars: { a: "\${b}", b: "\${a}" }
description: \${a}
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:24 - error SCN_VARIABLE_CYCLE: a -> b -> a -> … never ends

      1 | title: It opens
    > 2 | vars: { a: "\${b}", b: "\${a}" }
        |                        ^^^^ give one of them a value of its own

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a file of a later version', () => {
  const text = `title: It opens
language: 2
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:2:1 - error SCN_NOT_YET: the file is written in version 2 of the language

      1 | title: It opens
    > 2 | language: 2
        | ^^^^^^^^ this ws-assay reads version 1, which does not say so

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('text where a boolean stands', () => {
  const text = `title: It opens
steps:
  - connect:
  - send: { text: yes, fragmentSize: 0 }
  - send: { text: true }
checks:
  opens: { handshake: { status: 101 } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:4:38 - error SCN_BAD_VALUE: 0 is not an integer of at least 1

      3 |   - connect:
    > 4 |   - send: { text: yes, fragmentSize: 0 }
        |                                      ^ write an integer of at least 1

    scenarios/a/b.yaml:5:19 - error SCN_BAD_VALUE: true is not a payload

      4 |   - send: { text: yes, fragmentSize: 0 }
    > 5 |   - send: { text: true }
        |                   ^^^^ write a text, { size: 1024 } or { hex: ff0041 }

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('a path to a field that is not there', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  seen: { record: [handshake.statsu, closed, "received[0].txt", handshake.status.code] }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:20 - error SCN_BAD_PATH: "handshake.statsu" is not a path into the evidence

      4 | checks:
    > 5 |   seen: { record: [handshake.statsu, closed, "received[0].txt", handshake.statu…
        |                    ^^^^^^^^^^^^^^^^ did you mean "status"?

    scenarios/a/b.yaml:5:38 - error SCN_BAD_PATH: "closed" is not a path into the evidence

      4 | checks:
    > 5 |   seen: { record: [handshake.statsu, closed, "received[0].txt", handshake.statu…
        |                                      ^^^^^^ name a field: by, how, code, reason, clean

    scenarios/a/b.yaml:5:46 - error SCN_BAD_PATH: "received[0].txt" is not a path into the evidence

      4 | checks:
    > 5 |   seen: { record: [handshake.statsu, closed, "received[0].txt", handshake.statu…
        |                                              ^^^^^^^^^^^^^^^^^ did you mean "text"?

    scenarios/a/b.yaml:5:65 - error SCN_BAD_PATH: "handshake.status.code" is not a path into the evidence

      4 | …:
    > 5 | …: { record: [handshake.statsu, closed, "received[0].txt", handshake.status.cod…
        |                                                            ^^^^^^^^^^^^^^^^^^^^^ status has no parts

    4 errors in 1 file. Nothing was run.
    "
  `);
});

it('a path to a call that is not there', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  seen: { same: [answers.getConnection.status, handshake.status] }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:18 - error SCN_UNKNOWN_NAME: there is no call "getConnection"

      4 | checks:
    > 5 |   seen: { same: [answers.getConnection.status, handshake.status] }
        |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ add a step that makes it

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a check on nothing', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  opens: { handshake: {} }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:12 - error SCN_BAD_VALUE: a condition that asks for nothing

      4 | checks:
    > 5 |   opens: { handshake: {} }
        |            ^^^^^^^^^ write what must hold

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('an empty matcher', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  opens: { handshake: { status: {} } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:25 - error SCN_BAD_VALUE: a matcher without a condition

      4 | checks:
    > 5 |   opens: { handshake: { status: {} } }
        |                         ^^^^^^ write a value, or is, not, oneOf, absent, …

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a bracket without quotes', () => {
  const text = `title: It opens
steps:
  - connect:
checks:
  seen: { record: [received[0].text, handshake.status] }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:5:20 - error SCN_YAML: inside { } or [ ] YAML reads this bracket itself

      4 | checks:
    > 5 |   seen: { record: [received[0].text, handshake.status] }
        |                    ^^^^^^^^^^^^^^^^ write it with quotes: "received[0].text"

    1 error in 1 file. Nothing was run.
    "
  `);
});

it('a limit of another kind', () => {
  const text = `title: It opens
steps:
  - connect: { count: "\${limits.idleTimeout}" }
checks:
  opens: { handshake: { status: "\${limits.idleTimeout}" } }
  big: { received: { some: { bytes: "\${limits.messageBytes}" } } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:23 - error SCN_BAD_VALUE: limits.idleTimeout is a duration, and here belongs an integer from 1 to 100000

      2 | steps:
    > 3 |   - connect: { count: "\${limits.idleTimeout}" }
        |                       ^^^^^^^^^^^^^^^^^^^^^^^ write an integer from 1 to 100000

    scenarios/a/b.yaml:5:33 - error SCN_BAD_VALUE: limits.idleTimeout is a duration, and here belongs an integer

      4 | checks:
    > 5 |   opens: { handshake: { status: "\${limits.idleTimeout}" } }
        |                                 ^^^^^^^^^^^^^^^^^^^^^^^ write an integer, or a mapping: { not: … }, { absent: true }

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('a mistake in a line that holds a credential', () => {
  const text = `title: It opens
steps:
  - connect: { headers: { Authorization: Bearer abc.def, X-Api-Key: "k1k2k3" }, cuont: 2 }
  - connect: { query: { token: @abcd1234 }, header: {} }
checks:
  opens: { handshake: { status: 101 } }
`;
  const said = complaintsAbout(text);
  expect(said).not.toMatch(/abc\.def|k1k2k3|abcd1234/);
  expect(said).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:5 - error SCN_NAME_NEEDED: with several connect steps each needs a name

      2 | steps:
    > 3 |   - connect: { headers: { Authorization: Bearer *******, X-Api-Key: "******" },…
        |     ^^^^^^^ add as: name

    scenarios/a/b.yaml:3:81 - error SCN_UNKNOWN_KEY: unknown key "cuont"

      2 |
    > 3 | …: { Authorization: Bearer *******, X-Api-Key: "******" }, cuont: 2 }
        |                                                            ^^^^^ did you mean "count"?

    scenarios/a/b.yaml:4:5 - error SCN_NAME_NEEDED: with several connect steps each needs a name

      3 |   - connect: { headers: { Authorization: Bearer *******, X-Api-Key: "******" },…
    > 4 |   - connect: { query: { token: ********* }, header: {} }
        |     ^^^^^^^ add as: name

    scenarios/a/b.yaml:4:32 - error SCN_YAML: a text cannot begin with @

      3 |   - connect: { headers: { Authorization: Bearer *******, X-Api-Key: "******" },…
    > 4 |   - connect: { query: { token: ********* }, header: {} }
        |                                ^ write it with quotes: "***"

    scenarios/a/b.yaml:4:45 - error SCN_UNKNOWN_KEY: unknown key "header"

      3 |   - connect: { headers: { Authorization: Bearer *******, X-Api-Key: "******" },…
    > 4 |   - connect: { query: { token: ********* }, header: {} }
        |                                             ^^^^^^ did you mean "headers"?

    scenarios/a/b.yaml:6:3 - error SCN_NAME_NEEDED: with several connections a check has to say which one it is about

      5 | checks:
    > 6 |   opens: { handshake: { status: 101 } }
        |   ^^^^^ add connection: name

    6 errors in 1 file. Nothing was run.
    "
  `);
});

it('modifiers one level too deep, a colon without a space, a verb without colon', () => {
  const text = `title: It opens
steps:
  - connect: { as: a, within: 5s }
  - send: { text: x, connection: a }
  - close
checks:
  opens: { handshake: { status:101, connection: a } }
  soon: { elapsed: { from: a.sent, to: a.opened, lte: 1s, within: 1s } }
`;
  expect(complaintsAbout(text)).toMatchInlineSnapshot(`
    "
    scenarios/a/b.yaml:3:16 - error SCN_UNKNOWN_KEY: unknown key "as"

      2 | steps:
    > 3 |   - connect: { as: a, within: 5s }
        |                ^^ as stands beside connect, not inside it

    scenarios/a/b.yaml:3:23 - error SCN_UNKNOWN_KEY: unknown key "within"

      2 | steps:
    > 3 |   - connect: { as: a, within: 5s }
        |                       ^^^^^^ within stands beside connect, not inside it

    scenarios/a/b.yaml:4:22 - error SCN_UNKNOWN_KEY: unknown key "connection"

      3 |   - connect: { as: a, within: 5s }
    > 4 |   - send: { text: x, connection: a }
        |                      ^^^^^^^^^^ connection stands beside send, not inside it

    scenarios/a/b.yaml:5:5 - error SCN_BAD_TYPE: "close" is not a mapping

      4 |   - send: { text: x, connection: a }
    > 5 |   - close
        |     ^^^^^ write it with a colon: close:

    scenarios/a/b.yaml:7:25 - error SCN_UNKNOWN_KEY: unknown key "status:101"

      6 | checks:
    > 7 |   opens: { handshake: { status:101, connection: a } }
        |                         ^^^^^^^^^^ write a space after the colon: status: 101

    scenarios/a/b.yaml:7:37 - error SCN_UNKNOWN_KEY: unknown key "connection"

      6 | checks:
    > 7 |   opens: { handshake: { status:101, connection: a } }
        |                                     ^^^^^^^^^^ connection stands beside handshake, not inside it

    scenarios/a/b.yaml:8:59 - error SCN_UNKNOWN_KEY: unknown key "within"

      7 |   opens: { handshake: { status:101, connection: a } }
    > 8 |   soon: { elapsed: { from: a.sent, to: a.opened, lte: 1s, within: 1s } }
        |                                                           ^^^^^^ within stands beside elapsed, not inside it

    7 errors in 1 file. Nothing was run.
    "
  `);
});
