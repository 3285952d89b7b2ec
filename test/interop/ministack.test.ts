// The suite against the real ministack, set up through its own AWS API. Each deviation was read in its
// source: its baseline says where, and the table of its README names the same ones. Skipped unless its
// requirements were installed into targets/ministack/.venv.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, runAssay } from '../support/assay.ts';
import { startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { freePort, startProgram } from '../support/process.ts';
import {
  checksOfTable,
  deviating,
  expectNothingListens,
  knownIn,
  lackingIn,
  notKnown,
} from './emulator.ts';

const HOME = fileURLToPath(new URL('../../targets/ministack/', import.meta.url));
const isInstalled = existsSync(`${HOME}.venv/bin/ministack`);
const KNOWN = knownIn(`${HOME}baseline.yaml`);

describe.skipIf(!isInstalled)('ministack (pip install into targets/ministack/.venv)', () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await runAssay(['aws-apigateway', '--target', 'ministack']);
  }, 900_000);

  test('deviates as its baseline says, and nowhere else', () => {
    expect(notKnown(ran)).toEqual([]);
    expect(deviating(ran)).toEqual(KNOWN.filter((line) => !line.includes(' rfc6455-handshake/')));
    expect(ran.result()).toMatchObject({ exitCode: 0, notRun: [], problems: [], stale: [] });
    expect(ran.code).toBe(0);
  });

  test('is not asked for the roles that it does not declare, and for all the others', () => {
    const lacking = [...lackingIn(ran)];
    expect(lacking).toEqual(expect.arrayContaining(['endpoint:api-key', 'endpoint:iam']));
    expect(
      lacking.filter((one) => /^endpoint:(open|custom|two-way|mock)$/.test(one ?? '')),
    ).toEqual([]);
  });

  test('lives through it, and leaves nothing behind', async () => {
    expect(ran.result().cases.filter((one) => one.targetDied !== undefined)).toEqual([]);
    await expectNothingListens(ran);
  });
});

test('the table of deviations names those of the baseline and no others', () => {
  expect(checksOfTable(`${HOME}README.md`)).toEqual(
    KNOWN.map((line) => line.replace(/^\w+ /, '')).toSorted(),
  );
});

describe.skipIf(!isInstalled)('a ministack that somebody else started', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await stop?.();
    stop = undefined;
  });

  const CASE = 'connect/pending-until-integration-completes';

  test('is set up, tested, and as empty afterwards as before', async () => {
    const { base, files } = await startedMinistack();
    const ran = await runAssay([CASE, '--target', 'mine'], { files });
    expect(ran.result().counts).toMatchObject({ passed: 2, failed: 0 });
    expect(await inventoryOf(base)).toEqual({ apis: 0, functions: 0 });
  }, 60_000);

  test('is emptied after SIGINT in the middle of a case too', async () => {
    const { base, files } = await startedMinistack();
    const cwd = folderWith({ ...files, 'slow.yaml': SLOW });
    const args = ['run', 'slow.yaml', '--target', 'mine', '--reporter', 'ndjson'];
    const run = startBin(args, { cwd });
    await run.printed('stdout', /"case-started"/);
    expect(await inventoryOf(base)).toEqual({ apis: 2, functions: 3 });
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect(await inventoryOf(base)).toEqual({ apis: 0, functions: 0 });
  }, 60_000);

  test('that refuses a role is named with the role and the call, and left empty', async () => {
    const { base, files } = await startedMinistack();
    const target = files['targets/mine/target.yaml'].replace('  custom:', '  api-key:');
    const ran = await runAssay([CASE, '--target', 'mine'], {
      files: { 'targets/mine/target.yaml': target },
    });
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('api-key: no API is known for this role');
    expect(await inventoryOf(base)).toEqual({ apis: 0, functions: 0 });
  }, 60_000);

  async function startedMinistack() {
    const port = await freePort();
    const env = { GATEWAY_PORT: String(port) };
    const running = await startProgram(['node', 'start.mjs'], { port, env, cwd: HOME });
    stop = () => running.stop();
    const base = `http://127.0.0.1:${port}`;
    return { base, files: { 'targets/mine/target.yaml': targetAt(port) } };
  }
});

const SLOW = `title: Takes its time
steps:
  - connect: { backend: { $connect: { hang: true } } }
    within: 20s
checks:
  opens: { handshake: { status: 101 }, within: 20s }
`;

const targetAt = (port: number): string => `endpoints:
  open: ws://127.0.0.1:${port}/_aws/execute-api/{apiId}/probe
  custom: ws://127.0.0.1:${port}/_aws/execute-api/{apiId}/probe
management: http://127.0.0.1:${port}/_aws/execute-api/{apiId}/probe/@connections/{id}
probe: { remote: {} }
provision: { endpoint: "http://127.0.0.1:${port}" }
`;

/** Asked without our client: what is there, by the account's lists. */
async function inventoryOf(base: string): Promise<{ apis: number; functions: number }> {
  const list = async (service: string, path: string): Promise<Record<string, unknown[]>> => {
    const scope = `Credential=test/20261124/us-east-1/${service}/aws4_request`;
    const headers = {
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`,
    };
    return (await (await fetch(`${base}${path}`, { headers })).json()) as Record<string, unknown[]>;
  };
  const { items = [] } = await list('apigateway', '/v2/apis');
  const { Functions = [] } = await list('lambda', '/2015-03-31/functions');
  return { apis: items.length, functions: Functions.length };
}
