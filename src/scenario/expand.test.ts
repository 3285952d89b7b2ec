import { describe, expect, it } from 'vitest';
import { type CaseExpansion, expandScenario } from './expand.ts';
import type { CaseSpec } from './model.ts';
import { parseScenario, type ScenarioFile } from './parse.ts';
import type { VariableScope } from './variables.ts';

const NOTHING: VariableScope = {
  vars: {},
  limits: {},
  env: () => undefined,
  registerSecret: () => undefined,
};

function scenario(written: string): ScenarioFile {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text: written });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics, undefined, 2));
  return parsed.scenario;
}

function only(expanded: readonly CaseExpansion[]): CaseSpec {
  const [one, ...others] = expanded;
  if (one?.kind !== 'case' || others.length > 0) throw new Error(JSON.stringify(expanded));
  return one.case;
}

const OPENS = 'checks: { opens: { handshake: { status: 101 } } }';

describe('limits', () => {
  const inChecks = `title: t
steps: [{ connect: }]
checks:
  late: { elapsed: { from: sent, to: answered, is: "\${limits.integrationTimeout}", tolerance: 10% } }
  soon: { events: { $connect: 1 }, within: "\${limits.idleTimeout}" }`;

  it('become needs of the check that uses them, whether the target declares them or not', () => {
    const missing = only(expandScenario(scenario(inChecks), NOTHING));
    const declared = only(
      expandScenario(scenario(inChecks), {
        ...NOTHING,
        limits: { integrationTimeout: 29_000, idleTimeout: 1500 },
      }),
    );
    const needs = [['limits.integrationTimeout'], ['limits.idleTimeout', 'observer']];
    expect(missing.checks.map((check) => check.needs)).toEqual(needs);
    expect(declared.checks.map((check) => check.needs)).toEqual(needs);
    expect(declared.checks.map((check) => check.withinMs)).toEqual([undefined, 1500]);
    expect(declared.checks[0]?.condition).toMatchObject({
      kind: 'elapsed',
      ms: { is: 29_000, tolerance: { kind: 'share', value: 0.1 } },
    });
    expect(missing.needs).toEqual(['endpoint:open']);
  });

  it('make a case not applicable when its steps use one that is missing', () => {
    const text = `title: t
steps: [{ connect: }, { idle: "\${limits.idleTimeout}" }]
${OPENS}`;
    expect(expandScenario(scenario(text), NOTHING)).toEqual([
      {
        kind: 'not-applicable',
        id: 'a',
        scenario: 'a',
        file: 'a.yaml',
        title: 't',
        feature: 'limits.idleTimeout',
      },
    ]);
    const there = only(
      expandScenario(scenario(text), { ...NOTHING, limits: { idleTimeout: 3000 } }),
    );
    expect(there.needs).toEqual(['endpoint:open', 'limits.idleTimeout']);
    expect(there.steps[1]).toMatchObject({ verb: 'idle', ms: 3000 });
  });

  it('are counts where they are counts', () => {
    const text = `title: t
steps: [{ connect: }, { send: { binary: { size: "\${limits.frameBytes}" } } }]
${OPENS}`;
    const { steps } = only(
      expandScenario(scenario(text), { ...NOTHING, limits: { frameBytes: 32_768 } }),
    );
    expect(steps[1]).toMatchObject({ send: { kind: 'binary', payload: { size: 32_768 } } });
  });
});

describe('variables', () => {
  const mixed = `title: t
vars: { path: /default }
steps: [{ connect: { path: "\${path}", headers: { A: "\${env:A} \${nonce}", B: "\${x}" } } }]
${OPENS}`;

  it('are reported at their use when nothing gives them a value', () => {
    const [one] = expandScenario(scenario(mixed), NOTHING);
    expect(one).toEqual({
      kind: 'invalid',
      id: 'a',
      diagnostics: [
        {
          code: 'SCN_MISSING_ENV',
          severity: 'error',
          span: { file: 'a.yaml', line: 3, column: 54, length: 8 },
          message: 'the environment has no A',
          hint: 'set A before the run',
        },
        {
          code: 'SCN_UNKNOWN_VARIABLE',
          severity: 'error',
          span: { file: 'a.yaml', line: 3, column: 78, length: 4 },
          message: 'nothing gives the variable "x" a value',
          hint: 'give it one: --var x=…',
        },
      ],
    });
  });

  it('come from the scope before the defaults of the scenario; the nonce stays', () => {
    const scope: VariableScope = {
      ...NOTHING,
      vars: { x: 8, path: '/given' },
      env: (name) => `<${name}>`,
    };
    const { steps } = only(expandScenario(scenario(mixed), scope));
    expect(steps[0]).toMatchObject({
      connect: {
        path: '/given',
        headers: [
          { name: 'A', value: '<A> ${nonce}' },
          { name: 'B', value: '8' },
        ],
      },
    });
  });

  it('registers a secret before it is used and never shows its value', () => {
    const registered: [string, string][] = [];
    const scope: VariableScope = {
      ...NOTHING,
      env: () => 'hunter2hunter2',
      registerSecret: (name, value) => registered.push([name, value]),
    };
    const text = `title: t
steps: [{ connect: { count: "\${secret:TOKEN}" } }]
${OPENS}`;
    const expanded = expandScenario(scenario(text), scope);
    expect(registered).toEqual([['TOKEN', 'hunter2hunter2']]);
    expect(expanded[0]?.kind).toBe('invalid');
    expect(JSON.stringify(expanded)).not.toContain('hunter2');
  });
});

describe('needs', () => {
  it.each([
    ['connect: { endpoint: iam }', ['endpoint:iam']],
    ['connect: { credentials: none }', ['endpoint:open']],
    ['connect: { credentials: denied }', ['credentials:open.denied', 'endpoint:open']],
    [
      'connect: { backend: { $disconnect: { delay: 1s } } }',
      ['endpoint:open', 'probe', 'probe.remembers'],
    ],
    ['connect: }, { getConnection:', ['endpoint:open', 'management', 'observer']],
    ['connect: }, { getConnection: { id: x }', ['endpoint:open', 'management']],
    ['connect: }, { wait: $disconnect.ended', ['endpoint:open', 'observer']],
    ['connect: }, { wait: closed', ['endpoint:open']],
    [
      'connect: }, { parallel: [{ send: { text: a, backend: { echo: true } } }]',
      ['endpoint:open', 'probe', 'probe.remote'],
    ],
    ['connect: }, { send: { json: { a: 1 }, backend: { delay: 1s } }', ['endpoint:open', 'probe']],
    [
      'connect: { raw: GET, backend: { $connect: { status: 403 } } }',
      ['endpoint:open', 'probe', 'probe.remote'],
    ],
  ])('of %s', (step, needs) => {
    const text = `title: t\nsteps: [{ ${step} }]\n${OPENS}`;
    expect(only(expandScenario(scenario(text), NOTHING)).needs).toEqual(needs);
  });

  it.each([
    ['events: { $connect: 0 }', ['observer']],
    ['order: [sent, $connect.started]', ['observer']],
    ['same: [handshake.status, $connect.body]', ['observer']],
    ['closed: { clean: true }', []],
    ['closed: { clean: true }, needs: [tls, x-mine]', ['tls', 'x-mine']],
  ])('of the check %s', (condition, needs) => {
    const text = `title: t\nsteps: [{ connect: }]\nchecks: { c: { ${condition} } }`;
    expect(only(expandScenario(scenario(text), NOTHING)).checks[0]?.needs).toEqual(needs);
  });
});

describe('steps', () => {
  const stepsOf = (steps: string): CaseSpec['steps'] =>
    only(
      expandScenario(scenario(`title: t\nsteps: [{ connect: }, ${steps}]\n${OPENS}`), NOTHING),
    ).steps.slice(1);

  it.each([
    ['{ send: { text: 8 } }', { verb: 'send', send: { kind: 'text', payload: { text: '8' } } }],
    [
      '{ send: { json: { a: [1, null] } } }',
      { send: { kind: 'text', payload: { text: '{"a":[1,null]}' } } },
    ],
    ['{ send: { ping: { hex: 00ff } } }', { send: { kind: 'ping', payload: { hex: '00ff' } } }],
    ['{ send: { bytes: { hex: "8100" } } }', { send: { kind: 'bytes', hex: '8100' } }],
    [
      '{ send: { frames: [{ opcode: ping, rsv: 4, masked: false }] } }',
      {
        send: { frames: [{ opcode: 9, fin: true, rsv: 4, masked: false, payload: { text: '' } }] },
      },
    ],
    ['{ close: }', { verb: 'close', code: undefined, reason: '' }],
    [
      '{ close: { code: 4001, reason: bye }, within: 1s }',
      { code: 4001, reason: 'bye', withinMs: 1000 },
    ],
    ['{ idle: 1.5s }', { verb: 'idle', ms: 1500, withinMs: 1500, connection: '' }],
    [
      '{ postToConnection: { body: { size: 3 }, headers: { A: [b, c] } } }',
      {
        call: {
          name: 'postToConnection',
          body: 'aaa',
          id: undefined,
          headers: [
            { name: 'A', value: 'b' },
            { name: 'A', value: 'c' },
          ],
        },
      },
    ],
    [
      '{ as: gone, getConnection: { id: x } }',
      { verb: 'getConnection', call: { name: 'gone', id: 'x' } },
    ],
    [
      '{ repeat: { times: 3, every: 1s, steps: [{ send: { text: a } }] } }',
      { verb: 'repeat', times: 3, everyMs: 1000, atOnce: 1, withinMs: 18_000 },
    ],
  ])('%s', (written, expected) => {
    expect(stepsOf(written)[0]).toMatchObject(expected);
  });

  it('acts on several connections at one instant', () => {
    const text = `title: t
steps: [{ as: a, connect: }, { as: b, connect: }, { connection: [a, b], drop: reset }]
checks: { c: { connection: [a, b], closed: { by: client } } }`;
    const { steps, checks } = only(expandScenario(scenario(text), NOTHING));
    expect(steps[2]).toMatchObject({
      verb: 'parallel',
      steps: [
        { verb: 'drop', how: 'reset', connection: 'a' },
        { verb: 'drop', how: 'reset', connection: 'b' },
      ],
    });
    expect(checks[0]?.connections).toEqual(['a', 'b']);
  });

  it('leaves out, repeats and sizes headers', () => {
    const text = `title: t
steps: [{ connect: { headers: { Sec-WebSocket-Key: null, X: [1, b], Big: { size: 3 } }, query: { q: "" } } }]
${OPENS}`;
    expect(only(expandScenario(scenario(text), NOTHING)).steps[0]).toMatchObject({
      connect: {
        headers: [
          { name: 'Sec-WebSocket-Key', value: undefined },
          { name: 'X', value: '1' },
          { name: 'X', value: 'b' },
          { name: 'Big', value: 'aaa' },
        ],
        query: [{ name: 'q', value: '' }],
      },
    });
  });
});

describe('conditions', () => {
  const conditionOf = (condition: string): unknown => {
    const text = `title: t\nsteps: [{ connect: }, { postToConnection: }]\nchecks: { c: { ${condition} } }`;
    return only(expandScenario(scenario(text), NOTHING)).checks[0]?.condition;
  };
  const none = { count: undefined, each: undefined, some: undefined, none: undefined };

  it.each([
    ['received: 0', { kind: 'received', want: { ...none, count: { is: 0 } } }],
    ['received: { count: { gte: 1 } }', { kind: 'received', want: { ...none, count: { gte: 1 } } }],
    [
      'received: { each: { text: 8, bytes: { lte: 9 } } }',
      { kind: 'received', want: { ...none, each: { text: { is: '8' }, bytes: { lte: 9 } } } },
    ],
    [
      'frames: { none: { opcode: ping } }',
      { kind: 'frames', want: { ...none, none: { opcode: { is: 9 } } } },
    ],
    [
      'events: { $connect: { each: { "headers.A": x, n: 1 } } }',
      {
        kind: 'events',
        want: {
          $connect: {
            ...none,
            schema: undefined,
            each: { 'headers.A': { is: 'x' }, n: { is: 1 } },
          },
        },
      },
    ],
    [
      'events: { message: { schema: { type: object } } }',
      { kind: 'events', want: { message: { ...none, schema: { type: 'object' } } } },
    ],
    [
      'handshake: { headers: { A: { absent: true } }, violations: [bare-lf] }',
      {
        kind: 'handshake',
        fields: { headers: { A: { absent: true } }, violations: { is: ['bare-lf'] } },
      },
    ],
    [
      'handshake: { status: { not: 101 } }',
      { kind: 'handshake', fields: { status: { not: { is: 101 } } } },
    ],
    [
      'handshake: { body: { not: { matches: x } } }',
      { kind: 'handshake', fields: { body: { not: { matches: 'x' } } } },
    ],
    [
      'answers: { postToConnection: { json: { a.b: { oneOf: [1, null] } } } }',
      { kind: 'answers', want: { postToConnection: { json: { 'a.b': { oneOf: [1, null] } } } } },
    ],
    [
      'elapsed: { from: sent, to: closed, gte: 1s, tolerance: 200ms }',
      {
        kind: 'elapsed',
        from: { connection: undefined, of: { kind: 'connection', name: 'sent' }, text: 'sent' },
        to: { connection: undefined, of: { kind: 'connection', name: 'closed' }, text: 'closed' },
        ms: { gte: 1000, tolerance: { kind: 'absolute', value: 200 } },
      },
    ],
    [
      'distinct: $connect.requestContext.connectionId',
      {
        kind: 'distinct',
        paths: [
          {
            connection: undefined,
            root: '$connect',
            keys: ['requestContext', 'connectionId'],
            text: '$connect.requestContext.connectionId',
          },
        ],
      },
    ],
    [
      'distinct: ["message[0].id", "message[1].id"]',
      {
        kind: 'distinct',
        paths: [0, 1].map((index) => ({
          connection: undefined,
          root: 'message',
          keys: [index, 'id'],
          text: `message[${index}].id`,
        })),
      },
    ],
  ])('%s', (written, expected) => {
    expect(conditionOf(written)).toEqual(expected);
  });

  it('reads a schema from the file beside the scenario, and says so when there is none', () => {
    const text =
      'title: t\nsteps: [{ connect: }]\nchecks: { c: { events: { $connect: { schema: s.json } } } }';
    const there = only(
      expandScenario(scenario(text), { ...NOTHING, readBeside: () => '{"type":"object"}' }),
    );
    expect(there.checks[0]?.condition).toMatchObject({
      want: { $connect: { schema: { type: 'object' } } },
    });
    expect(expandScenario(scenario(text), NOTHING)).toEqual([
      {
        kind: 'invalid',
        id: 'a',
        diagnostics: [
          {
            code: 'SCN_FILE_MISSING',
            severity: 'error',
            span: { file: 'a.yaml', line: 3, column: 46, length: 6 },
            message: 'there is no file s.json beside the scenario',
            hint: 'write the name of a JSON Schema file, or the schema itself',
          },
        ],
      },
    ]);
  });
});

it('expands axes in the order written, each case with its own values', () => {
  const text = `title: "\${b} and \${a.x}"
axes: { b: [1, two], a: { p: { x: 3 }, q: { x: [4] } } }
steps: [{ connect: { subprotocols: ["\${b}"] } }]
${OPENS}`;
  const bad = expandScenario(scenario(text.replace('[4]', '4')), NOTHING);
  expect(bad.map((one) => (one.kind === 'case' ? [one.case.id, one.case.title] : one))).toEqual([
    ['a[a=p,b=1]', '1 and 3'],
    ['a[a=q,b=1]', '1 and 4'],
    ['a[a=p,b=two]', 'two and 3'],
    ['a[a=q,b=two]', 'two and 4'],
  ]);
});
