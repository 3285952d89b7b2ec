import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseRequirements } from './requirement.ts';
import { requirementsPage } from './requirement-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = 'suites/aws-apigateway/requirements.yaml';

function registryOf(text: string) {
  const parsed = parseRequirements(FILE, text);
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.registry;
}

const ours = registryOf(readFileSync(join(ROOT, FILE), 'utf8'));
const page = requirementsPage('aws-apigateway', ours);

it('is up to date', () => {
  expect(readFileSync(join(ROOT, 'docs/requirements.md'), 'utf8')).toBe(page);
});

it('an id that was listed once stays', () => {
  const listed = readFileSync(join(import.meta.dirname, 'fixture/requirement-ids.txt'), 'utf8');
  const missing = listed
    .trim()
    .split('\n')
    .filter((id) => !Object.hasOwn(ours.requirements, id));
  expect(missing).toEqual([]);
  expect(listed.trim().split('\n').length).toBeGreaterThanOrEqual(317);
});

it('every requirement has a statement, a confidence, and a source or what no source says', () => {
  const bare = Object.values(ours.requirements).filter(
    ({ statement, confidence, sources, unknown }) =>
      statement === '' ||
      confidence === undefined ||
      (sources.length === 0 && unknown === undefined),
  );
  expect(bare.map(({ id }) => id)).toEqual([]);
});

it('has a row for every requirement', () => {
  const rows = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, id = '']) => id);
  expect(new Set(rows)).toEqual(new Set(Object.keys(ours.requirements)));
  expect(rows).toHaveLength(Object.keys(ours.requirements).length);
});

it('counts by area and level, and says what becomes of each', () => {
  const registry = registryOf(`title: Theirs
sources: { D1: { title: "A | B", url: https://example.com } }
requirements:
  connect.auth.a: { level: must, statement: s, confidence: high, sources: [{ ref: D1 }], checks: [a/b#c, a/b#d] }
  connect.auth.b: { level: must, statement: "x <y>", excluded: Why not. }
  mgmt.c: { level: may, statement: s, unknown: nobody says, checks: [a/b#e] }
`);
  const lines = requirementsPage('own', registry)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(lines).toEqual([
    '| area | MUST | SHOULD | MAY |',
    '|---|---|---|---|',
    '| [`connect.auth`](#connectauth) | 1 of 2 | – | – |',
    '| [`mgmt`](#mgmt) | – | – | 1 of 1 |',
    '| **all** | 1 of 2 | – | 1 of 1 |',
    '| requirement | level | confidence | sources | |',
    '|---|---|---|---|---|',
    String.raw`| ${'`connect.auth.a`'}<br>s | MUST | high | [A \| B](https://example.com) | tested: ${'`a/b`'} |`,
    String.raw`| ${'`connect.auth.b`'}<br>x \<y\> | MUST | – | none | excluded: Why not. |`,
    '| requirement | level | confidence | sources | |',
    '|---|---|---|---|---|',
    '| `mgmt.c`<br>s | MAY | – | none: nobody says | recorded: `a/b` |',
  ]);
});
