// A profile with loads: what of them is judged again, and what is taken as the run says it, by name.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MANIFEST, makeManifest } from '../../src/certify/manifest.ts';
import { verifyLoad } from '../../src/certify/verify-load.ts';
import { loadResult } from '../../src/check/fixture/load.ts';
import { createLoadJudge } from '../../src/check/load-judge.ts';
import { readBundle } from '../../src/cli/bundle.ts';
import { MIXED_CASE } from '../../src/report/fixture/run-result.ts';
import type { ThrottleResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { expandScenario } from '../../src/scenario/expand.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { inProcess, runBin } from '../support/command.ts';
import { SMALL, smallProfile } from '../support/frozen-profile.ts';

const RUSH = `title: A rush
load:
  phases: [{ name: all, arrivalRate: 40/s, duration: 1s }]
  openFor: 200ms
  endings: [{ share: 100%, close: { code: 1000 } }]
thresholds:
  get-in: { level: must, share: 100%, of: { handshake: { status: 101 } } }
`;

/** Changes the saved load of a case and makes every hash anew. */
function forge(bundle: string, id: string, change: (text: string) => string): void {
  const result = JSON.parse(readFileSync(join(bundle, 'result.json'), 'utf8')) as RunResult;
  const cases = result.cases.map((one) =>
    one.id === id ? (JSON.parse(change(JSON.stringify(one))) as typeof one) : one,
  );
  writeFileSync(join(bundle, 'result.json'), `${JSON.stringify({ ...result, cases })}\n`);
  const { [MANIFEST]: _, ...files } = readBundle(bundle);
  writeFileSync(join(bundle, MANIFEST), JSON.stringify(makeManifest(files, cases)));
}

it('names the loads whose thresholds cannot be judged again, and finds what their sums contradict', async () => {
  const cwd = await smallProfile({ 'scenarios/rush.yaml': RUSH }, (text) =>
    text.replace('connect/throws]', 'connect/throws, rush]'),
  );
  const made = await runBin(['certify', '--profile', SMALL, '--out', 'bundle'], { cwd });
  expect(made.stderr.slice(made.stderr.indexOf('\nCertified'))).toMatchInlineSnapshot(`
    "
    Certified: reference 0.1.0, small@1
      first            passed        core 2 of 2, extended 4 of 4
      second           passed        core 8 of 8, extended 16 of 16
      rush: its thresholds over attempts are as the run says; a result keeps none to judge again
    Bundle bundle
    "
  `);
  expect(made.code).toBe(0);
  const verify = () => inProcess(['verify', 'bundle'], { cwd });
  const honest = await verify();
  expect(honest.stdout).toContain(
    '  rush: its thresholds over attempts are as the run says; a result keeps none to judge again\n',
  );
  expect(honest.code).toBe(0);
  const bundle = join(cwd, 'bundle');
  forge(bundle, 'rush', (text) => text.replace('"limits":[]', '"limits":["it was too slow"]'));
  const slow = await verify();
  expect(slow.stdout).toMatch(
    /^result\.json: rush#get-in: is passed, and its load shows nothing for sure: it was too slow$/m,
  );
  expect(slow.code).toBe(1);
});

const LIMIT = `title: A limit
throttle: { connect: {}, offer: 50/s }
thresholds:
  kind: { estimate: token-bucket, of: throttle.kind }
  rate: { estimate: { gte: 4/s }, of: throttle.rate }
`;

const FOUND: ThrottleResult = {
  kind: 'token-bucket',
  because: [],
  rate: { value: 5, low: 4.9, high: 5.1 },
  refusalsCostTokens: false,
  accepts: [],
};

/** What is said of a saved throttle whose findings are those of `FOUND`. */
function saidOf(throttle: ThrottleResult): readonly string[] {
  const parsed = parseScenario({ file: 'scenarios/limit.yaml', id: 'limit', text: LIMIT });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const scope = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };
  const [one] = expandScenario(parsed.scenario, scope);
  if (one?.kind !== 'case') throw new Error('no case');
  const spec = one.case;
  const about = { features: new Set<string>(), levelOf: () => 'must' as const };
  const clocks = { isPlatform: false, boundMs: undefined };
  const judge = createLoadJudge({ ...about, checks: spec.checks, phases: [], clocks });
  const load = { ...loadResult(), throttle };
  const findings = judge.conclude({ ...load, throttle: FOUND });
  const saved = { ...MIXED_CASE, id: spec.id, scenario: spec.scenario, findings, load };
  return verifyLoad(saved, spec, about).map(({ check, message }) => `${check} ${message}`);
}

it('judges what was estimated again, from what was found of the limiter', () => {
  expect(saidOf(FOUND)).toEqual([]);
  expect(saidOf({ ...FOUND, kind: 'fixed-window' })).toEqual([
    '#kind says verdict "passed", and from the load follows "failed"',
  ]);
  expect(saidOf({ ...FOUND, rate: { value: 2, low: 1.9, high: 2.1 } })).toEqual([
    '#rate says verdict "passed", and from the load follows "failed"',
  ]);
});
