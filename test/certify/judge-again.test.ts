// What a saved run keeps is enough to draw every conclusion again: of whole runs against the reference gateway as it
// is and with faults, judged again from the saved result alone, every finding is the same.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { createRedactor } from '../../src/base/redact.ts';
import { judgeAgain, unlikeTheWhole } from '../../src/check/judge-again.ts';
import { type PlanOptions, planRun } from '../../src/cli/run-plan.ts';
import type { CaseResult, RunResult } from '../../src/result/run-result.ts';
import { runAssay } from '../support/assay.ts';
import { folderWith } from '../support/folder.ts';
import { testIo } from '../support/io.ts';
import { PROBE_SECRET, scriptedTarget } from '../support/scripted-target.ts';

const PLAN: PlanOptions = { tag: [], excludeTag: [], var: [], failOn: 'must', tier: 'hours' };

// Verdicts of every kind, and findings that are told again when more has come.
const MANY = [
  'drops-disconnect-after-reset',
  'delays-disconnects-of-a-burst',
  'thrown-becomes-500',
  'invokes-connect-twice',
  'posts-to-all-of-a-session',
  'authorizer-fault-401',
  'gone-is-404',
  'no-close-answer',
  'greets-after-101',
];

async function judgedAgain(
  { cases }: RunResult,
  {
    selection = 'aws-apigateway',
    env = {},
    ...where
  }: {
    readonly selection?: string;
    readonly target?: string;
    readonly url?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
) {
  const io = testIo({ argv: [], env });
  const plan = await planRun(io, [selection], {
    options: { ...PLAN, ...where },
    redactor: createRedactor(),
    carriesLoads: true,
  });
  const specs = new Map(plan.runnable.map((spec) => [spec.id, spec]));
  const judged = cases.filter(({ records }) => records.length > 0);
  return judged.map((one) => {
    const asked = { ...plan, checks: specs.get(one.id)?.checks ?? [] };
    const { judging } = one;
    if (judging === undefined) throw new Error(`${one.id} was not judged`);
    const found = judgeAgain({ ...one, judging }, asked);
    const findings = asked.checks.flatMap(({ id }) => found.get(id) ?? []);
    const whole = one.findings.flatMap((finding) => {
      const unlike = unlikeTheWhole({ ...one, judging }, asked, finding);
      return unlike === undefined
        ? []
        : [`${one.id}#${finding.check} ${finding.verdict}: ${unlike}`];
    });
    return { id: one.id, findings, whole };
  });
}

/** Bytes of the part that judging again needs. */
function bytesOf(cases: readonly CaseResult[]): number {
  return JSON.stringify(cases.map(({ judging }) => judging)).length;
}

it.each([
  { name: 'as it is', args: [] },
  { name: 'that opens early', args: ['--fault', 'opens-before-integration'] },
  { name: 'of many faults', args: MANY.flatMap((fault) => ['--fault', fault]) },
])('the reference gateway $name: every finding again from what was saved', async ({ args }) => {
  const ran = await runAssay(['aws-apigateway', '--tier', 'hours', ...args]);
  const result = ran.result();
  expect(result.problems).toEqual([]);
  const again = await judgedAgain(result);
  expect(again.map(({ id, findings }) => ({ id, findings }))).toEqual(
    result.cases.map(({ id, findings }) => ({ id, findings })),
  );
  expect(again.flatMap(({ whole }) => whole)).toEqual([]);
  expect(again.length).toBeGreaterThan(290);
  const whole = ran.files['out/result.json']?.length ?? 0;
  expect(bytesOf(result.cases) / whole).toBeLessThan(0.02);
});

it('events on the clock of a platform: every finding again, with what was known of it then', async () => {
  const env = { PROBE_SECRET };
  const target = scriptedTarget('file');
  const fault = ['--fault', 'drops-disconnect-after-reset'];
  const ran = await runAssay(['aws-apigateway', '--target', target, ...fault], { env });
  const { cases } = ran.result();
  const again = await judgedAgain(ran.result(), { target, env });
  const driven = cases.filter(({ records }) => records.length > 0);
  expect(again.map(({ id, findings }) => ({ id, findings }))).toEqual(
    driven.map(({ id, findings }) => ({ id, findings })),
  );
  expect(again.flatMap(({ whole }) => whole)).toEqual([]);
  const looks = driven.flatMap(({ judging }) => judging?.looks ?? []);
  expect(looks.some(({ clockBoundUs }) => clockBoundUs !== undefined)).toBe(true);
});

it('what came too late: the finding again with what is told of it, by the look that told it', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (client) => {
    client.on('message', () => setTimeout(() => client.send('late'), 300));
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const scenario = `title: The answer comes at once
steps:
  - connect:
  - send: { text: hi }
checks:
  soon: { received: { count: 1 }, within: 50ms }
  some-time: { received: { count: 1 }, within: 2s }
`;
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const selection = join(folderWith({ 'a.yaml': scenario }), 'a.yaml');
  const ran = await runAssay([selection, '--url', url]);
  const [one] = ran.result().cases;
  expect(one?.judging?.looks.map(({ decided, retold }) => ({ decided, retold }))).toEqual([
    { decided: ['soon'], retold: undefined },
    { decided: ['some-time'], retold: undefined },
    { decided: [], retold: ['soon'] },
  ]);
  const [again] = await judgedAgain(ran.result(), { selection, url });
  expect(again?.findings).toEqual(one?.findings);
  expect(again?.findings[0]?.message).toMatch(/ms too late/);
  expect(again?.whole).toEqual([]);
});
