import { describe, expect, it } from 'vitest';
import { expandScenario } from '../scenario/expand.ts';
import { parseScenario } from '../scenario/parse.ts';
import { beliefsOf } from './belief.ts';

const SCOPE = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };

function believed(check: string): readonly unknown[] {
  const text = `title: x
steps:
  - parallel:
      - connect: { endpoint: custom }
        as: a
  - connect: { endpoint: iam }
    as: b
checks:
  it: ${check}
`;
  const parsed = parseScenario({ id: 'x', file: 'x.yaml', text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [made] = expandScenario(parsed.scenario, SCOPE);
  if (made?.kind !== 'case') throw new Error('there is no case');
  return beliefsOf(made.case).map(({ types, roles }) => [...types, '@', ...roles].join(' '));
}

describe('what a check believes not to have happened', () => {
  it.each([
    ['{ connection: a, events: { $disconnect: 0, $connect: 1 } }', ['DISCONNECT CONNECT @ custom']],
    ['{ connection: a, events: { $disconnect: { count: { lte: 1 } } } }', ['DISCONNECT @ custom']],
    [
      '{ connection: [a, b], events: { message: { each: { body: x } } } }',
      ['MESSAGE @ custom iam'],
    ],
    ['{ connection: b, events: { message: { none: { body: x } } } }', ['MESSAGE @ iam']],
    ['{ connection: b, never: { moment: authorizer.started } }', ['AUTHORIZER @ iam']],
    ['{ never: { moment: b.$connect.started, before: a.opened } }', ['CONNECT @ iam custom']],
    ['{ connection: b, events: { $connect: { count: { gte: 1 } } } }', []],
    ['{ connection: b, events: { $connect: { some: { body: x } } } }', []],
    ['{ connection: b, never: { moment: opened, before: $connect.started } }', []],
    ['{ connection: b, order: [$connect.started, opened] }', []],
    ['{ connection: b, received: 0 }', []],
  ])('by %s', (check, expected) => {
    expect(believed(check)).toEqual(expected);
  });
});
