// A backend whose code tells nothing: the access log of its stage does, late, and by the principal that its authorizer makes of the
// nonce. The log group is spoken to as AWS speaks, by its SDK.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type LogsStub, startLogsStub } from '../../src/observe/fixture/logs-stub.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { verdictLines } from '../support/assay.ts';
import { runBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { startLogServer, type Told } from '../support/log-server.ts';

const VISIT = `title: A visit
steps:
  - connect:
  - close: { code: 1000 }
checks:
  opens: { handshake: { status: 101 } }
  told-once: { events: { $connect: 1, $disconnect: 1, message: 0 } }
  stage: { events: { $disconnect: { each: { requestContext.routeKey: $disconnect } } } }
`;
const CHURN = `title: Ends are told of
load:
  phases: [{ arrivalRate: 40/s, duration: 3s }]
  openFor: 100ms
thresholds:
  told: { share: { gte: 95% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 3s } }
`;

// In the format that is recommended, as API Gateway would write it.
const lineOf = (told: Told): string =>
  JSON.stringify({
    eventType: told.type,
    connectionId: told.connectionId,
    routeKey: `$${told.type.toLowerCase()}`,
    status: '200',
    requestId: `${told.type}-${told.index}`,
    requestTimeEpoch: `${Date.now()}`,
    connectedAt: '-',
    principalId: told.nonce,
    integrationStatus: '200',
    error: '-',
  });

async function stageWith(tell: (logs: LogsStub, told: Told) => void) {
  const logs = await startLogsStub();
  onTestFinished(() => logs.stop());
  const server = await startLogServer(join(folderWith(), 'unused.log'), (told) => tell(logs, told));
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-cwlogs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(
    join(cwd, 'target.yaml'),
    `url: ${server.url}\nobserver: { cwlogs: { group: /aws/chat, region: eu-west-1, endpoint: "${logs.url}" }, settle: 4s }\n`,
  );
  writeFileSync(join(cwd, 'visit.yaml'), VISIT);
  writeFileSync(join(cwd, 'churn.yaml'), CHURN);
  const env = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'shh-shh-shh' };
  const ran = async (args: readonly string[], out: string) => {
    const { code, stderr } = await runBin([...args, '--target', 'target.yaml'], { cwd, env });
    const result = JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;
    return { code, stderr, result };
  };
  return {
    logs,
    run: (name: string) => ran(['run', name, '--out', 'out'], 'out'),
    reconcile: () => ran(['reconcile', 'out'], 'out/reconciled'),
  };
}

it('is judged by the access log of its stage', async () => {
  const { run } = await stageWith((logs, told) => {
    // Two seconds late.
    const line = lineOf(told);
    const at = Date.now();
    setTimeout(() => logs.put([line], at), 2000);
  });
  const { code, result } = await run('visit.yaml');
  expect(verdictLines(result)).toEqual([
    'passed visit#opens',
    'passed visit#told-once',
    'passed visit#stage',
  ]);
  expect([code, result.problems]).toEqual([0, []]);
}, 90_000);

it('is counted again when lines have come that were missing', {
  timeout: 120_000,
  retry: 2,
}, async () => {
  const withheld: (readonly [string, number])[] = [];
  const { logs, run, reconcile } = await stageWith((group, told) => {
    if (told.index % 5 === 4 && told.index > 5 && told.type === 'DISCONNECT')
      withheld.push([lineOf(told), Date.now()]);
    else group.put([lineOf(told)]);
  });
  const missing = ({ cases }: RunResult): number =>
    cases[0]?.load?.delivery?.strata.reduce((sum, one) => sum + one.missing, 0) ?? Number.NaN;
  const before = await run('churn.yaml');
  expect(withheld.length).toBeGreaterThan(8);
  expect([before.code, missing(before.result)]).toEqual([1, withheld.length]);
  for (const [line, at] of withheld) logs.put([line], at);
  const after = await reconcile();
  expect([after.code, missing(after.result)]).toEqual([0, 0]);
});
