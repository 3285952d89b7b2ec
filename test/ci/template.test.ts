// The templates of docs/ci: their commands are carried out in a shell, and what they collect afterwards is there.
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BIN, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { portOf } from '../support/process.ts';

let server: Server;
beforeAll(async () => {
  server = createServer((_, response) => response.writeHead(404).end());
  server.on('upgrade', ({ headers }, socket) => {
    const status = headers.authorization === 'Bearer right' ? 404 : 401;
    socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const SCENARIO = `title: It asks who is there
axes: { round: { a: a, b: b, c: c, d: d } }
steps: [{ connect: { query: { round: "\${round}" } } }]
checks: { known: { handshake: { status: 404 } } }
`;

interface Template {
  readonly commands: readonly string[];
  /** What it collects: files that must be there. */
  readonly collected: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const read = (file: string): string => readFileSync(join(PACKAGE_ROOT, 'docs/ci', file), 'utf8');

type Steps = readonly Readonly<Record<string, unknown>>[];

const TEMPLATES: Readonly<Record<string, () => Template>> = {
  'gitlab-ci.yml': () => {
    const { 'ws-assay': job } = parse(read('gitlab-ci.yml')) as {
      readonly 'ws-assay': {
        readonly parallel: number;
        readonly script: readonly string[];
        readonly artifacts: {
          readonly paths: readonly string[];
          readonly reports: { readonly junit: string };
        };
      };
    };
    return {
      commands: job.script,
      collected: [...job.artifacts.paths, job.artifacts.reports.junit],
      // "starts at 1" (GitLab, predefined variables)
      env: { CI_NODE_INDEX: '4', CI_NODE_TOTAL: String(job.parallel) },
    };
  },
  'circleci.yml': () => {
    const { jobs } = parse(read('circleci.yml')) as {
      readonly jobs: {
        readonly 'ws-assay': { readonly parallelism: number; readonly steps: Steps };
      };
    };
    const { parallelism, steps } = jobs['ws-assay'];
    const stored = steps.flatMap(
      (step) => (step['store_test_results'] ?? step['store_artifacts'] ?? []) as { path: string },
    );
    return {
      commands: steps.flatMap((step) => (typeof step['run'] === 'string' ? step['run'] : [])),
      collected: [...stored.map(({ path }) => path), 'ws-assay/junit.xml'],
      // "between 0 and CIRCLE_NODE_TOTAL - 1" (CircleCI, built-in variables)
      env: { CIRCLE_NODE_INDEX: '3', CIRCLE_NODE_TOTAL: String(parallelism) },
    };
  },
  'azure-pipelines.yml': () => {
    const { steps } = parse(read('azure-pipelines.yml')) as { readonly steps: Steps };
    const results = steps.flatMap(({ inputs }) => {
      const { testResultsFiles } = (inputs ?? {}) as { readonly testResultsFiles?: string };
      return testResultsFiles ?? [];
    });
    return {
      commands: steps.flatMap(({ script }) => (typeof script === 'string' ? script : [])),
      collected: [...results, ...steps.flatMap(({ publish }) => (publish as string) ?? [])],
      env: {},
    };
  },
  Jenkinsfile: () => {
    const text = read('Jenkinsfile');
    const all = (pattern: RegExp): readonly string[] =>
      [...text.matchAll(pattern)].map(([, found = '']) => found);
    return {
      commands: all(/\bsh '([^']+)'/g),
      collected: all(/\b(?:junit|archiveArtifacts) '([^'*]+?)(?:\/\*\*)?'/g),
      env: {},
    };
  },
};

describe.each(Object.entries(TEMPLATES))('%s', (_, template) => {
  it.each([
    ['right', 0],
    ['wrong', 1],
  ])('with a token that is %s ends with %i and leaves what it collects', async (token, code) => {
    const { commands, collected, env } = template();
    expect(commands).toHaveLength(2);
    expect(collected.length).toBeGreaterThan(1);
    const cwd = folderWith({
      'scenarios/staging/asks.yaml': SCENARIO,
      'targets/staging/target.yaml': `title: Staging
endpoints:
  open:
    url: ws://127.0.0.1:${portOf(server)}/
    credentials: { default: { headers: { Authorization: "Bearer \${secret:CHAT_TOKEN}" } } }
`,
      // A project that depends on ws-assay; nothing is fetched here.
      'package.json': '{ "name": "project", "private": true }',
      'package-lock.json':
        '{ "name": "project", "lockfileVersion": 3, "packages": { "": { "name": "project" } } }',
    });
    const script = [
      'npm() { :; }',
      'npx() { [ "$1" = ws-assay ] || exit 99; shift; node_modules/.bin/ws-assay "$@"; }',
      ...commands,
    ];
    mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
    symlinkSync(BIN, join(cwd, 'node_modules/.bin/ws-assay'));
    const { done } = start(['bash', '--norc', '-e', '-c', script.join('\n')], {
      cwd,
      env: { ...env, CHAT_TOKEN: token },
    });
    const ended = await done;
    expect(ended.stderr).toContain(Object.keys(env).length === 0 ? '4 cases' : 'part 4 of 4');
    expect(ended.code).toBe(code);
    expect(collected.filter((path) => !existsSync(join(cwd, path)))).toEqual([]);
  });
});

it('github.yml uses inputs that the action has', () => {
  const { jobs } = parse(read('github.yml')) as {
    readonly jobs: {
      readonly endpoint: {
        readonly steps: readonly { readonly uses?: string; readonly with?: object }[];
      };
    };
  };
  const { inputs } = parse(readFileSync(join(PACKAGE_ROOT, 'action.yml'), 'utf8')) as {
    readonly inputs: object;
  };
  const used = jobs.endpoint.steps.filter(({ uses }) => uses?.startsWith('ws-assay/'));
  expect(used).toHaveLength(1);
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(used[0]?.with ?? {})));
});
