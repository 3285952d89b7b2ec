// Completion in real shells: each sources the script that is printed, and is asked what may follow.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BIN, inProcess, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { succeeds } from '../support/process.ts';

/** A folder with the command in it, a target and a scenario of one's own, and the script of a shell. */
async function place(shell: string): Promise<string> {
  const cwd = folderWith({
    'ws-assay': `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`,
    'targets/own-staging/target.yaml': 'version: 1\n',
    'scenarios/own/opens.yaml': 'title: x\n',
  });
  chmodSync(join(cwd, 'ws-assay'), 0o755);
  const { code, stdout } = await inProcess(['completion', shell], { cwd });
  expect(code).toBe(0);
  writeFileSync(join(cwd, 'script'), stdout);
  return cwd;
}

async function shellSays(command: readonly string[], cwd: string): Promise<readonly string[]> {
  const env = { PATH: `${cwd}:${process.env['PATH'] ?? ''}`, HOME: cwd };
  const { child, done } = start(command, { cwd, env });
  child.stdin?.end();
  const { code, stdout, stderr } = await done;
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}

const LINES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['ru'], ['run']],
  [['re'], ['reconcile', 'report']],
  [['run', 'own/'], ['own/opens']],
  [['run', 'rfc6455-handshake/protocol-h'], []],
  [['run', 'rfc6455-hands'], expect.arrayContaining(['rfc6455-handshake'])],
  [['run', '--target', 'own'], ['own-staging']],
  [
    ['run', '--fail-on', ''],
    ['must', 'should'],
  ],
  [['run', '--fault', 'opens-before-i'], ['opens-before-integration']],
  [['run', '--only'], ['--only-failed']],
  [['report', 'me'], ['merge']],
  [['explain', 'connect.integration.throws'], ['connect.integration.throws-502']],
];

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

test.each(LINES)('bash: ws-assay %j', async (words, expected) => {
  const cwd = await place('bash');
  const asked = `. ./script; COMP_WORDS=(ws-assay ${quoted(words)}); COMP_CWORD=${words.length}
complete -p ws-assay >/dev/null && _ws_assay && printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect(await shellSays(['bash', '--norc', '-c', asked], cwd)).toEqual(expected);
});

test.skipIf(!succeeds('fish', '--version')).each(LINES.filter(([, one]) => one.length > 0))(
  'fish (where it is installed): ws-assay %j',
  async (words, expected) => {
    const cwd = await place('fish');
    const asked = `source ./script; complete -C 'ws-assay ${words.join(' ')}'`;
    const said = await shellSays(['fish', '--no-config', '-c', asked], cwd);
    expect(said.map((line) => line.split('\t')[0])).toEqual(expected);
  },
);

test.skipIf(!succeeds('zsh', '--version')).each(LINES.filter(([, one]) => one.length > 0))(
  'zsh (where it is installed): ws-assay %j',
  async (words, expected) => {
    const cwd = await place('zsh');
    // `compadd` works in a widget only: here it prints what it would offer.
    const asked = `compdef() { : }; compadd() { print -l -- \${(P)2} }; source ./script
words=(ws-assay ${quoted(words)}); CURRENT=${words.length + 1}; _ws_assay`;
    expect(await shellSays(['zsh', '-f', '-c', asked], cwd)).toEqual(expected);
  },
);

test('a shell that is none of these', async () => {
  const { code, stderr } = await inProcess(['completion', 'bsh'], { cwd: folderWith() });
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean bash?');
});
