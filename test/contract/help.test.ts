// The text of --help: options are an interface, and its words are documentation.
import { expect, it } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

it.each([
  'run',
  'init',
  'doctor',
  'reconcile',
  'completion',
  'bench',
  'list',
  'explain',
  'validate',
  'gateway',
  'selftest',
  'report',
  'report merge',
  'baseline update',
  'export k6',
  'import k6',
  'calibrate',
  'drift',
  'diff',
  'target aws',
  'certify',
  'verify',
])('%s --help', async (command) => {
  const { stdout } = await inProcess([...command.split(' '), '--help'], { cwd: folderWith() });
  expect(stdout).toMatchSnapshot();
});

it('ws-assay --help', async () => {
  const { stdout } = await inProcess(['--help'], { cwd: folderWith() });
  expect(stdout).toMatchSnapshot();
});
