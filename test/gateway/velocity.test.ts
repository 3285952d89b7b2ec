// Our template engine against Apache Velocity itself: the recorded cases, and templates made at random.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ourText, velocityCases } from '../../src/gateway/template/fixture/velocity.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

const HERE = join(PACKAGE_ROOT, 'test/gateway/velocity');
const folder = mkdtempSync(join(tmpdir(), 'ws-assay-velocity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const jars = javaWithVelocity();

function javaWithVelocity(): string | undefined {
  const java = spawnSync('java', ['-version']).status === 0;
  const mvn = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      join(HERE, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${folder}`,
    ],
    { timeout: 120_000 },
  );
  return java && mvn.status === 0 ? join(folder, '*') : undefined;
}

/** What Velocity makes of each; `undefined` where it throws. */
function velocity(templates: readonly string[]): readonly (string | undefined)[] {
  const output = execFileSync('java', ['-cp', jars ?? '', join(HERE, 'Oracle.java')], {
    input: templates.join('\0'),
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const answers = output.toString('utf8').split('\0').slice(0, -1);
  return answers.map((answer) => (answer.startsWith('=') ? answer.slice(1) : undefined));
}

// Not among them, because Velocity has a way of its own: a sum as a condition (always false), a sum with
// what is no number (some throw), and a bracket behind a reference and a directive (a mistake of its parser).
const number = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('$n', '$d', '$map.a', '$list.size()', '$text.length()', '${map.list[2]}'),
    fc.nat(20).map(String),
    fc
      .tuple(tie('any'), fc.constantFrom('+', '-', '*'), tie('any'))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('/', '%'), fc.integer({ min: 1, max: 9 }))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
  ),
})).any;
const operand = fc.oneof(
  fc.constantFrom(
    '$text',
    '$no',
    '$yes',
    '$map.b',
    '$list[1]',
    '$none',
    '$list',
    '$map',
    '$missing',
  ),
  fc.constantFrom('"in $text"', "'$n'", '$n', '$d', '0', '7', "'Hello'", '"$no"'),
);
const value = fc.oneof(
  operand,
  number,
  number.map((n) => `"<$text>" + ${n}`),
);

const condition = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    operand,
    fc
      .tuple(value, fc.constantFrom('==', '!=', '<', '>=', 'gt', 'le'), value)
      .map(([a, o, b]) => `${a} ${o} ${b}`),
    fc
      .tuple(tie('any'), fc.constantFrom('&&', '||'), tie('any'))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie('any').map((a) => `!(${a})`),
  ),
})).any;
const template = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'text ',
      '$text ',
      '${n}',
      '$!missing ',
      '$missing.a ',
      '${map.list[0]}',
      '$5 ',
    ),
    fc.oneof(value, condition).map((e) => `#set($x = ${e})<$x>`),
    fc.tuple(condition, tie('any'), tie('any')).map(([e, a, b]) => `#if(${e})${a}#{else}${b}#end`),
    tie('any').map((a) => `#foreach($i in $list)$i ${a}#if($foreach.hasNext),#end#end`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => a + b),
  ),
})).any;

describe.skipIf(jars === undefined)('Apache Velocity 2.3 (needs java and mvn)', () => {
  test('makes of the recorded cases what is recorded', () => {
    const cases = velocityCases();
    const texts = velocity(cases.map((one) => one.template));
    expect(texts).toEqual(cases.map(({ text }) => text));
  });

  test('makes of random templates what we make of them', () => {
    const templates = fc.sample(template, { numRuns: 1500, seed: 20261123 });
    const texts = velocity(templates);
    const differ = templates
      .map((one, index) => ({ template: one, velocity: texts[index], ours: ourText(one) }))
      .filter(({ velocity: theirs, ours }) => theirs !== ours);
    expect(differ).toEqual([]);
  });
});
