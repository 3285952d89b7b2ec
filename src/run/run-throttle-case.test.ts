import { expect, it } from 'vitest';
import { realClock } from '../base/clock.ts';
import { createRedactor } from '../base/redact.ts';
import { loadResult, sample } from '../check/fixture/load.ts';
import type { LoadIo, OfferedAttempt } from '../load/io.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { LoadResult } from '../result/load-result.ts';
import { expandScenario } from '../scenario/expand.ts';
import { parseScenario } from '../scenario/parse.ts';
import { runThrottleCase } from './run-throttle-case.ts';

const clock = realClock();
const TEXT = `title: t
throttle: { offer: 20/s, saturateFor: 5s, rounds: 1 }
thresholds:
  refused: { share: 100%, of: { handshake: { status: 429 } }, among: { handshake: { outcome: refused } } }
  limited: { estimate: { is: 5/s, tolerance: 10% }, of: throttle.rate }
`;

it('offers stage by stage on one clock, and judges what the probe found', async () => {
  const parsed = parseScenario({ file: 'a.yaml', id: 'a', text: TEXT });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const scope = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };
  const [one] = expandScenario(parsed.scenario, scope);
  if (one?.kind !== 'case' || one.case.throttle === undefined) throw new Error('no throttle');
  const plans: LoadPlan[] = [];
  // The second stage begins ten seconds after the first.
  const carryOut = async (plan: LoadPlan, io: LoadIo): Promise<LoadResult> => {
    io.onStart?.(1_000_000 + plans.length * 10_000_000);
    plans.push(plan);
    io.onAttempts?.([
      sample(0).attempt,
      sample(1, { outcome: 'refused', status: 429, answeredMs: 12 }).attempt,
    ]);
    return loadResult({ total: { ...loadResult().total, offered: 2, opened: 1 } });
  };
  const seen: OfferedAttempt[] = [];
  const written: { readonly phases: readonly string[]; readonly numbers: number[] }[] = [];
  const network = {
    ca: undefined,
    cert: undefined,
    key: undefined,
    servername: undefined,
    insecure: false,
    overrides: [],
    proxy: 'direct' as const,
  };
  const result = await runThrottleCase(
    {
      cases: [one.case],
      station: {
        target: {
          endpoints: { open: { url: 'ws://127.0.0.1:9/', credentials: {} } },
          network,
          correlate: { kind: 'none' },
        },
        deathSignal: () => new AbortController().signal,
      } as never, // all that is looked at
      features: new Set(),
      clock,
      seed: 's',
      redactor: createRedactor(),
      levelOf: () => 'must',
      rerunOf: () => 'rerun',
      emit: () => undefined,
      signal: new AbortController().signal,
      attempts: {
        begin: ({ phases }) => {
          const numbers: number[] = [];
          written.push({ phases, numbers });
          const ignored = { event: () => {}, canary: () => {}, gap: () => {}, flush: () => {} };
          return {
            ...ignored,
            take: (batch) => numbers.push(...batch.map(({ number }) => number)),
          };
        },
        close: () => {},
      },
      loads: {
        run: carryOut,
        usage: () => ({ cpuSeconds: 0, rssBytes: 0 }),
        options: { allowHosts: [] },
        probe: async ({ offer }, offerPhases) => {
          for (const name of ['saturate', 'recover']) {
            const phase = { kind: 'rate', name, from: offer, to: offer, durationMs: 10 } as const;
            seen.push(...(await offerPhases([phase], { holdMs: 7 })));
          }
          return {
            kind: 'token-bucket',
            because: [],
            rate: { value: 5, low: 4.9, high: 5.1 },
            refusalsCostTokens: false,
            accepts: [],
          };
        },
      },
    },
    { ...one.case, throttle: one.case.throttle },
  );
  expect(result.findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
    'refused passed',
    'limited passed',
  ]);
  expect(plans.map(({ openForMs, phases }) => [openForMs, phases[0]?.name])).toEqual([
    [7, 'saturate'],
    [7, 'recover'],
  ]);
  expect(written).toEqual([
    { phases: ['saturate'], numbers: [0, 1] },
    { phases: ['recover'], numbers: [0, 1] },
  ]);
  expect(new Set(plans.map(({ nonce }) => nonce)).size).toBe(2);
  expect(seen.map(({ outcome, answeredMs }) => [outcome, answeredMs])).toEqual([
    ['accepted', 5],
    ['refused', 12],
    ['accepted', 10_005],
    ['refused', 10_012],
  ]);
  expect(result.load).toMatchObject({
    total: { offered: 4, opened: 2 },
    phases: [
      { name: 'saturate', startMs: 0 },
      { name: 'recover', startMs: 10_000 },
    ],
    throttle: { kind: 'token-bucket' },
  });
});
