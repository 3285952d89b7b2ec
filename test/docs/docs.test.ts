// What the documentation claims is there: files, options, codes, scenarios, and examples that are valid.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { parse } from 'yaml';
import { main } from '../../src/cli/main.ts';
import { readGatewayConfig } from '../../src/gateway/config-file.ts';
import { FAULTS } from '../../src/gateway/faults.ts';
import { DIAGNOSTIC_CODES, renderDiagnostics } from '../../src/scenario/diagnostic.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { parseRequirements } from '../../src/scenario/requirement.ts';
import { parseSuite } from '../../src/scenario/suite.ts';
import { parseBaseline } from '../../src/target/baseline.ts';
import { parseTargetFile } from '../../src/target/parse.ts';
import { deviations, runAssay, verdictLines } from '../support/assay.ts';
import { PACKAGE_ROOT, testIo } from '../support/io.ts';
import {
  anchorsOf,
  type Block,
  blocksOf,
  codeOf,
  type Page,
  pages,
  relativeLinksOf,
  spansOf,
} from './markdown.ts';

const PAGES = pages();
const GUIDES = PAGES.filter(({ file }) => file.startsWith('docs/') || !file.includes('/'));
const COMMANDS = [
  'baseline',
  'bench',
  'run',
  'list',
  'explain',
  'export',
  'import',
  'validate',
  'gateway',
  'report',
  'selftest',
  'target',
  'reconcile',
  'calibrate',
  'drift',
] as const;

test('there are guides to test', () => {
  expect(PAGES.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['docs/writing-scenarios.md', 'docs/running.md', 'CONTRIBUTING.md']),
  );
  expect(yamlBlocks().length).toBeGreaterThan(10);
});

test.for(yamlBlocks().map((block) => [block.place, block] as const))(
  'the YAML at %s is what it says',
  ([, block]) => {
    expect(mistakesOf(block)).toBe('');
  },
);

test.for(PAGES.map((page) => [page.file, page] as const))('links of %s resolve', ([, page]) => {
  expect(relativeLinksOf(page).filter((link) => !resolves(page, link))).toEqual([]);
});

test('every command and option that is mentioned exists', async () => {
  const helps = await helpTexts();
  const unknown = GUIDES.flatMap((page) =>
    codeOf(page).flatMap((code) => unknownIn(code, helps).map((what) => `${page.file}: ${what}`)),
  );
  expect(unknown).toEqual([]);
});

test('every option that is mentioned alone exists somewhere', async () => {
  const known = optionsIn([...(await helpTexts()).values()].join('\n'));
  const unknown = GUIDES.flatMap((page) =>
    spansOf(page)
      .filter((code) => code.startsWith('--'))
      .flatMap((code) => [...optionsIn(code)].filter((option) => !known.has(option)))
      .map((option) => `${page.file}: ${option}`),
  );
  expect(unknown).toEqual([]);
});

test('every code that is mentioned exists', () => {
  const known = new Set<string>([...Object.keys(DIAGNOSTIC_CODES), ...toolCodes()]);
  const unknown = GUIDES.flatMap(({ file, text }) =>
    [...text.matchAll(CODE)]
      .map(([code]) => code)
      .filter((code) => !known.has(code))
      .map((code) => `${file}: ${code}`),
  );
  expect(unknown).toEqual([]);
});

test('every scenario, check and fault that is named is there', () => {
  const known = shippedChecks();
  const unknown = GUIDES.flatMap(({ file, text }) => [
    ...[...text.matchAll(SHIPPED)]
      .map(([id]) => id)
      .filter((id) => !known.has(id))
      .map((id) => `${file}: ${id}`),
    ...[...text.matchAll(/(?:--fault|selftest) ([a-z][\w-]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => !FAULTS.some((fault) => fault.name === name))
      .map((name) => `${file}: fault ${name}`),
  ]);
  expect(unknown).toEqual([]);
});

test('the first scenario of the guide does what the guide says', async () => {
  const guide = GUIDES.find(({ file }) => file === 'docs/writing-scenarios.md');
  const [first] = guide === undefined ? [] : blocksOf(guide).filter(isYaml);
  const server = await startChat('letmein-4711');
  try {
    const given = { files: { 'chat.yaml': first?.text ?? '' } };
    const args = ['chat.yaml', '--url', server.url];
    const good = await runAssay(args, { ...given, env: { CHAT_TOKEN: 'letmein-4711' } });
    expect(verdictLines(good.result())).toEqual([
      'passed chat#stranger-is-refused',
      'passed chat#member-opens',
      'passed chat#ping-is-answered',
    ]);
    expect(good.code).toBe(0);
    const bad = await runAssay(args, { ...given, env: { CHAT_TOKEN: 'another-token' } });
    expect(verdictLines(bad.result())).toEqual([
      'passed chat#stranger-is-refused',
      'failed chat#member-opens',
      'failed chat#ping-is-answered',
    ]);
    expect(bad.code).toBe(1);
  } finally {
    await server.close();
  }
});

test('the scenario for the probe passes on the reference gateway and notices a fault', async () => {
  const guide = GUIDES.find(({ file }) => file === 'docs/testing-an-emulator.md');
  const late = (guide === undefined ? [] : blocksOf(guide)).find(({ text }) =>
    text.startsWith('title: A subprotocol that is chosen late'),
  );
  const given = { files: { 'late.yaml': late?.text ?? '' } };
  const good = await runAssay(['late.yaml'], given);
  expect(deviations(good.result())).toEqual([]);
  expect(good.code).toBe(0);
  const faulty = await runAssay(['late.yaml', '--fault', 'drops-disconnect-after-reset'], given);
  expect(deviations(faulty.result())).toEqual([
    'failed late#after-the-end',
    'failed late#told-once',
  ]);
});

test.for([
  ['subprotocols', 'subprotocol'],
  ['within: 2s', 'within: 2'],
  ['"Bearer ${secret:CHAT_TOKEN}"', 'Bearer ${secret:CHAT_TOKEN}'],
  ['json: { type: pong }', 'json: { user: { name: pong } }'],
  ['  - connection: member\n    send', '\n  - send'],
  ['status: 101, subprotocol: chat }', 'status: 101 }, closed: { code: 1000 }'],
] as const)('the guide shows what is printed for the mistake %#', ([right, wrong]) => {
  const guide = GUIDES.find(({ file }) => file === 'docs/writing-scenarios.md')?.text ?? '';
  const [first] = blocksOf({ file: '', text: guide }).filter(isYaml);
  const text = first?.text.replace(right, () => wrong) ?? '';
  const parsed = parseScenario({ file: 'chat.yaml', id: 'chat', text });
  const diagnostics = 'diagnostics' in parsed ? parsed.diagnostics : [];
  const printed = renderDiagnostics(diagnostics, { 'chat.yaml': text });
  expect(printed).toContain('error SCN_');
  expect(guide).toContain(printed.slice(0, printed.lastIndexOf('\n\n')));
});

test('the guide shows how several mistakes of one file are printed', () => {
  const guide = GUIDES.find(({ file }) => file === 'docs/writing-scenarios.md')?.text ?? '';
  const [first] = blocksOf({ file: '', text: guide }).filter(isYaml);
  const text = [
    ['    connect:\n', '    conect:\n'],
    ['"Bearer ${secret:CHAT_TOKEN}" } }', 'Bearer ${secret:CHAT_TOKEN} }'],
    ['  - connection: member\n', '  - connection: membre\n'],
  ].reduce((all, [right = '', wrong = '']) => all.replace(right, () => wrong), first?.text ?? '');
  const parsed = parseScenario({ file: 'chat.yaml', id: 'chat', text });
  const diagnostics = 'diagnostics' in parsed ? parsed.diagnostics : [];
  expect(diagnostics).toHaveLength(4);
  expect(guide).toContain(renderDiagnostics(diagnostics, { 'chat.yaml': text }));
});

test('the target of the guide for emulators is the one that is shipped', () => {
  const guide = GUIDES.find(({ file }) => file === 'docs/testing-an-emulator.md');
  const blocks = guide === undefined ? [] : blocksOf(guide).filter(isYaml);
  const shown = blocks.map(({ text }): unknown => parse(text));
  const shipped = ['target.yaml', 'open.yml'].map((file): unknown =>
    parse(readFileSync(join(PACKAGE_ROOT, 'targets/serverless-offline', file), 'utf8')),
  );
  expect(shown).toEqual(expect.arrayContaining(shipped));
});

const CODE =
  /\b(?:SCN|TGT|SUITE|REQ|TARGET|OBSERVER|REPORT|GATEWAY|FILE|RUN|NOTHING)_[A-Z]+(?:_[A-Z]+)*\b/g;
const FOLDERS = readdirSync(join(PACKAGE_ROOT, 'scenarios')).join('|');
const SHIPPED = new RegExp(
  String.raw`(?<![\w/.])(?:${FOLDERS})\/[a-z0-9-]+(?:#[a-z0-9-]+)?(?![\w/.-])`,
  'g',
);

function yamlBlocks(): readonly Block[] {
  return GUIDES.flatMap((page) => blocksOf(page).filter(isYaml));
}

function isYaml({ language }: Block): boolean {
  return language === 'yaml' || language === 'yml';
}

/** Every mistake as text; empty for a valid file, and for YAML of others that parses. */
function mistakesOf({ text, place, kind }: Block): string {
  if (kind === 'gateway') {
    const reading = readGatewayConfig(text, '/tmp/gateway.yaml');
    return reading.kind === 'config' ? '' : reading.problems.map(({ message }) => message).join();
  }
  const keys = keysOf(text);
  if (kind !== undefined) return '';
  const parsed = ['steps', 'load', 'throttle'].some((key) => keys.includes(key))
    ? parseScenario({ file: place, id: 'docs/example', text })
    : keys.includes('requirements')
      ? parseRequirements(place, text)
      : keys.includes('scenarios') || keys.includes('profiles')
        ? parseSuite({ file: place, name: 'example', text })
        : keys.includes('entries')
          ? parseBaseline({ file: place, text })
          : parseTargetFile({ file: place, name: 'example', text });
  return 'diagnostics' in parsed ? renderDiagnostics(parsed.diagnostics, { [place]: text }) : '';
}

function keysOf(text: string): readonly string[] {
  const value: unknown = parse(text);
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function resolves(page: Page, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page.file : normalize(join(dirname(page.file), path));
  const full = join(PACKAGE_ROOT, file);
  if (!existsSync(full)) return false;
  return anchor === undefined || anchorsOf({ text: readFileSync(full, 'utf8') }).has(anchor);
}

const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  baseline: ['update'],
  export: ['k6'],
  import: ['k6'],
  target: ['aws'],
};

async function helpTexts(): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(
    COMMANDS.map(async (command) => {
      const argv = [command, ...(SUBCOMMANDS[command] ?? []), '--help'];
      const io = testIo({ argv });
      expect(await main(io)).toBe(0);
      return [command, io.stdoutText()] as const;
    }),
  );
  return new Map(texts);
}

/** What stands after `ws-assay` in a line of code and is no command, or no option of it. */
function unknownIn(code: string, helps: ReadonlyMap<string, string>): readonly string[] {
  return [...code.matchAll(/\bws-assay ([a-z][a-z0-9]*)([^|>`]*)/g)].flatMap(
    ([whole, command = '', rest = '']) => {
      const help = helps.get(command);
      if (help === undefined) return [`${whole}: no such command`];
      const known = optionsIn(help);
      return [...optionsIn(rest)].filter((one) => !known.has(one)).map((one) => `${whole}: ${one}`);
    },
  );
}

function optionsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([option]) => option));
}

/** The codes in the table of docs/errors.md. */
function toolCodes(): readonly string[] {
  const text = readFileSync(join(PACKAGE_ROOT, 'docs/errors.md'), 'utf8');
  return [...text.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code = '']) => code);
}

/** `connect/throws` and `connect/throws#status-502` for everything below `scenarios/`. */
function shippedChecks(): ReadonlySet<string> {
  const root = join(PACKAGE_ROOT, 'scenarios');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return new Set(
    files
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => {
        const id = file.replace(/\.yaml$/, '');
        const scenario: unknown = parse(readFileSync(join(root, file), 'utf8'));
        return [id, ...checkNames(scenario).map((name) => `${id}#${name}`)];
      }),
  );
}

function checkNames(scenario: unknown): readonly string[] {
  const parts = scenario as Readonly<Record<string, object | undefined>>; // a shipped scenario
  return Object.keys({ ...parts['checks'], ...parts['thresholds'] });
}

/** The chat that docs/writing-scenarios.md speaks of. */
async function startChat(token: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
    verifyClient: ({ req }: { readonly req: IncomingMessage }) =>
      req.headers.authorization === `Bearer ${token}`,
  });
  server.on('connection', (client) => {
    client.on('message', () => {
      client.send('{"type":"pong"}');
    });
  });
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `ws://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => {
          resolve();
        });
      }),
  };
}
