// A load against a server that writes down what happens in a file, which the target observes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { runBin } from './command.ts';
import { recordOf, startLogServer } from './log-server.ts';

/** The scenario `late.yaml`. */
export const SCENARIO = `title: Ends are told of
load:
  phases: [{ arrivalRate: 40/s, duration: 3s }]
  openFor: 100ms
  endings:
    - { share: 50%, close: { code: 1000 } }
    - { share: 50%, drop: fin }
thresholds:
  told: { share: { gte: 95% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 2s } }
`;

/** How the server and its log behave. */
export interface LoggedLoad {
  /** Part of the ids of invocations, and of the URL by way of the environment. */
  readonly secret?: string;
  /** Whether a line about an end is written, or kept in `withheld`. @default all but every tenth */
  readonly writes?: (number: number) => boolean;
  /** More of `observer` in the target, a flow mapping's entries. */
  readonly observer?: string;
}

/** Starts the server; `run` carries the load out. */
export async function startLoggedLoad({
  secret = '',
  writes = (number) => number % 10 !== 9,
  observer = '',
}: LoggedLoad = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'ws-assay-logged-'));
  const withheld: string[] = [];
  const log = join(cwd, 'events.ndjson');
  const { url: address } = await startLogServer(log, (told, append) => {
    const line = { ...recordOf(told), invocationId: `${told.type}-${told.index}${secret}` };
    if (told.type === 'CONNECT' || writes(told.index)) append(line);
    else withheld.push(`${JSON.stringify(line)}\n`);
  });
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'late.yaml'), SCENARIO);
  const url = `${address}${secret === '' ? '' : '?key=${secret:KEY}'}`;
  writeFileSync(
    join(cwd, 'target.yaml'),
    `title: A chat\nendpoints: { open: "${url}" }\nobserver: { file: events.ndjson${observer === '' ? '' : `, ${observer}`} }\n`,
  );
  const env = secret === '' ? {} : { KEY: secret };
  const told = async (args: readonly string[], out: string) => {
    const { code, stderr } = await runBin([...args, '--target', 'target.yaml'], { cwd, env });
    const result = JSON.parse(readFileSync(join(cwd, out, 'result.json'), 'utf8')) as RunResult;
    const [one] = result.cases;
    const load = one?.load as LoadResult;
    const strata = one?.load?.delivery?.strata ?? [];
    const missing = strata.reduce((sum, stratum) => sum + stratum.missing, 0);
    return { code, stderr, load, missing, verdict: one?.findings[0]?.verdict };
  };
  return {
    cwd,
    withheld,
    run: () => told(['run', 'late.yaml', '--out', 'out'], 'out'),
    reconcile: () => told(['reconcile', 'out'], 'out/reconciled'),
    refused: async () => {
      const ran = await runBin(['reconcile', 'out', '--target', 'target.yaml'], { cwd });
      return [ran.code, ran.stderr];
    },
  };
}
