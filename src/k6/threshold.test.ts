import { expect, it } from 'vitest';
import { expandScenario } from '../scenario/expand.ts';
import type { CheckSpec } from '../scenario/model.ts';
import { parseScenario } from '../scenario/parse.ts';
import { k6Thresholds } from './threshold.ts';

function checkOf(threshold: string): CheckSpec {
  const load = 'load: { phases: [{ name: all, arrivalRate: 10/s, duration: 10s }] }';
  const text = `title: t\n${load}\nthresholds: { it: { ${threshold} } }\n`;
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const [one] = expandScenario(parsed.scenario, {
    vars: {},
    limits: {},
    env: () => undefined,
    registerSecret: () => undefined,
  });
  const check = one?.kind === 'case' ? one.case.checks[0] : undefined;
  if (check === undefined) throw new Error('no threshold');
  return check;
}

const OPENING = 'of: { elapsed: { from: connecting, to: opened } }';
const LATE = 'k6 measures from the start of an attempt, not from when it was due';
const OPENED = { metric: 'ws_connecting{status:101}', threshold: 'p(99)<=800' };

it.each<readonly [string, string, readonly object[], readonly string[]]>([
  [
    'a percentile of all',
    `p99: { lte: 800ms }, ${OPENING}`,
    [OPENED],
    [`${LATE}, and leaves out those that do not open`],
  ],
  [
    'a percentile of those that open',
    `p99: { lte: 800ms }, ${OPENING}, among: { handshake: { status: 101 } }`,
    [OPENED],
    [LATE],
  ],
  [
    'a percentile of others',
    `p99: { lte: 800ms }, ${OPENING}, among: { ending: close }`,
    [],
    ['k6 does not choose among connections'],
  ],
  [
    'a count',
    'count: { lte: 5 }, of: { handshake: { status: 429 } }, during: all',
    [{ metric: 'ws_sessions{status:429,phase:all}', threshold: 'count<=5' }],
    [],
  ],
  [
    'a share',
    'share: { gte: 50% }, of: { handshake: { status: 101 } }',
    [],
    ['k6 has no shares with an interval'],
  ],
])('says what k6 makes of %s', (_, threshold, thresholds, gaps) => {
  const made = k6Thresholds([checkOf(threshold)]);
  expect(made.thresholds.slice(1)).toEqual(thresholds);
  expect(made.gaps).toEqual(gaps.map((gap) => `the threshold it: ${gap}`));
});
