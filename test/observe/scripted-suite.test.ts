// What can be proved with a scripted probe: the whole suite against the embedded gateway through two
// sinks, and that faults are still caught.
import { expect, it } from 'vitest';
import { FAULTS } from '../../src/gateway/faults.ts';
import { judgeFault } from '../../src/mutant/kill.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { deviations, type Ran, runAssay } from '../support/assay.ts';
import { PROBE_SECRET, scriptedTarget } from '../support/scripted-target.ts';

const env = { PROBE_SECRET };

const SINKS = ['http', 'file'] as const;
const ranClean = new Map<string, Ran>();

it.each(SINKS)('the clean gateway passes the whole suite through the %s sink', async (sink) => {
  const ran = await clean(sink);
  const result = ran.result();
  const findings = result.cases.flatMap((one) => one.findings);
  const wrong = deviations(result).filter((line) => !/^(inconclusive|not-applicable) /.test(line));
  expect([result.problems, result.notRun, wrong]).toEqual([[], [], []]);
  expect(scenariosOf(result, 'not-applicable')).toEqual(REMOTE_ONLY);
  expect(result.counts.passed).toBeGreaterThan(200);
  // On a machine that is busy with other things a hold may be over before what it was meant for.
  const undecided = findings.filter(({ verdict }) => verdict === 'inconclusive');
  expect(undecided.length).toBeLessThan(10);
  for (const { reason } of undecided) expect(reason).toMatch(/^(HOLD_TOO_SHORT|PLANNED_INSTANT)$/);
  const known = /on two clocks, known to [\d.]+ ms/;
  expect(findings.some(({ message }) => known.test(message))).toBe(true);
  const written = Object.values(ran.files).map((bytes) => bytes.toString('utf8'));
  expect([...written, ran.stderr].filter((text) => text.includes(PROBE_SECRET))).toEqual([]);
});

// The HTTP backend of these is the remote probe itself; an authorizer's long answer does not fit a URL.
const REMOTE_ONLY = [
  'authorizer/result-size',
  'integration/http-parameters',
  'integration/http-proxy-headers',
  'integration/http-proxy-subprotocol',
  'integration/http-status-opens',
  'integration/http-status-refuses',
  'integration/pending',
];

// By name: what cannot be decided in scripted mode.
const CAUGHT: Readonly<Record<string, readonly string[]>> = {
  'opens-before-integration': [],
  'integration-beside-authorizer': [],
  'refuses-with-403-always': [],
  'ignores-policy': [],
  // What is waited for never comes, so what is done then is done after the hold.
  'drops-disconnect-after-clean-close': [
    'disconnect/post-from-handler#answers-410',
    'disconnect/post-from-handler#it-is-being-handled',
  ],
  'disconnect-after-refusal': [],
  // The close takes as long as the hold: that it waited for it is not proved.
  'waits-for-disconnect-handler': ['disconnect/slow-handler#closed-meanwhile'],
};

// Of what it breaks: the checks that can be made with a scripted probe, which the clean gateway passes.
// Again where the machine is so busy that a handler which was called too early began to run only when
// the hold was over: of that call nothing is seen on the platform's clock.
it.each(Object.entries(CAUGHT))('catches %s', { retry: 2 }, async (name, undecided) => {
  const fault = FAULTS.find((one) => one.name === name);
  const able = checksOf((await clean('http')).result(), 'passed');
  const breaks = (fault?.breaks ?? []).filter((check) => able.includes(check));
  expect(breaks.length).toBeGreaterThan(0);
  const scenarios = [...new Set(breaks.map((check) => check.split('#')[0] ?? ''))];
  const ran = await runAssay([...scenarios, '--target', scriptedTarget('http'), '--fault', name], {
    env,
  });
  const verdict = judgeFault({ name, description: '', breaks }, ran.result());
  const survived = verdict.survived.filter((check) => !undecided.includes(check));
  expect({ ...verdict, survived }).toMatchObject({
    survived: [],
    unexpected: [],
    undecided,
    problems: [],
  });
});

it('tells a probe that does not know the secret from a gateway that refuses', async () => {
  const target = scriptedTarget('http', (text) =>
    text.replace('ASSAY_PROBE_SECRET: "${secret:PROBE_SECRET}"', 'ASSAY_PROBE_SECRET: another'),
  );
  const ran = await runAssay(['connect/throws', '--target', target], { env });
  expect(ran.code).toBe(3);
  expect(ran.result().problems).toMatchObject([
    { code: 'PROBE_REFUSED', message: expect.stringContaining('"statusCode":403') },
  ]);
});

it('trusts no absence where the sink leads nowhere', async () => {
  const target = scriptedTarget('file', (text) =>
    text.replace('{ file: events.ndjson }', '{ file: gateway.yaml }'),
  );
  const ran = await runAssay(['connect/status-passthrough', '--target', target], { env });
  expect(ran.code).toBe(3);
  expect(ran.result().problems).toMatchObject([{ code: 'OBSERVER_SILENT' }]);
  const verdicts = ran
    .result()
    .cases.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));
  expect(new Set(verdicts)).toEqual(new Set(['errored']));
});

const LONG = `title: A plan that does not fit into a URL
steps:
  - connect: { backend: { $connect: { status: 403, body: "\${long}" } } }
checks:
  refused: { handshake: { status: 403 } }
`;

it('does not send a plan that would make the URL too long', async () => {
  const ran = await runAssay(
    ['long.yaml', '--target', scriptedTarget('http'), '--var', `long=${'x'.repeat(4096)}`],
    { env, files: { 'long.yaml': LONG } },
  );
  expect(ran.code).toBe(3);
  expect(ran.result().cases[0]?.findings).toMatchObject([
    { verdict: 'errored', message: expect.stringContaining('more than 4096 are not sent') },
  ]);
});

const SHORT = `title: A hold that is shorter than what is done meanwhile
steps:
  - connect: { backend: { $connect: { hold: 500ms } } }
  - idle: 900ms
  - release: $connect
checks:
  opens: { handshake: { status: 101 } }
`;

it('concludes nothing from a hold that was over too soon, and says which would do', async () => {
  const ran = await runAssay(['short.yaml', '--target', scriptedTarget('http')], {
    env,
    files: { 'short.yaml': SHORT },
  });
  expect(ran.code).toBe(4);
  expect(ran.result().cases[0]?.findings).toMatchObject([
    {
      verdict: 'inconclusive',
      reason: 'HOLD_TOO_SHORT',
      message: expect.stringMatching(/held 0\.5 s, needed (0\.9|1(\.\d)?) s; use hold: 2s$/),
    },
  ]);
});

const MESSAGE = `title: A message that is answered late
steps:
  - connect:
  - send: { json: { action: echo }, backend: { hold: 700ms, body: late } }
  - release: message
checks:
  answered: { received: { some: { text: late } } }
  waits: { never: { moment: received, before: message.released } }
`;

it('carries the plan of a message in it', async () => {
  const ran = await runAssay(['message.yaml', '--target', scriptedTarget('http')], {
    env,
    files: { 'message.yaml': MESSAGE },
  });
  expect(deviations(ran.result())).toEqual([]);
  expect(ran.code).toBe(0);
});

/** The whole suite on the clean gateway, run once. */
async function clean(sink: (typeof SINKS)[number]): Promise<Ran> {
  const ran =
    ranClean.get(sink) ??
    (await runAssay(['aws-apigateway', '--target', scriptedTarget(sink)], { env }));
  ranClean.set(sink, ran);
  return ran;
}

/** `scenario#check` of every finding with this verdict. */
function checksOf(result: RunResult, verdict: string): readonly string[] {
  return result.cases.flatMap(({ scenario, findings }) =>
    findings.filter((one) => one.verdict === verdict).map(({ check }) => `${scenario}#${check}`),
  );
}

function scenariosOf(result: RunResult, verdict: string): readonly string[] {
  const checks = checksOf(result, verdict).map((check) => check.split('#')[0] ?? '');
  return [...new Set(checks)].toSorted();
}
