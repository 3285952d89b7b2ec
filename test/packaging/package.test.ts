// The package as users get it: packed, installed into an empty folder, run, imported, type-checked.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../support/io.ts';

const folder = mkdtempSync(join(tmpdir(), 'ws-assay-package-'));
const home = join(folder, 'home');
const installed = join(home, 'node_modules/ws-assay');
let packed: readonly string[] = [];

function npm(cwd: string, program: 'npm' | 'npx', ...args: readonly string[]): string {
  return execFileSync(program, [...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

beforeAll(() => {
  // What is packed is what was built: building again here would race with tests that run dist.
  const report: unknown = JSON.parse(
    npm(PACKAGE_ROOT, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
  );
  // npm's own report
  const [one] = report as readonly { filename: string; files: readonly { path: string }[] }[];
  packed = one?.files.map(({ path }) => path) ?? [];
  cpSync(join(PACKAGE_ROOT, '.npmrc'), join(folder, '.npmrc'));
  execFileSync('mkdir', [home]);
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }');
  npm(
    home,
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join(folder, one?.filename ?? ''),
  );
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds what it needs and nothing of the workshop', () => {
  const top = new Set(packed.map((path) => path.split('/')[0]));
  expect(top).toEqual(
    new Set([
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
      'probe',
      'scenarios',
      'schema',
      'suites',
      'targets',
    ]),
  );
  expect(
    packed.filter((path) =>
      /\.test\.|fixture|node_modules|serverless-offline|__pycache__/.test(path),
    ),
  ).toEqual([]);
  for (const path of [
    'probe/node/probe.mjs',
    'probe/node/scripted.mjs',
    'probe/python/probe.py',
    'probe/contract/vectors.json',
    'targets/reference/target.yaml',
    'targets/reference/gateway.yaml',
    'suites/aws-apigateway/suite.yaml',
    'schema/scenario-1.schema.json',
    'scenarios/connect/event.schema.json',
  ]) {
    expect(packed).toContain(path);
  }
});

it('runs a scenario against the embedded gateway with npx', () => {
  const args = ['run', 'connect/pending-until-integration-completes', '--reporter', 'json'];
  const result: unknown = JSON.parse(npm(home, 'npx', '--no-install', 'ws-assay', ...args));
  expect(result).toMatchObject({ exitCode: 0, counts: { passed: 2, failed: 0, errored: 0 } });
  const [run = ''] = readdirSync(join(home, 'reports'));
  expect(existsSync(join(home, 'reports', run, 'report.html'))).toBe(true);
});

it('knows its scenarios, suites and targets wherever it is installed', () => {
  const json = npm(home, 'npx', '--no-install', 'ws-assay', 'validate', '--format', 'json');
  expect(JSON.parse(json)).toEqual([]);
  expect(npm(home, 'npx', '--no-install', 'ws-assay', 'list', '--targets')).toContain('reference');
});

it('is found by npx in this repository too', () => {
  const version = npm(PACKAGE_ROOT, 'npx', '--no-install', 'ws-assay', '--version');
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('is imported from JavaScript', () => {
  const script = `
import { defineScenario, parseDefined, parseRunResult } from 'ws-assay';
import { FAULTS, startGateway } from 'ws-assay/gateway';
import schema from 'ws-assay/schema/scenario-1.schema.json' with { type: 'json' };
import manifest from 'ws-assay/package.json' with { type: 'json' };
const parsed = parseDefined(defineScenario({
  title: 't', steps: [{ connect: {} }], checks: { opens: { handshake: { status: 101 } } },
}), 'mine/t');
console.log(JSON.stringify([
  'scenario' in parsed, parseRunResult('').kind, FAULTS.length > 50, typeof startGateway,
  typeof schema, manifest.name,
]));
`;
  const flags = ['--no-warnings', '--input-type=module', '-e', script];
  const printed = execFileSync(process.execPath, flags, { cwd: home, encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual([true, 'problem', true, 'function', 'object', 'ws-assay']);
});

it('is typed for a TypeScript consumer', () => {
  writeFileSync(
    join(home, 'consumer.ts'),
    `
import { defineScenario, parseRunResult, renderJUnit, type Finding, type RunResult } from 'ws-assay';
import { FAULTS, type GatewayConfigInput, startGateway } from 'ws-assay/gateway';

export default ['guest', 'admin'].map((role) =>
  defineScenario({
    title: \`\${role} is refused\`,
    steps: [{ connect: { headers: { 'X-Role': role } } }, { drop: 'fin' }],
    checks: { refused: { handshake: { status: { oneOf: [401, 403] } } } },
  }),
);

export const failed = (result: RunResult): readonly Finding[] =>
  result.cases.flatMap(({ findings }) => findings.filter(({ verdict }) => verdict === 'failed'));

const read = parseRunResult('{}');
export const text: string = read.kind === 'result' ? renderJUnit(read.result) : read.message;

export const open = (config: GatewayConfigInput) =>
  startGateway(config, { faults: FAULTS.map(({ name }) => name) });

// @ts-expect-error a step that does not exist
defineScenario({ title: 't', steps: [{ conect: {} }], checks: {} });
// @ts-expect-error a verdict that does not exist
export const never = (finding: Finding): boolean => finding.verdict === 'green';
`,
  );
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    skipLibCheck: false,
  };
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
  );
  const tsc = join(PACKAGE_ROOT, 'node_modules/.bin/tsc');
  expect(compile(tsc)).toBe('');
});

/** What the compiler complains about. */
function compile(tsc: string): string {
  try {
    return execFileSync(tsc, ['-p', home], { encoding: 'utf8' });
  } catch (thrown) {
    return thrown instanceof Error && 'stdout' in thrown ? String(thrown.stdout) : String(thrown);
  }
}

it('is installed with its schemas', () => {
  expect(readdirSync(join(installed, 'schema')).length).toBeGreaterThanOrEqual(4);
});
