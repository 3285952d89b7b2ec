import { expect, it } from 'vitest';
import { expandScenario } from '../scenario/expand.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { parseScenario } from '../scenario/parse.ts';
import { longestFirst } from './longest-first.ts';

const NOTHING = {
  vars: {},
  limits: {},
  env: () => undefined,
  registerSecret: () => undefined,
};

const SCENARIOS: Readonly<Record<string, string>> = {
  plain: '[{ connect: }]',
  patient: '[{ connect: , within: 30s }]',
  delayed: '[{ connect: { backend: { $connect: { delay: 5s } } } }]',
  held: '[{ connect: { backend: { authorizer: { hold: 2s } } } }, { release: authorizer }]',
  hanging: '[{ connect: { backend: { $connect: { hang: true } } }, within: 40s }]',
  idling: '[{ connect: }, { idle: 3s }]',
  asking: '[{ connect: }, { send: { text: a, backend: { delay: 4s } } }]',
  repeating: '[{ connect: }, { repeat: { times: 3, every: 2s, steps: [{ send: { text: a } }] } }]',
  side: '[{ connect: }, { parallel: [{ idle: 1s }, { idle: 2500ms }] }]',
};

function specOf(id: string): CaseSpec {
  const text = `title: A title\nsteps: ${SCENARIOS[id]}\nchecks: { a: { handshake: { status: 101 } } }\n`;
  const parsed = parseScenario({ file: `${id}.yaml`, id, text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [expansion] = expandScenario(parsed.scenario, NOTHING);
  if (expansion?.kind !== 'case') throw new Error(JSON.stringify(expansion));
  return expansion.case;
}

it('begins with what waits longest on purpose', () => {
  const order = longestFirst(Object.keys(SCENARIOS).map(specOf)).map(({ id }) => id);
  expect(order).toEqual([
    'hanging',
    'repeating',
    'delayed',
    'asking',
    'idling',
    'side',
    'held',
    'patient',
    'plain',
  ]);
});
