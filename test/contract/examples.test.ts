// Examples of the help: every command has some, and each is a line that the command takes.
import { expect, it } from 'vitest';
import { EXAMPLES } from '../../src/cli/examples.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const NAMES = Object.keys(EXAMPLES);

it('every command has examples, but for those that only hold others', async () => {
  const { stdout } = await inProcess(['--help'], { cwd: folderWith() });
  const [, listed = ''] = stdout.split('\nCommands:\n');
  const commands = [...listed.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name = '']) => name);
  const groups = NAMES.filter((name) => EXAMPLES[name]?.length === 0);
  expect(commands.filter((name) => name !== 'help' && !NAMES.includes(name))).toEqual([]);
  expect(groups.toSorted()).toEqual(['baseline', 'export', 'import', 'target']);
});

it.each(NAMES.filter((name) => EXAMPLES[name]?.length !== 0))(
  '%s: known options only',
  async (name) => {
    const { code, stdout } = await inProcess([...name.split(' '), '--help'], { cwd: folderWith() });
    expect(code).toBe(0);
    const [usage = '', shown = ''] = stdout.split('\nExamples:\n');
    const known = new Set([...usage.matchAll(/--[a-z][a-z0-9-]*/g)].map(([option]) => option));
    const lines = EXAMPLES[name] ?? [];
    expect(shown.trimEnd().split('\n')).toEqual(lines.map((line) => `  $ ws-assay ${line}`));
    for (const line of lines) {
      expect(line === name || line.startsWith(`${name} `)).toBe(true);
      const used = [...line.matchAll(/(?<=\s)--[a-z][a-z0-9-]*/g)].map(([option]) => option);
      expect(used.filter((option) => !known.has(option))).toEqual([]);
    }
  },
);
