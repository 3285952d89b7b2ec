// --tier: what takes longer than was asked for is left out, and said.
import { expect, it } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const TARGET = `title: As long as AWS
url: ws://127.0.0.1:9/
limits: { idleTimeout: 10m, maxDuration: 2h }
`;

const scenario = (steps: string): string =>
  `title: A title\nsteps:\n  - connect:\n${steps}checks: { a: { handshake: { outcome: unreachable } } }\n`;

const cwd = (): string =>
  folderWith({
    'targets/long/target.yaml': TARGET,
    'scenarios/own/quick.yaml': scenario(''),
    'scenarios/own/idle.yaml': scenario('  - idle: 110% of ${limits.idleTimeout}\n'),
    'scenarios/own/old.yaml': scenario('  - idle: ${limits.maxDuration}\n'),
    'scenarios/own/declared.yaml': scenario('').replace('steps:', 'tier: slow\nsteps:'),
  });

const run = (...argv: readonly string[]): ReturnType<typeof inProcess> =>
  inProcess(['run', ...argv, '--target', 'long'], { cwd: cwd() });

it.each([
  [undefined, ['own/quick'], ['own/declared', 'own/idle', 'own/old']],
  ['slow', ['own/declared', 'own/idle', 'own/quick'], ['own/old']],
  ['hours', ['own/declared', 'own/idle', 'own/old', 'own/quick'], []],
])('tier %s runs %j and leaves out %j', async (tier, runs, leftOut) => {
  const given = tier === undefined ? [] : ['--tier', tier];
  const done = await run('own/*', '--dry-run', ...given);
  const lines = done.stdout.split('\n');
  const ids = (pattern: RegExp): readonly string[] =>
    lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  expect(done.code).toBe(0);
  expect(ids(/^ {2}(own\S+): a \(/)).toEqual(runs);
  expect(ids(/^ {2}(own\S+): Its case is of tier/)).toEqual(leftOut);
});

it('says in every report what was left out, and how it is run', async () => {
  const done = await run('own/quick', 'own/old', '--reporter', 'json');
  const { cases, counts } = JSON.parse(done.stdout) as {
    readonly cases: readonly { readonly id: string; readonly findings: readonly object[] }[];
    readonly counts: Readonly<Record<string, number>>;
  };
  expect(counts).toMatchObject({ skipped: 1, passed: 1 });
  expect(cases.find(({ id }) => id === 'own/old')?.findings).toMatchObject([
    {
      verdict: 'skipped',
      reason: 'tier hours',
      message: 'Its case is of tier hours and waits 2h: --tier hours runs it.',
    },
  ]);
  expect(done.stderr).toContain('Skipped\n  own/old#a: tier hours');
});

it('does not take nothing for a run', async () => {
  const done = await run('own/idle', 'own/declared');
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(
    done.stderr,
  ).toBe(`ws-assay: What is selected takes longer than tier fast allows. Nothing was run.
own/idle: Its case is of tier slow and waits 11m: --tier slow runs it.
`);
});
