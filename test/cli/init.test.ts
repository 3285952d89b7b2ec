// `ws-assay init` writes what is valid, passes against a server that works and fails against one that does not.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { AUTHS, CIS } from '../../src/cli/init-files.ts';
import { BIN, inProcess, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { succeeds } from '../support/process.ts';
import { startWsServer, type WsServer } from '../support/ws-server.ts';

const SCENARIO = 'scenarios/own/opens-and-closes.yaml';
const TARGET = 'targets/own/target.yaml';

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

async function initialised(...args: readonly string[]): Promise<string> {
  const cwd = folderWith();
  const done = await inProcess(['init', ...args, '--yes'], { cwd });
  expect(done).toMatchObject({ code: 0, stdout: '' });
  return cwd;
}

const URL_OF = 'wss://staging.example.com/chat';

test.each(AUTHS.flatMap((auth) => CIS.map((ci) => [auth, ci] as const)))(
  'what is written for --auth %s --ci %s is valid, and its schemas are there',
  async (auth, ci) => {
    const cwd = await initialised('--url', URL_OF, '--auth', auth, '--ci', ci);
    const valid = await inProcess(['validate'], { cwd });
    expect([valid.code, valid.stdout + valid.stderr]).toEqual([0, '2 files are valid.\n']);
    for (const file of [SCENARIO, TARGET]) {
      const [first = ''] = readFileSync(join(cwd, file), 'utf8').split('\n');
      const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)$/.exec(first) ?? [];
      const at = resolve(cwd, dirname(file), schema);
      const inside = at.slice(join(cwd, 'node_modules/ws-assay/').length);
      expect(JSON.parse(readFileSync(join(PACKAGE_ROOT, inside), 'utf8'))).toHaveProperty(
        '$schema',
      );
    }
    const pipeline = filesIn(cwd).filter((file) => file.endsWith('ws-assay.yml'));
    expect(pipeline).toHaveLength(ci === 'none' ? 0 : 1);
    for (const file of pipeline) {
      const text = readFileSync(join(cwd, file), 'utf8');
      expect(parse(text)).toEqual(expect.any(Object));
      expect(text).toContain('npx ws-assay run own/opens-and-closes --target own --out ws-assay');
    }
  },
);

async function runs(cwd: string, env: Record<string, string> = {}): Promise<number> {
  const args = ['run', 'own/opens-and-closes', '--target', 'own', '--out', 'out'];
  const { code } = await inProcess(args, { cwd, env });
  return code;
}

test('without authorization: passes where the endpoint opens, fails where it refuses', async () => {
  const good = await startWsServer();
  expect(await runs(await initialised('--url', good.url))).toBe(0);
  const bad = await startWsServer({ refuse: () => 503 });
  expect(await runs(await initialised('--url', bad.url))).toBe(1);
});

const KINDS = [
  ['header', 'authorization', /^Bearer right-token-4711$/, { WS_TOKEN: 'right-token-4711' }],
  ['api-key', 'x-api-key', /^right-key-4711$/, { WS_API_KEY: 'right-key-4711' }],
  [
    'iam',
    'authorization',
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//,
    {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      AWS_REGION: 'us-east-1',
    },
  ],
] as const;

test.each(KINDS)(
  '--auth %s: passes where strangers are refused, fails where all are let in and where none is',
  async (auth, header, right, env) => {
    const guarded = (isOpen: (value: string) => boolean): Promise<WsServer> =>
      startWsServer({
        refuse: ({ headers }) => (isOpen(String(headers[header] ?? '')) ? undefined : 401),
      });
    const servers = [
      [await guarded((value) => right.test(value)), 0],
      [await guarded(() => true), 1],
      [await guarded(() => false), 1],
    ] as const;
    for (const [{ url }, code] of servers) {
      expect(await runs(await initialised('--url', url, '--auth', auth), env)).toBe(code);
    }
  },
);

test('the region of IAM is asked of the environment where the host name does not tell it', async () => {
  const region = async (url: string): Promise<unknown> => {
    const cwd = await initialised('--url', url, '--auth', 'iam');
    return (parse(readFileSync(join(cwd, TARGET), 'utf8')) as { aws?: unknown }).aws; // of a target
  };
  expect(await region('wss://abc.execute-api.eu-west-1.amazonaws.com/prod')).toBeUndefined();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
  expect(await region(URL_OF)).toEqual({ region: '${env:AWS_REGION}' });
});

test('nothing is overwritten, and then nothing is written at all', async () => {
  const cwd = folderWith({ [SCENARIO]: 'mine\n' });
  const { code, stderr } = await inProcess(['init', '--url', URL_OF, '--yes'], { cwd });
  expect([code, stderr]).toEqual([
    2,
    `ws-assay: ${SCENARIO} is there already. Nothing was written.\nGive another folder: ws-assay init <folder>, or move it away.\n`,
  ]);
  expect(filesIn(cwd)).toEqual([SCENARIO]);
  expect(readFileSync(join(cwd, SCENARIO), 'utf8')).toBe('mine\n');
});

test.each([
  [['init'], 'The URL of the endpoint is missing.'],
  [['init', '--url', 'https://example.com/'], 'is not the URL of a WebSocket endpoint'],
  [['init', '--url', 'nonsense'], 'is not the URL of a WebSocket endpoint'],
  [['init', '--url', URL_OF, '--auth', 'hedaer'], 'Did you mean header?'],
  [['init', '--url', URL_OF, '--ci', 'gitlba'], 'Did you mean gitlab?'],
])('refuses %j', async (argv, message) => {
  const cwd = folderWith();
  const { code, stderr } = await inProcess(argv, { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(filesIn(cwd)).toEqual([]);
});

test('a password in the URL is neither written nor repeated', async () => {
  const cwd = folderWith();
  const url = 'wss://me:hunter2-4711@example.com/';
  const { code, stdout, stderr } = await inProcess(['init', '--url', url, '--yes'], { cwd });
  expect([code, filesIn(cwd)]).toEqual([2, []]);
  expect(stdout + stderr).not.toContain('hunter2-4711');
});

const HAS_SCRIPT = succeeds('script', '--version');

test.skipIf(!HAS_SCRIPT)('three questions at a terminal (script is there)', async () => {
  const cwd = folderWith();
  const command = `'${process.execPath}' '${BIN}' init`;
  const { child, printed, done } = start(['script', '-qec', command, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm' },
  });
  await printed('stdout', /The URL of the endpoint/);
  child.stdin?.write(`${URL_OF}\r`);
  await printed('stdout', /What it wants of a client \(none, header, api-key, iam\) \[none\]: /);
  child.stdin?.write('header\r');
  await printed('stdout', /Where it is checked after a push \(github, gitlab, none\) \[none\]: /);
  child.stdin?.write('\r');
  await printed('stdout', /npx ws-assay run own/);
  expect((await done).code).toBe(0);
  expect(filesIn(cwd)).toEqual([SCENARIO, TARGET]);
  expect(parse(readFileSync(join(cwd, TARGET), 'utf8'))).toEqual({
    title: 'My endpoint',
    endpoints: {
      open: {
        url: URL_OF,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
        credentials: { default: { headers: { Authorization: 'Bearer ${secret:WS_TOKEN}' } } },
      },
    },
  });
});

test.skipIf(!HAS_SCRIPT)('Ctrl-C at a question writes nothing (script is there)', async () => {
  const cwd = folderWith();
  const command = `'${process.execPath}' '${BIN}' init`;
  const { child, printed, done } = start(['script', '-qec', command, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm' },
  });
  await printed('stdout', /The URL of the endpoint/);
  child.stdin?.write('\u0003');
  expect((await done).code).toBe(130);
  expect(filesIn(cwd)).toEqual([]);
});
