// The action as GitHub carries it out: its inputs, its step in a shell, the files that GitHub names, and what is printed.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { validateAction } from '@action-validator/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BIN, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { portOf } from '../support/process.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: {
    readonly steps: readonly [
      { readonly env: Readonly<Record<string, string>>; readonly run: string },
    ];
  };
}

const TEXT = readFileSync(join(PACKAGE_ROOT, 'action.yml'), 'utf8');
const ACTION = parse(TEXT) as Action;

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', (_, socket) => {
    socket.end('HTTP/1.1 403 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${portOf(server)}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const scenario = (status: number): string => `title: It is closed
steps: [{ connect: }]
checks:
  closed: { handshake: { status: ${status} } }
`;

/** Carries its step out; `files` are the repository, which is at `repo`. */
async function act(
  inputs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  at = '.',
) {
  expect(Object.keys(inputs).filter((name) => !(name in ACTION.inputs))).toEqual([]);
  const root = folderWith({ 'step.md': '', output: '', ...prefixed(files) });
  const cwd = join(root, 'repo', at);
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  symlinkSync(BIN, join(cwd, 'node_modules/.bin/ws-assay'));
  const [{ env, run }] = ACTION.runs.steps;
  const given = Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replace(
        /^\$\{\{ inputs\.(\S+) \}\}$/,
        (_, input: string) => inputs[input] ?? ACTION.inputs[input]?.default ?? 'no such input',
      ),
    ]),
  );
  const { done } = start(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    cwd,
    env: {
      ...given,
      GITHUB_ACTION_PATH: PACKAGE_ROOT,
      GITHUB_WORKSPACE: join(root, 'repo'),
      GITHUB_OUTPUT: join(root, 'output'),
      GITHUB_STEP_SUMMARY: join(root, 'step.md'),
    },
  });
  const { code, stdout, stderr } = await done;
  const outputs = Object.fromEntries(
    readFileSync(join(root, 'output'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  return {
    code,
    stderr,
    outputs,
    lines: stdout.trimEnd().split('\n').slice(1, -1),
    summary: readFileSync(join(root, 'step.md'), 'utf8'),
    cwd,
  };
}

function prefixed(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`repo/${path}`, text]));
}

describe('the action', () => {
  it('is one, by its schema', () => {
    expect(validateAction(TEXT).errors).toEqual([]);
    // The oracle does find mistakes.
    expect(validateAction(TEXT.replace('using: composite', 'using: compsite')).errors).not.toEqual(
      [],
    );
    expect(validateAction(TEXT.replace('shell: bash', 'shel: bash')).errors).not.toEqual([]);
  });

  it('has every output of its step, and no other', async () => {
    const { outputs } = await act({ selection: 'a.yaml', url }, { 'a.yaml': scenario(403) });
    const declared = Object.entries(ACTION.outputs).map(([name, { value }]) => {
      expect(value).toBe(`\${{ steps.run.outputs.${name} }}`);
      return name;
    });
    expect(Object.keys(outputs).toSorted()).toEqual(declared.toSorted());
  });

  it('passes', async () => {
    const done = await act(
      { selection: 'a.yaml', url, out: 'my reports' },
      { 'a.yaml': scenario(403) },
    );
    expect(done.lines).toEqual(['::notice title=ws-assay::Passed: 1 check decided, none failed.']);
    expect(done.outputs).toMatchObject({
      'exit-code': '0',
      verdict: 'passed',
      decided: '1',
      failed: '0',
    });
    expect(done.summary).toContain('### ✅ Passed: 1 check decided, none failed.');
    expect(readFileSync(done.outputs['junit'] ?? '', 'utf8')).toContain('<testsuites');
    expect(done.outputs['report']).toBe(join(done.cwd, 'my reports/report.html'));
    expect(done.code).toBe(0);
  });

  it('shows a failure at its line, from the root of the repository', async () => {
    const files = { 'app/checks/a.yaml': scenario(401) };
    const done = await act({ selection: 'checks/a.yaml', url }, files, 'app');
    expect(done.lines[0]).toMatch(
      /^::error file=app\/checks\/a\.yaml,line=4,col=13,title=checks\/a#closed::the answer was 403 X, .*%0Aexpected: status 401%0Arerun: npx ws-assay run checks\/a\.yaml --url ws:/,
    );
    expect(done.outputs).toMatchObject({ 'exit-code': '1', verdict: 'failed', failed: '1' });
    expect(done.summary).toContain('### ❌ Failed: 1 of 1 decided checks failed.');
    expect(done.code).toBe(1);
  });

  it('shows a mistake in a file at its line, by the problem matcher', async () => {
    const text = scenario(403).replace('steps', 'step');
    const done = await act({ selection: 'my checks/a.yaml', url }, { 'my checks/a.yaml': text });
    // An input is read as a shell reads it.
    expect([done.code, done.outputs]).toEqual([2, { 'exit-code': '2' }]);
    const quoted = await act(
      { selection: "'my checks/a.yaml'", url },
      { 'my checks/a.yaml': text },
    );
    const matcher = JSON.parse(
      readFileSync(join(PACKAGE_ROOT, 'action/problem-matcher.json'), 'utf8'),
    ) as {
      readonly problemMatcher: readonly [
        { readonly pattern: readonly [{ readonly regexp: string }] },
      ];
    };
    const [{ pattern }] = matcher.problemMatcher;
    const found = quoted.stderr.split('\n').flatMap((line) => {
      const match = new RegExp(pattern[0].regexp).exec(line);
      return match === null ? [] : [match.slice(1)];
    });
    expect(found).toEqual([
      ['my checks/a.yaml', '2', '1', 'error', 'SCN_UNKNOWN_KEY', 'unknown key "step"'],
    ]);
    expect(quoted.code).toBe(2);
  });

  it.each([
    ['nothing says what is tested', { selection: 'a.yaml' }],
    ['a quote is not closed', { selection: "'a.yaml", url: 'ws://127.0.0.1:9/' }],
    ['a quote of options is not closed', { args: '--header "a', url: 'ws://127.0.0.1:9/' }],
  ])('tests nothing where %s', async (_, inputs) => {
    const done = await act(inputs, { 'a.yaml': scenario(403) });
    expect([done.code, done.outputs]).toEqual([2, { 'exit-code': '2' }]);
    expect(done.stderr).toBe('');
  });

  it('hands options on as they are, and carries nothing out that stands in them', async () => {
    const files = { 'a.yaml': scenario(403), 'b.yaml': scenario(403) };
    const done = await act(
      {
        selection: 'a.yaml\nb.yaml',
        args: `--url ${url} --header 'X-A: $(touch broken) "q"' --fail-on=should --var "x=; touch broken"`,
        shard: '1/2',
        'wait-for-target': '5s',
      },
      files,
    );
    expect(done.stderr).toContain('part 1 of 2');
    expect(done.code).toBe(0);
    expect(execFileSync('ls', { cwd: done.cwd, encoding: 'utf8' })).not.toContain('broken');
    expect(readFileSync(done.outputs['result'] ?? '', 'utf8')).toContain('--fail-on=should');
  });
});
