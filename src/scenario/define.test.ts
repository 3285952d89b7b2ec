import { expect, it } from 'vitest';
import { defineScenario, parseDefined } from './define.ts';
import { expandScenario } from './expand.ts';
import { parseScenario } from './parse.ts';

const SCOPE = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };

it('means the same as the file with the same keys', () => {
  const defined = defineScenario({
    title: 'A client without a token is refused',
    axes: { endpoint: ['iam', 'custom'] },
    steps: [
      { connect: { endpoint: '${endpoint}', credentials: 'none', backend: undefined } },
      { repeat: { times: 2, steps: [{ send: { text: 'x' } }] } },
    ],
    checks: { refused: { handshake: { status: { oneOf: [401, 403] } } } },
  });
  const text = `title: A client without a token is refused
axes: { endpoint: [iam, custom] }
steps:
  - connect: { endpoint: "\${endpoint}", credentials: none }
  - repeat: { times: 2, steps: [{ send: { text: x } }] }
checks: { refused: { handshake: { status: { oneOf: [401, 403] } } } }`;
  const fromObject = parseDefined(defined, 'a/b');
  const fromFile = parseScenario({ file: 'f.yaml', id: 'a/b', text });
  if (!('scenario' in fromObject) || !('scenario' in fromFile)) throw new Error('not parsed');
  const plain = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, one) => (key === 'span' || key === 'file' ? undefined : one)),
    );
  expect(plain(expandScenario(fromObject.scenario, SCOPE))).toEqual(
    plain(expandScenario(fromFile.scenario, SCOPE)),
  );
});

it('is judged like a file', () => {
  const defined = defineScenario({
    title: 'Wrong',
    steps: [{ connect: {}, close: {} }],
    checks: { opens: { handshake: { status: 101 } } },
  });
  expect(parseDefined(defined, 'a/b')).toEqual({
    diagnostics: [
      {
        code: 'SCN_ONE_OF',
        severity: 'error',
        span: { file: 'a/b (defineScenario)', line: 1, column: 1, length: 1 },
        message: 'these are two steps in one: connect, close',
        hint: 'write two steps',
      },
    ],
  });
});
