// `diff` of runs against the reference gateway: two runs of the same are the same, a fault shows as what it
// breaks and changes, and another selection as what was added and what is gone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunComparison } from '../../src/certify/compare-runs.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const SELECTION = [
  'connect/throws',
  'connect/refusal-answer',
  'connect/times-out',
  'disconnect/follows-every-ending',
  'iam/malformed-authorization',
];

async function run(cwd: string, out: string, args: readonly string[]): Promise<void> {
  await inProcess(['run', ...args, '--tier', 'slow', '--out', out], { cwd });
}

async function diff(cwd: string, args: readonly string[]) {
  return await inProcess(['diff', ...args], { cwd });
}

/** `changed connect/throws#not-opened passed → failed`, and the changed values behind it. */
function lines({ added, changed, gone }: RunComparison): readonly string[] {
  return [
    ...added.map(({ check, verdict }) => `added ${check} ${verdict}`),
    ...changed.map(({ check, before, after, values }) => {
      const paths = values.map(({ path, before: was, after: is }) =>
        [path, JSON.stringify(was), JSON.stringify(is)].join(' '),
      );
      return [`changed ${check} ${before} → ${after}`, ...paths].join('; ');
    }),
    ...gone.map(({ check, verdict }) => `gone ${check} ${verdict}`),
  ];
}

it('finds nothing in two runs of the same, whatever times, ids and seeds they had', async () => {
  const cwd = folderWith();
  await run(cwd, 'a', [...SELECTION, '--seed', 'one']);
  await run(cwd, 'b', [...SELECTION, '--seed', 'two']);
  const { code, stdout } = await diff(cwd, ['a', 'b']);
  expect(stdout.split('\n').slice(1)).toEqual([
    '28 checks the same, 0 changed, 0 added, 0 gone.',
    '',
  ]);
  expect(code).toBe(0);
});

it('shows a fault as the verdicts and values that it changes', async () => {
  const cwd = folderWith();
  await run(cwd, 'a', ['connect/throws', 'connect/refusal-answer']);
  await run(cwd, 'b', [
    'connect/throws',
    'connect/refusal-answer',
    '--fault',
    'thrown-becomes-500',
  ]);
  const { code, stdout } = await diff(cwd, ['a', 'b', '--json']);
  expect(lines(JSON.parse(stdout) as RunComparison)).toMatchInlineSnapshot(`
    [
      "changed connect/throws#status-502 passed → warned; handshake.status 502 500",
    ]
  `);
  expect(code).toBe(1);
});

it('tells what only one of them has', async () => {
  const cwd = folderWith();
  await run(cwd, 'a', ['connect/throws#status-502', 'subprotocol/refused']);
  await run(cwd, 'b', ['connect/throws']);
  const { code, stdout } = await diff(cwd, ['a/result.json', 'b/journal.ndjson']);
  expect(stdout.split('\n').slice(1)).toMatchInlineSnapshot(`
    [
      "  added    connect/throws#not-opened (connect.integration.throws-502): passed",
      "  added    connect/throws#no-disconnect (disconnect.not-for-failed-connect): passed",
      "  gone     subprotocol/refused#status-400 (subprotocol.reject-by-status): passed",
      "1 checks the same, 0 changed, 2 added, 1 gone.",
      "",
    ]
  `);
  expect(code).toBe(1);
});

it('says that a run was not finished, and compares what it has', async () => {
  const cwd = folderWith();
  await run(cwd, 'a', ['connect/throws', 'subprotocol/refused']);
  const whole = readFileSync(join(cwd, 'a/journal.ndjson'), 'utf8').split('\n');
  const killed = whole.filter((line) => !/run-ended|"id":"subprotocol\/refused/.test(line));
  writeFileSync(join(cwd, 'killed.ndjson'), killed.join('\n'));
  const { code, stdout } = await diff(cwd, ['a', 'killed.ndjson']);
  expect(stdout.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^\d{8}-\d{6}-\w{4} is not finished: 1 planned case never ran\.$/),
    '  gone     subprotocol/refused#status-400 (subprotocol.reject-by-status): passed',
    '3 checks the same, 0 changed, 0 added, 1 gone.',
    '',
  ]);
  expect(code).toBe(1);
});

it('refuses what is no run', async () => {
  const cwd = folderWith({ 'a.json': '{}', 'empty/x': '' });
  expect(await diff(cwd, ['a.json', 'a.json'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'ws-assay: a.json: The file is JSON but not a ws-assay result.\n'.replace(
      'a.json',
      join(cwd, 'a.json'),
    ),
  });
  const missing = await diff(cwd, ['a.json', 'b']);
  expect([missing.code, missing.stdout]).toEqual([2, '']);
  expect((await diff(cwd, ['empty', 'a.json'])).stderr).toMatch(/holds neither result.json/);
});
