// `validate` over many files: every mistake of all of them, of every kind, in one go.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';

const GOOD = `title: It opens
steps:
  - connect:
checks:
  opens: { handshake: { status: 101 } }
`;

/** \`file:line:column CODE\` of each mistake that was printed. */
function places(stderr: string): readonly string[] {
  return [...stderr.matchAll(/^(\S+:\d+:\d+) - (?:error|warning) (\w+)/gm)].map(
    ([, place, code]) => `${place} ${code}`,
  );
}

it('shows all mistakes of all files: scenarios, targets, suites, requirements, gateways', async () => {
  const cwd = folderWith({
    'scenarios/a/one.yaml': GOOD.replace('status', 'statsu').replace('title', 'titel'),
    'scenarios/a/two.yaml': GOOD.replace('{ status: 101 }', '{ status: ${s} }').replace(
      '- connect:',
      '- conect:',
    ),
    'targets/mine/target.yaml': 'titel: x\nurl: http://h/\nlimit: {}\n',
    'suites/mine/suite.yaml':
      'title: s\ntarget: mien\nscenarios: [a/one, a/tow]\nprofile: { a: {} }\n',
    'suites/mine/requirements.yaml':
      'title: r\nrequirements:\n  a.b: { level: shall, statement: x, excluded: y }\n',
    'gateway.yaml': 'Api: 1\n',
  });
  const files = [
    'scenarios',
    'targets/mine/target.yaml',
    'suites',
    'gateway.yaml',
    'missing.yaml',
    'also/missing.yaml',
  ];
  const done = await inProcess(['validate', ...files], { cwd });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(places(done.stderr)).toEqual([
    'gateway.yaml:1:1 GATEWAY_CONFIG',
    'gateway.yaml:1:6 GATEWAY_CONFIG',
    'scenarios/a/one.yaml:1:1 SCN_UNKNOWN_KEY',
    'scenarios/a/one.yaml:5:25 SCN_UNKNOWN_KEY',
    'scenarios/a/two.yaml:3:5 SCN_UNKNOWN_KEY',
    'scenarios/a/two.yaml:5:33 SCN_UNQUOTED_VARIABLE',
    'suites/mine/requirements.yaml:3:17 SCN_BAD_VALUE',
    'suites/mine/suite.yaml:2:9 SCN_UNKNOWN_NAME',
    'suites/mine/suite.yaml:3:20 SCN_UNKNOWN_NAME',
    'suites/mine/suite.yaml:4:1 SCN_UNKNOWN_KEY',
    'suites/mine/suite.yaml:4:12 SCN_MISSING_KEY',
    'targets/mine/target.yaml:1:1 SCN_UNKNOWN_KEY',
    'targets/mine/target.yaml:2:6 TGT_BAD_URL',
    'targets/mine/target.yaml:3:1 SCN_UNKNOWN_KEY',
  ]);
  expect(done.stderr).toContain('"mien" is no target');
  expect(done.stderr).toContain('did you mean "mine"?');
  expect(done.stderr).toContain('There is no missing.yaml.\nThere is no also/missing.yaml.');
});

it('knows the files that a scenario names', async () => {
  const cwd = folderWith({
    'a.yaml': GOOD.replace(
      '  opens: { handshake: { status: 101 } }',
      `  one: { events: { $connect: { schema: gone.json } } }
  two: { handshake: { body: { schema: broken.json } } }
  three: { received: { each: { json: { a: { not: { schema: wrong.json } } } } } }
  four: { received: { each: { json: { schema: gone.json } } } }
  five: { handshake: { body: { schema: { type: strng } } } }
  six: { handshake: { body: { schema: good.json } } }`,
    ),
    'broken.json': '{ "type": "string"',
    'wrong.json': '{ "type": "strng" }',
    'good.json': '{ "type": "string" }',
  });
  const done = await inProcess(['validate', 'a.yaml'], { cwd });
  expect(places(done.stderr)).toEqual([
    'a.yaml:5:40 SCN_FILE_MISSING',
    'a.yaml:6:39 SCN_BAD_VALUE',
    'a.yaml:7:60 SCN_BAD_VALUE',
    'a.yaml:9:40 SCN_BAD_VALUE',
  ]);
  const run = await inProcess(['run', 'a.yaml', '--url', 'ws://127.0.0.1:9/'], { cwd });
  expect(run.code).toBe(2);
  expect(run.stderr).toContain(done.stderr.trimEnd());
});

it.each([
  ['a file that is none of its files', ['notes.txt'], 'notes.txt is not a scenario'],
  ['a folder without any', ['empty'], 'There is no scenario in empty.'],
])('refuses %s', async (_, files, message) => {
  const cwd = folderWith({ 'notes.txt': 'x', 'empty/readme.md': 'x' });
  const done = await inProcess(['validate', ...files], { cwd });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain(message);
  expect(done.stderr).not.toContain('valid.');
});

it('shows a target by its path from the working directory, and starts it from anywhere', async () => {
  const cwd = folderWith({
    'targets/mine/target.yaml': 'title: t\nurl: "${env:NOT_SET}"\n',
    'a.yaml': GOOD,
  });
  for (const target of [
    'mine',
    'targets/mine/target.yaml',
    join(cwd, 'targets/mine/target.yaml'),
  ]) {
    const done = await inProcess(['run', 'a.yaml', '--target', target], { cwd });
    expect(done.code).toBe(2);
    expect(places(done.stderr)).toEqual(['targets/mine/target.yaml:2:7 SCN_MISSING_ENV']);
    expect(done.stderr).toContain('> 2 | url: "${env:NOT_SET}"');
  }
});

it('without files checks what the working directory has, and nothing else', async () => {
  const cwd = folderWith({
    'scenarios/one.yaml': GOOD,
    'targets/mine/target.yaml': 'url: ws://127.0.0.1:9/\n',
    'targets/mine/gateway.yaml': 'Api: 1\n',
    'elsewhere/two.yaml': 'title: x\n',
  });
  const done = await inProcess(['validate'], { cwd });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(places(done.stderr)).toEqual([
    'targets/mine/gateway.yaml:1:1 GATEWAY_CONFIG',
    'targets/mine/gateway.yaml:1:6 GATEWAY_CONFIG',
  ]);
});

it('without files in a folder that has none says so, and does not praise the files of the package', async () => {
  const done = await inProcess(['validate'], { cwd: folderWith({ 'notes.txt': '' }) });
  expect(done).toMatchObject({ code: 2, stdout: '' });
  expect(done.stderr).toContain('There is nothing to validate');
  expect(done.stderr).not.toContain('valid.\n');
});
