import { expect, test } from 'vitest';
import { expandScenario } from './expand.ts';
import { parseScenario } from './parse.ts';
import { includesTier, TIERS, tierOf } from './tier.ts';

test.each([
  [0, 'fast'],
  [60_000, 'fast'],
  [60_001, 'slow'],
  [3_600_000, 'slow'],
  [3_600_001, 'hours'],
])('a case that waits %d ms is %s', (ms, tier) => {
  expect(tierOf(ms)).toBe(tier);
});

test('who asks for a tier gets the shorter ones, too', () => {
  const included = TIERS.map((chosen) => TIERS.filter((tier) => includesTier(chosen, tier)));
  expect(included).toEqual([['fast'], ['fast', 'slow'], ['fast', 'slow', 'hours']]);
});

const CHECKS = 'checks: { a: { handshake: { status: 101 } } }';
const LIMIT = '"${limits.idleTimeout}"';
const ELAPSED = `checks: { a: { elapsed: { from: opened, to: closing, gte: ${LIMIT} } } }`;

test.each([
  ['nothing', `steps: [{ connect: }]\n${CHECKS}`, 'fast', 0],
  ['silence', `steps: [{ connect: }, { idle: 2m }]\n${CHECKS}`, 'slow', 120_000],
  ['a limit in a step', `steps: [{ connect: }, { idle: ${LIMIT} }]\n${CHECKS}`, 'slow', 600_000],
  ['a limit in a check', `steps: [{ connect: }]\n${ELAPSED}`, 'slow', 600_000],
  [
    'a share of a limit',
    `steps: [{ connect: }, { idle: "50% of \${limits.idleTimeout}" }]\n${CHECKS}`,
    'slow',
    600_000,
  ],
  [
    'a limit that is no time',
    `steps: [{ connect: }, { send: { text: { size: "\${limits.frameBytes}" } } }]\n${CHECKS}`,
    'fast',
    0,
  ],
  ['what is declared', `tier: hours\nsteps: [{ connect: }]\n${CHECKS}`, 'hours', 0],
  [
    'less than waited',
    `tier: fast\nsteps: [{ connect: }, { idle: 2m }]\n${CHECKS}`,
    'fast',
    120_000,
  ],
])('the tier of a case by %s', (_name, text, tier, waitMs) => {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text: `title: A title\n${text}\n` });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [expansion] = expandScenario(parsed.scenario, {
    vars: {},
    limits: { idleTimeout: 600_000, frameBytes: 32_768_000 },
    env: () => undefined,
    registerSecret: () => undefined,
  });
  expect(expansion).toMatchObject({ kind: 'case', case: { tier, waitMs } });
});
