// Calibrations of real emulators: two of the same show no drift; one of a copy with a line of its source
// changed shows that line, and one with a line changed that nothing records does not. Skipped unless
// their packages were installed in their targets.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Drift } from '../../src/certify/drift.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

const HOME = join(PACKAGE_ROOT, 'targets/serverless-offline');
const isInstalled = existsSync(join(HOME, 'node_modules/serverless-offline'));
const OTHER = join(PACKAGE_ROOT, 'targets/aws-lambda-ws-server');
const isOtherInstalled = existsSync(join(OTHER, 'node_modules/aws-lambda-ws-server'));

const SELECTION = [
  'authorizer/explicit-deny',
  'connect/malformed-upgrade',
  'connect/refusal-answer',
  'connect/throws',
  'disconnect/event',
];

/** Changes one line of its source as it is loaded, in every process that it starts. */
function seeding({
  file,
  from,
  to,
}: {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}): string {
  const hook = `export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.endsWith(${JSON.stringify(file)})) return loaded;
    const source = String(loaded.source);
    if (!source.includes(${JSON.stringify(from)})) throw new Error('the line is not there');
    return { ...loaded, source: source.replace(${JSON.stringify(from)}, ${JSON.stringify(to)}) };
  }`;
  const module = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));`;
  return `--import=data:text/javascript,${encodeURIComponent(module)}`;
}

/** Its target file, with its program from where it is installed; `option` for every node it starts. */
function targetFile(option?: string): string {
  const own = readFileSync(join(HOME, 'target.yaml'), 'utf8')
    .replace('start.mjs', join(HOME, 'start.mjs'))
    .replace(/^baseline: .*\n/m, '');
  if (option === undefined) return own;
  return own.replace('  env:\n', `  env:\n    NODE_OPTIONS: ${JSON.stringify(option)}\n`);
}

async function record(cwd: string, out: string, folder: string): Promise<void> {
  const target = join('targets', folder, 'target.yaml');
  const argv = ['calibrate', ...SELECTION, '--target', target, '--repeat', '2', '--out', out];
  const { code, stderr } = await inProcess(argv, { cwd, env: { PATH: process.env['PATH'] ?? '' } });
  expect(stderr).toContain(`Written to ${out}`);
  expect(code).toBe(0);
}

async function driftOf(cwd: string, later: string) {
  const { code, stdout } = await inProcess(['drift', 'first.json', later, '--json'], { cwd });
  const { differences } = JSON.parse(stdout) as Drift; // our own output
  return {
    code,
    differences: differences.map(({ kind, check, path }) => `${kind} ${check} ${path}`).toSorted(),
  };
}

test.skipIf(!isInstalled)(
  'serverless-offline drifts when a line that is recorded changes (skipped where it is not installed)',
  { timeout: 300_000 },
  async () => {
    const recorded = {
      file: 'http-routes/_catchAll/catchAllRoute.js',
      from: 'code(426)',
      to: 'code(404)',
    };
    const unrelated = {
      file: 'http-routes/connections/connectionsRoutes.js',
      from: 'code(204)',
      to: 'code(202)',
    };
    const cwd = folderWith({
      'targets/plain/target.yaml': targetFile(),
      'targets/changed/target.yaml': targetFile(seeding(recorded)),
      'targets/unrelated/target.yaml': targetFile(seeding(unrelated)),
    });
    await record(cwd, 'first.json', 'plain');
    await record(cwd, 'again.json', 'plain');
    expect(await driftOf(cwd, 'again.json')).toEqual({ code: 0, differences: [] });
    await record(cwd, 'changed.json', 'changed');
    expect(await driftOf(cwd, 'changed.json')).toEqual({
      code: 1,
      differences: ['no-connection', 'no-upgrade', 'plain-get'].map(
        (flaw) => `changed connect/malformed-upgrade[flaw=${flaw}]#as-seen handshake.status`,
      ),
    });
    await record(cwd, 'unrelated.json', 'unrelated');
    expect(await driftOf(cwd, 'unrelated.json')).toEqual({ code: 0, differences: [] });
  },
);

/** A copy of aws-lambda-ws-server whose source has another text in one place; it has none of the loader's hooks, being CommonJS. */
function otherWith(cwd: string, name: string, [from, to]: readonly [string, string]): void {
  const folder = join(cwd, 'targets', name);
  cpSync(OTHER, folder, { recursive: true });
  const file = join(folder, 'node_modules/aws-lambda-ws-server/src/local.js');
  const source = readFileSync(file, 'utf8');
  expect(source.split(from)).toHaveLength(2);
  writeFileSync(file, source.replace(from, to));
  const target = join(folder, 'target.yaml');
  writeFileSync(target, readFileSync(target, 'utf8').replace(/^baseline: .*\n/m, ''));
}

test.skipIf(!isOtherInstalled)(
  'aws-lambda-ws-server drifts when a line that is recorded changes (skipped where it is not installed)',
  { timeout: 300_000 },
  async () => {
    const cwd = folderWith();
    cpSync(join(PACKAGE_ROOT, 'probe'), join(cwd, 'probe'), { recursive: true });
    otherWith(cwd, 'plain', ['PORT || 5000', 'PORT || 5001']);
    otherWith(cwd, 'changed', ['200, result.statusCode)', "200, result.statusCode, 'go')"]);
    otherWith(cwd, 'unrelated', ['res.writeHead(410)', 'res.writeHead(404)']);
    await record(cwd, 'first.json', 'plain');
    await record(cwd, 'again.json', 'plain');
    expect(await driftOf(cwd, 'again.json')).toEqual({ code: 0, differences: [] });
    await record(cwd, 'changed.json', 'changed');
    expect(await driftOf(cwd, 'changed.json')).toEqual({
      code: 1,
      differences: [
        'changed connect/refusal-answer#as-seen handshake.body',
        'changed connect/refusal-answer#as-seen handshake.headers.content-length',
      ],
    });
    await record(cwd, 'unrelated.json', 'unrelated');
    expect(await driftOf(cwd, 'unrelated.json')).toEqual({ code: 0, differences: [] });
  },
);
