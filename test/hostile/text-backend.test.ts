// The same text where a backend and a management API say it: in every field of an event, in the
// connection id, in the answer to a call; and on a terminal.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { main } from '../../src/cli/main.ts';
import { OUT, type Ran, runAssay } from '../support/assay.ts';
import { type HandServer, startHandServer, startSocketServer } from '../support/hand-server.ts';
import { ACTIVE, ALL, latin1, line, MARKDOWN, MARKUP } from '../support/hostile-text.ts';
import { testIo } from '../support/io.ts';

const ID = `id"><script>alert(1)</script>\u001b[2J\u202e`;
const SCENARIO = `
title: Whatever the backend says is text
steps:
  - connect:
  - postToConnection: { body: hi }
  - close: { code: 1000 }
checks:
  body: { events: { $connect: { each: { body: plain } } } }
  reason: { events: { $disconnect: { each: { requestContext.disconnectReason: plain } } } }
  path: { events: { $connect: { each: { "headers[\\"X-Text\\"]": plain } } } }
  answer-body: { answers: { postToConnection: { body: plain } } }
  answer-header: { answers: { postToConnection: { headers: { X-Text: plain } } } }
  as-seen:
    record: [$connect.body, $connect.requestContext.connectionId, $disconnect.requestContext.disconnectReason]
  answer-as-seen: { record: [answers.postToConnection.body, answers.postToConnection.headers] }
`;

const folder = mkdtempSync(join(tmpdir(), 'ws-assay-backend-'));
const events = join(folder, 'events.ndjson');
let server: HandServer;
let management: HandServer;

/** What a backend of somebody else writes into its log. */
function write(type: string, nonce: string, more: object): void {
  const event = {
    body: ALL,
    headers: { 'X-Text': MARKUP, [MARKUP]: MARKDOWN },
    [ALL]: ALL,
    requestContext: { connectionId: ID, stage: MARKDOWN, ...more },
  };
  const record = { v: 1, type, at: Date.now(), nonce, connectionId: ID, event, requestId: ALL };
  appendFileSync(events, `${JSON.stringify(record)}\n`);
}

beforeAll(async () => {
  writeFileSync(events, '');
  server = await startHandServer({
    answered: (socket, { target }) => {
      const [, nonce = ''] = /[?&]assay=([a-z2-7]{26})/.exec(target) ?? [];
      write('CONNECT', nonce, { routeKey: '$connect' });
      socket.once('close', () => write('DISCONNECT', nonce, { disconnectReason: ALL }));
    },
  });
  management = await startSocketServer((socket) => {
    const body = latin1(ALL);
    const head = `HTTP/1.1 403 ${line(ALL)}\r\nX-Text: ${line(ALL)}\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.once('data', () => socket.end(Buffer.from(`${head}${body}`, 'latin1')));
  });
});

afterAll(() => {
  server.stop();
  management.stop();
  rmSync(folder, { recursive: true, force: true });
});

function files(): Readonly<Record<string, string>> {
  return {
    'scenarios/own/text.yaml': SCENARIO,
    'targets/hostile/target.yaml': `title: Hostile
url: ${server.url}
management: ${management.url.replace('ws:', 'http:')}{id}
observer: { file: ${events}, settle: 100ms }
`,
  };
}

function run(...options: readonly string[]): Promise<Ran> {
  return runAssay(['own/*', '--target', 'hostile', ...options], { files: files() });
}

function textOf(ran: Ran, file: string): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
    ran.files[`${OUT}/${file}`],
  );
}

test.each(['console', 'ndjson', 'json', 'junit', 'markdown'] as const)(
  'does nothing to a terminal or a file, reporter %s',
  async (reporter) => {
    const ran = await run('--reporter', reporter);
    expect({ code: ran.code, ...ran.result().counts }).toMatchObject({
      code: 1,
      failed: 5,
      recorded: 2,
      errored: 0,
    });
    expect([ran.stderr, ran.stdout].map((text) => ACTIVE.exec(text))).toEqual([null, null]);
    const active = ['result.json', 'journal.ndjson', 'summary.md', 'report.html'].filter((file) =>
      ACTIVE.test(textOf(ran, file)),
    );
    expect(active).toEqual([]);
    expect(JSON.stringify(ran.result())).toContain(JSON.stringify(ALL).slice(1, -1));
  },
);

test('does nothing to a terminal that has colours and a line of progress', async () => {
  const plain = testIo({ argv: ['run', 'own/*', '--target', 'hostile', '--out', OUT] });
  const io = { ...plain, terminal: { isTTY: true, color: true, columns: 80 } };
  for (const [path, text] of Object.entries(files())) {
    mkdirSync(join(io.cwd, path, '..'), { recursive: true });
    writeFileSync(join(io.cwd, path), text);
  }
  expect(await main(io)).toBe(1);
  rmSync(io.cwd, { recursive: true, force: true });
  // Colours, and what draws the line of progress again, are all that is ours.
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const rest = io.stderrText().replaceAll(/\u001b\[\d*m|\r|\u001b\[\d*K/g, '');
  expect(ACTIVE.exec(rest)).toBe(null);
  expect(io.stderrText()).not.toContain('\u001b[2J');
});

test.each(['ci', 'xunit-strict'] as const)(
  'leaves JUnit well-formed, dialect %s',
  async (dialect) => {
    const xml = textOf(await run('--junit-dialect', dialect), 'junit.xml');
    const { valid, errors, normalized } = await validateXML({ xml, normalization: 'c14n' });
    expect({ valid, errors }).toEqual({ valid: true, errors: [] });
    expect(normalized.match(/<testcase /g)?.length).toBe(7);
    expect(normalized).not.toMatch(/<(script|img)/);
  },
);

test('is text on the page', async () => {
  const page = textOf(await run(), 'report.html');
  expect(page).not.toMatch(/<img|<[a-z][^>]*\sonerror=/i);
  const harmless = await runAssay(['connect/refuses-with-400']);
  const scripts = (html: string): number => html.match(/<script/g)?.length ?? 0;
  expect(scripts(page)).toBe(scripts(textOf(harmless, 'report.html')));
  expect(page).toContain('&lt;img src=x onerror=alert(1)');
});

test('forges no table, heading, link or command in the summary', async () => {
  const summary = textOf(await run(), 'summary.md');
  // Ours begin with three or four signs.
  expect(summary.split('\n').filter((text) => /^\s*(##? |::)/.test(text))).toEqual([]);
  expect(summary).not.toMatch(/\]\(javascript|<script|<img/);
});
