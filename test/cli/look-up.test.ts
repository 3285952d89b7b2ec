// Commands that only read: list, explain, validate, run --dry-run.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FAULTS } from '../../src/gateway/faults.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

interface ListedScenario {
  readonly id: string;
  readonly checks: readonly string[];
  readonly cases: number;
}

async function json<T>(...argv: readonly string[]): Promise<T> {
  const done = await inProcess([...argv, '--format', 'json'], { cwd: folderWith() });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(done.stdout) as T; // each test asserts the shape it expects
}

it('lists every scenario file of the package, as text and as JSON', async () => {
  const listed = await json<readonly ListedScenario[]>('list');
  const files = readdirSync(`${PACKAGE_ROOT}scenarios`, { recursive: true, encoding: 'utf8' });
  const ids = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));
  expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  const text = await inProcess(['list', 'connect/throws'], { cwd: folderWith() });
  expect(text.stdout).toMatch(/^connect\/throws\n {4}.*\n {4}not-opened, /);
});

it('lists a selection: ids, patterns, a suite, files of one’s own', async () => {
  const ids = async (...words: string[]): Promise<readonly string[]> =>
    (await json<readonly ListedScenario[]>('list', ...words)).map(({ id }) => id);
  expect(await ids('connect/throws', 'management/g*')).toEqual([
    'connect/throws',
    'management/get-times',
    'management/get',
    'management/gone',
  ]);
  const suite = await ids('rfc6455-handshake');
  expect(suite.length).toBeGreaterThan(15);
  expect(suite.filter((id) => !id.startsWith('rfc6455-handshake/'))).toEqual([]);
});

it('lists requirements with what tests them or why nothing does', async () => {
  type Row = { id: string; level: string; checks: readonly string[]; excluded?: string };
  const rows = await json<readonly Row[]>('list', '--requirements');
  expect(rows.length).toBeGreaterThan(100);
  const undecided = rows.filter(
    ({ checks, excluded }) => (checks.length === 0) === (excluded === undefined),
  );
  expect(undecided).toEqual([]);
});

it('lists targets and faults', async () => {
  const targets = await json<readonly { name: string }[]>('list', '--targets');
  expect(targets.map(({ name }) => name)).toContain('reference');
  const faults = await json<readonly { name: string }[]>('list', '--faults');
  expect(faults.map(({ name }) => name)).toEqual(FAULTS.map(({ name }) => name));
});

it.each([
  ['a scenario', 'connect/throws', ['run it     ws-assay run connect/throws', '#not-opened']],
  [
    'a check',
    'connect/throws#status-502',
    ['#status-502', 'broken by ', 'refuses-with-403-always'],
  ],
  ['a requirement', 'connect.integration.documented-400', ['MUST', 'source', 'tested by']],
])('explains %s', async (_, id, parts) => {
  const done = await inProcess(['explain', id], { cwd: folderWith() });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  for (const part of parts) expect(done.stdout).toContain(part);
});

it('explains one check only when it is asked for one', async () => {
  const done = await inProcess(['explain', 'connect/throws#status-502'], { cwd: folderWith() });
  expect(done.stdout).not.toContain('#not-opened');
});

it.each([
  ['connect/throw', 'Did you mean connect/throws?'],
  ['connect/throws#status-501', 'Did you mean connect/throws#status-502?'],
  ['connect.integration.documented-401', 'Did you mean connect.integration.documented-400?'],
  ['qqqqqqqq', 'ws-assay list'],
])('does not know %s', async (id, hint) => {
  const done = await inProcess(['explain', id], { cwd: folderWith() });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(hint);
});

it('plans without starting anything: no process, no file', async () => {
  const cwd = folderWith();
  const done = await inProcess(['run', '--dry-run'], { cwd });
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain('target reference (would be started)');
  expect(done.stdout).toMatch(/\d+ cases, \d+ checks, at most \d+ at a time/);
  expect(done.stdout).toMatch(/connections: \d+\nlongest possible: /);
  expect(readdirSync(cwd)).toEqual([]);
});

it('counts one as one', async () => {
  const text = 'title: t\nsteps:\n  - connect:\nchecks:\n  a: { handshake: { status: 101 } }\n';
  const cwd = folderWith({ 'a.yaml': text });
  const done = await inProcess(['run', 'a.yaml', '--dry-run', '--url', 'ws://127.0.0.1:9/'], {
    cwd,
  });
  expect(done.stdout).toContain('\n1 case, 1 check, at most ');
});

it('plans what does not apply, and why', async () => {
  const done = await inProcess(
    ['run', '--dry-run', '--url', 'wss://chat.example.com/', 'management/get'],
    { cwd: folderWith() },
  );
  expect(done.stdout).toMatch(/1 not applicable\n {2}management\/get: not applicable \(\w+/);
});

const MISTAKES = `titel: Six mistakes
isolation: alone
steps:
  - conect:
  - as: b
    connect: { backend: { $connect: { hold: 5 parsecs } } }
checks:
  refused: { connection: c, handshake: { status: { oneOf: [401, x] } } }
`;

const EXPECTED = [
  ['SCN_UNKNOWN_KEY', 1, 1],
  ['SCN_BAD_VALUE', 2, 12],
  ['SCN_UNKNOWN_KEY', 4, 5],
  ['SCN_BAD_DURATION', 6, 45],
  ['SCN_UNKNOWN_NAME', 8, 26],
  ['SCN_BAD_VALUE', 8, 65],
] as const;

it('finds every mistake of a file at once, in place, and runs nothing', async () => {
  const cwd = folderWith({ 'scenarios/my/wrong.yaml': MISTAKES });
  const validated = await inProcess(['validate', 'scenarios/my/wrong.yaml'], { cwd });
  expect(validated).toMatchObject({ code: 2, stdout: '' });
  expect(validated.stderr).toMatchInlineSnapshot(`
    "scenarios/my/wrong.yaml:1:1 - error SCN_UNKNOWN_KEY: unknown key "titel"

    > 1 | titel: Six mistakes
        | ^^^^^ did you mean "title"?

    scenarios/my/wrong.yaml:2:12 - error SCN_BAD_VALUE: "alone" is not one of shared, exclusive, destructive

      1 | titel: Six mistakes
    > 2 | isolation: alone
        |            ^^^^^ write one of: shared, exclusive, destructive

    scenarios/my/wrong.yaml:4:5 - error SCN_UNKNOWN_KEY: unknown key "conect"

      3 | steps:
    > 4 |   - conect:
        |     ^^^^^^ did you mean "connect"?

    scenarios/my/wrong.yaml:6:45 - error SCN_BAD_DURATION: "5 parsecs" is not a duration

      5 |   - as: b
    > 6 |     connect: { backend: { $connect: { hold: 5 parsecs } } }
        |                                             ^^^^^^^^^ write a number and a unit: 250ms, 5s, 2m

    scenarios/my/wrong.yaml:8:26 - error SCN_UNKNOWN_NAME: there is no connection "c"

      7 | checks:
    > 8 |   refused: { connection: c, handshake: { status: { oneOf: [401, x] } } }
        |                          ^ did you mean "b"?

    scenarios/my/wrong.yaml:8:65 - error SCN_BAD_VALUE: "x" is not an integer of at least 0

      7 | …:
    > 8 | …sed: { connection: c, handshake: { status: { oneOf: [401, x] } } }
        |                                                            ^ write an integer of at least 0

    6 errors in 1 file. Nothing was run.
    "
  `);
  const run = await inProcess(['run', 'my/wrong'], { cwd });
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(validated.stderr.trimEnd());
  expect(readdirSync(cwd)).toEqual(['scenarios']);
});

it('gives the same as data', async () => {
  const cwd = folderWith({ 'scenarios/my/wrong.yaml': MISTAKES });
  const done = await inProcess(['validate', '--format', 'json', 'scenarios/my/wrong.yaml'], {
    cwd,
  });
  expect(done).toMatchObject({ code: 2, stderr: '' });
  const found = JSON.parse(done.stdout) as readonly {
    code: string;
    span: { file: string; line: number; column: number };
  }[];
  expect(found.map(({ code, span }) => [code, span.line, span.column])).toEqual(EXPECTED);
  expect(new Set(found.map(({ span }) => span.file))).toEqual(new Set(['scenarios/my/wrong.yaml']));
});

it('validates everything that the package ships', async () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const done = await inProcess(['validate'], { cwd });
  expect(done).toMatchObject({ code: 0, stdout: '' });
  expect(done.stderr).toMatch(/^\d+ files? (is|are) valid\.\n$/);
});

it.each([
  ['targets/t/target.yaml', 'title: t\nurl: http://h/\n', 'TGT_BAD_URL'],
  ['suites/s/suite.yaml', 'title: s\nscenarioz: [a]\n', 'SCN_UNKNOWN_KEY'],
  ['suites/s/requirements.yaml', 'titel: s\n', 'SCN_UNKNOWN_KEY'],
  ['gateway.yaml', 'Api: 1\n', 'Api'],
])('validates %s', async (file, text, code) => {
  const done = await inProcess(['validate', file], { cwd: folderWith({ [file]: text }) });
  expect(done.code).toBe(2);
  expect(done.stderr).toContain(`${file}:`);
  expect(done.stderr).toContain(code);
});
