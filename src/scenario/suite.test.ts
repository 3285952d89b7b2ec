import { expect, it } from 'vitest';
import { renderDiagnostics } from './diagnostic.ts';
import { parseSuite } from './suite.ts';

const file = 'suites/s/suite.yaml';
const parse = (text: string): ReturnType<typeof parseSuite> =>
  parseSuite({ file, name: 's', text });
const complaints = (text: string): string => {
  const parsed = parse(text);
  return 'suite' in parsed
    ? 'no mistake'
    : `\n${renderDiagnostics(parsed.diagnostics, { [file]: text })}\n`;
};

it('reads a selection', () => {
  const text =
    'title: After each deploy\ntarget: staging\nscenarios: [staging/**]\nvars: { n: 5 }\n';
  expect(parse(text)).toEqual({
    suite: {
      name: 's',
      file,
      title: 'After each deploy',
      version: undefined,
      target: 'staging',
      requirements: undefined,
      scenarios: [{ pattern: 'staging/**', span: { file, line: 3, column: 13, length: 10 } }],
      profiles: {},
      vars: { n: 5 },
      aliases: {},
    },
  });
});

it('reads profiles of a frozen suite', () => {
  const text = `title: AWS
version: 2026.10
requirements: requirements.yaml
aliases: { old/a: connect/a }
profiles:
  connect: { title: Connecting, scenarios: [connect/a, connect/b] }
  leave: { scenarios: [disconnect/c], core: [disconnect/c#told, "disconnect/c[x=1]#late"] }
`;
  const parsed = parse(text);
  if (!('suite' in parsed)) throw new Error(complaints(text));
  const { version, profiles, scenarios, aliases } = parsed.suite;
  expect(version).toBe('2026.10');
  expect(scenarios.map(({ pattern }) => pattern)).toEqual([
    'connect/a',
    'connect/b',
    'disconnect/c',
  ]);
  expect(Object.entries(profiles).map(([key, { title }]) => [key, title])).toEqual([
    ['connect', 'Connecting'],
    ['leave', undefined],
  ]);
  expect(aliases).toEqual({ 'old/a': 'connect/a' });
  expect(Object.values(profiles).map(({ core }) => core)).toEqual([
    [],
    ['disconnect/c#told', 'disconnect/c[x=1]#late'],
  ]);
});

it('refuses a core that is not in its profile, or that names no check', () => {
  const text = `title: AWS
profiles:
  a: { scenarios: [connect/*], core: [connect/a#b, disconnect/a#b, connect/a] }
`;
  expect(complaints(text)).toMatchInlineSnapshot(`
    "
    suites/s/suite.yaml:3:52 - error SCN_UNKNOWN_NAME: "disconnect/a#b" is not in its profile

      2 | profiles:
    > 3 |   a: { scenarios: [connect/*], core: [connect/a#b, disconnect/a#b, connect/a] }
        |                                                    ^^^^^^^^^^^^^^ write "connect/*"

    suites/s/suite.yaml:3:68 - error SCN_UNKNOWN_NAME: "connect/a" names no check

      2 | …
    > 3 | …enarios: [connect/*], core: [connect/a#b, disconnect/a#b, connect/a] }
        |                                                            ^^^^^^^^^ did you mean "connect/*"?

    2 errors in 1 file. Nothing was run.
    "
  `);
});

it('says what is wrong', () => {
  expect(complaints('title: AWS\nversion: 1\nscenarios: [connect/*]\n')).toMatchInlineSnapshot(`
    "
    suites/s/suite.yaml:3:13 - error SUITE_PATTERN_IN_FROZEN: "connect/*" is a pattern, and a suite with a version lists ids

      2 | version: 1
    > 3 | scenarios: [connect/*]
        |             ^^^^^^^^^ write the ids, or leave out version

    1 error in 1 file. Nothing was run.
    "
  `);
  expect(complaints('title: AWS\nscenaros: [a]\n')).toMatchInlineSnapshot(`
    "
    suites/s/suite.yaml:2:1 - error SCN_UNKNOWN_KEY: unknown key "scenaros"

      1 | title: AWS
    > 2 | scenaros: [a]
        | ^^^^^^^^ did you mean "scenarios"?

    1 error in 1 file. Nothing was run.
    "
  `);
  expect(complaints('title: AWS\n')).toMatchInlineSnapshot(`
    "
    suites/s/suite.yaml:1:1 - error SCN_MISSING_KEY: the suite selects nothing

    > 1 | title: AWS
        | ^^^^^^^^^^ write scenarios: [connect/*], or profiles

    1 error in 1 file. Nothing was run.
    "
  `);
});
