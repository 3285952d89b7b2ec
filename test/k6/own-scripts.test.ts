// The scripts that are kept by hand: they type-check, and a real k6 runs them.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startGateway } from '../../src/gateway.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { startWsServer } from '../support/ws-server.ts';
import { K6, NO_K6 } from './k6.ts';

const folder = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPTS = readdirSync(join(PACKAGE_ROOT, 'scenarios/load')).filter((name) =>
  name.endsWith('.k6.ts'),
);

it('type-check under strict rules', { timeout: 60_000 }, () => {
  for (const name of SCRIPTS)
    copyFileSync(join(PACKAGE_ROOT, 'scenarios/load', name), join(folder, name));
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    // k6's own types do not hold by that rule.
    skipLibCheck: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    types: ['k6'],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*.k6.ts'] }),
  );
  const { status, stdout } = spawnSync(
    join(PACKAGE_ROOT, 'node_modules/.bin/tsc'),
    ['-p', folder],
    { encoding: 'utf8' },
  );
  expect([SCRIPTS, status, stdout]).toEqual([['assay.k6.ts', 'hold.k6.ts', 'iam.k6.ts'], 0, '']);
});

interface Seen {
  readonly exit: number | null;
  /** How many points with which status. */
  readonly statuses: Readonly<Record<string, number>>;
}

async function run(name: string, env: Readonly<Record<string, string>>): Promise<Seen> {
  const out = join(folder, `${name}.ndjson`);
  const child = spawn(
    K6,
    ['run', '--quiet', '--out', `json=${out}`, join(PACKAGE_ROOT, 'scenarios/load', name)],
    {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    },
  );
  const exit = await new Promise<number | null>((done) => child.on('exit', done));
  const statuses: Record<string, number> = {};
  for (const line of readFileSync(out, 'utf8').trim().split('\n')) {
    const { metric, type, data } = JSON.parse(line) as {
      metric: string;
      type: string;
      data: { tags: { status?: string } };
    };
    if (metric !== 'ws_sessions' || type !== 'Point') continue;
    const status = data.tags.status ?? 'none';
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return { exit, statuses };
}

it.skipIf(NO_K6 !== '')(`hold.k6.ts holds connections${NO_K6}`, async () => {
  const { url, requests } = await startWsServer();
  const seen = await run('hold.k6.ts', {
    URL: url,
    RATE: '10',
    HOLD: '1',
    DURATION: '2',
    TOKEN: 'a-token',
  });
  expect([seen.exit, Object.keys(seen.statuses)]).toEqual([0, ['101']]);
  expect([20, 21]).toContain(seen.statuses['101']);
  expect(requests.map(({ headers }) => headers.authorization)).toEqual(
    requests.map(() => 'Bearer a-token'),
  );
});

// The gateway's validator was written apart from every signer here.
it.skipIf(NO_K6 !== '').each([
  ['a long-lived key', {}, 101],
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 403],
  ['an empty session token', { AWS_SESSION_TOKEN: 'made-up' }, 403],
])(`iam.k6.ts signs as AWS has it: %s${NO_K6}`, async (_, own, status) => {
  const gateway = await startGateway({
    Apis: {
      iam: {
        ApiId: 'signed',
        Routes: {
          $connect: { AuthorizationType: 'AWS_IAM', Target: 'integrations/id' },
          $default: { Target: 'integrations/id' },
        },
        Integrations: { id: { Handler: `${HANDLER}#handler` } },
        Stages: { prod: {} },
      },
    },
    Users: {
      tester: {
        AccessKeys: { AKIAALLOWEDALLOWED11: { SecretAccessKey: 'secret+of/allowed' } },
        PolicyDocument: ALLOW,
      },
    },
  });
  try {
    const url = `${gateway.apis['iam']?.url}?b=2&a=%20x&a-b=1&a=`;
    const seen = await run('iam.k6.ts', {
      URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAALLOWEDALLOWED11',
      AWS_SECRET_ACCESS_KEY: 'secret+of/allowed',
      RATE: '5',
      DURATION: '1',
      ...own,
    });
    // At the end of its second k6 starts one more, or not.
    expect([5, 6]).toContain(seen.statuses[status]);
    expect([seen.exit, Object.keys(seen.statuses)]).toEqual([
      status === 101 ? 0 : 99,
      [String(status)],
    ]);
  } finally {
    await gateway.close();
  }
});

const HANDLER = new URL('../interop/server/connection-id.mjs', import.meta.url).pathname;

const ALLOW = {
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
};
