// The worked cases of the language, each file as it stands there: they parse, and they mean what the
// snapshots beside them say.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CaseExpansion, expandScenario } from './expand.ts';
import type { CaseSpec } from './model.ts';
import { parseScenario, type ScenarioFile } from './parse.ts';
import type { VariableScope } from './variables.ts';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'fixture/worked');
const IDS = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => relative(FOLDER, join(FOLDER, path)).slice(0, -'.yaml'.length))
  .toSorted();

const SCOPE: VariableScope = {
  vars: {},
  limits: {
    integrationTimeout: 29_000,
    idleTimeout: 600_000,
    connectRate: 50,
    connectBurst: 100,
  },
  env: (name) => (name === 'CHAT_TOKEN' ? 'token-of-the-chat' : undefined),
  registerSecret: () => undefined,
  readBeside: (path) => (path === 'event.schema.json' ? '{"type":"object"}' : undefined),
};

function scenarioOf(id: string): ScenarioFile {
  const text = readFileSync(join(FOLDER, `${id}.yaml`), 'utf8');
  const parsed = parseScenario({ file: `scenarios/${id}.yaml`, id, text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics, undefined, 2));
  return parsed.scenario;
}

function casesOf(expanded: readonly CaseExpansion[]): readonly CaseSpec[] {
  return expanded.map((one) => {
    if (one.kind === 'case') return one.case;
    throw new Error(JSON.stringify(one, undefined, 2));
  });
}

it('has all worked cases', () => {
  expect(IDS).toHaveLength(25);
});

describe.each(IDS)('%s', (id) => {
  it('expands to what it means', async () => {
    const cases = casesOf(expandScenario(scenarioOf(id), SCOPE));
    const text = `${JSON.stringify(cases, (key, value) => (key === 'span' ? place(value) : value), 1)}\n`;
    await expect(text).toMatchFileSnapshot(join(FOLDER, `${id}.case.txt`));
  });
});

function place(span: CaseSpec['checks'][number]['span']): string {
  return `${span.line}:${span.column}+${span.length}`;
}

it('fills in every default of the first case', () => {
  const file = 'scenarios/connect/pending-until-integration-completes.yaml';
  const id = 'connect/pending-until-integration-completes';
  expect(casesOf(expandScenario(scenarioOf(id), SCOPE))).toEqual([
    {
      id,
      scenario: id,
      file,
      axes: {},
      title: 'The upgrade is pending until the $connect integration completes',
      description: undefined,
      tags: [],
      isolation: 'shared',
      needs: ['endpoint:open', 'probe'],
      steps: [
        {
          verb: 'connect',
          connection: 'client',
          withinMs: 10_000,
          span: { file, line: 3, column: 5, length: 7 },
          connect: {
            endpoint: 'open',
            credentials: 'default',
            subprotocols: [],
            extensions: undefined,
            headers: [],
            query: [],
            method: 'GET',
            path: undefined,
            raw: undefined,
            tls: undefined,
            backend: {
              $connect: {
                when: { kind: 'hold', ms: 1000 },
                answer: {
                  kind: 'integration',
                  status: 200,
                  headers: {},
                  body: undefined,
                  echo: false,
                },
              },
            },
            count: 1,
            atOnce: 1,
            untilSent: false,
          },
        },
        {
          verb: 'release',
          connection: 'client',
          withinMs: 10_000,
          span: { file, line: 4, column: 5, length: 7 },
          invocation: '$connect',
        },
      ],
      checks: [
        {
          id: 'nothing-before-release',
          span: { file, line: 8, column: 5, length: 5 },
          title: undefined,
          requirement: 'connect.upgrade.pending-until-integration',
          level: undefined,
          connections: ['client'],
          withinMs: undefined,
          needs: ['observer'],
          condition: {
            kind: 'never',
            moment: {
              connection: undefined,
              of: { kind: 'connection', name: 'firstByte' },
              text: 'firstByte',
            },
            side: {
              kind: 'before',
              moment: {
                connection: undefined,
                of: { kind: 'invocation', invocation: '$connect', phase: 'released' },
                text: '$connect.released',
              },
            },
          },
        },
        {
          id: 'opens-after-release',
          span: { file, line: 10, column: 5, length: 9 },
          title: undefined,
          requirement: undefined,
          level: undefined,
          connections: ['client'],
          withinMs: undefined,
          needs: [],
          condition: { kind: 'handshake', fields: { status: { is: 101 } } },
        },
      ],
      // connect 10 s + its hold 1 s + release 10 s, then 5 s of watching for what must not happen
      longestMs: 26_000,
      tier: 'fast',
      waitMs: 1000,
    },
  ]);
});

it('sorts axes into ids and derives the needs of each case', () => {
  const cases = casesOf(expandScenario(scenarioOf('api-key/refused'), SCOPE));
  expect(
    cases.map(({ id, axes, needs, checks }) => ({
      id,
      axes,
      needs,
      checks: checks.map((one) => one.requirement),
    })),
  ).toEqual([
    {
      id: 'api-key/refused[key=missing]',
      axes: { key: 'missing' },
      needs: ['endpoint:api-key'],
      checks: ['connect.apikey.missing-403', 'connect.apikey.missing-403'],
    },
    {
      id: 'api-key/refused[key=unknown]',
      axes: { key: 'unknown' },
      needs: ['credentials:api-key.unknown', 'endpoint:api-key'],
      checks: ['connect.apikey.invalid-403', 'connect.apikey.invalid-403'],
    },
  ]);
});
