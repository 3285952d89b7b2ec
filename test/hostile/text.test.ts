// Text from a server that would act on a terminal, an XML parser or a browser if it were not treated
// as text: in the status line, headers, body, messages, close reason.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { OUT, type Ran, runAssay } from '../support/assay.ts';
import { closePayload, frame, type HandServer, startHandServer } from '../support/hand-server.ts';
import {
  ACTIVE,
  ALL,
  ANSI,
  BIDI,
  CLIPBOARD,
  latin1,
  line,
  MARKDOWN,
  MARKUP,
  NOT_UTF8,
} from '../support/hostile-text.ts';

const SCENARIO = `
title: Whatever it says is text
steps:
  - as: refused
    connect: { path: /refused }
  - as: phrased
    connect: { path: /phrased }
  - as: broken
    connect: { path: /broken }
  - as: accepted
    connect: { subprotocols: [chat] }
  - connection: accepted
    wait: closed
    within: 3s
  - as: badly-closed
    connect: { path: /badly-closed }
  - connection: badly-closed
    wait: closed
    within: 3s
checks:
  phrase: { connection: refused, handshake: { phrase: plain } }
  header: { connection: refused, handshake: { headers: { X-Text: plain } } }
  body: { connection: refused, handshake: { body: plain } }
  opens: { connection: phrased, handshake: { phrase: plain } }
  broken: { connection: broken, handshake: { outcome: opened } }
  accepted-header: { connection: accepted, handshake: { headers: { X-Text: plain } } }
  message: { connection: accepted, received: { each: { text: plain } } }
  ping: { connection: accepted, frames: { some: { opcode: ping, payload: plain } } }
  reason: { connection: accepted, closed: { reason: plain } }
  bad-reason: { connection: badly-closed, closed: { reason: plain } }
  refused-as-seen:
    connection: refused
    record: [handshake.phrase, handshake.headers, handshake.body]
  accepted-as-seen:
    connection: accepted
    record: [handshake.headers, "received[0].text", "received[1].text", closed.reason]
  broken-as-seen:
    connection: broken
    record: [handshake.phrase, handshake.headers]
  badly-closed-as-seen:
    connection: badly-closed
    record: [closed.reason]
`;

/** Text in frames of at most 100 bytes, cut between characters. */
function message(text: string): Buffer {
  const characters = Array.from(text);
  const parts = Array.from({ length: Math.ceil(characters.length / 25) }, (_, i) =>
    characters.slice(i * 25, (i + 1) * 25).join(''),
  );
  return Buffer.concat(
    parts.map((part, i) => frame(i === 0 ? 1 : 0, part, { fin: i === parts.length - 1 })),
  );
}

function start(): Promise<HandServer> {
  return startHandServer({
    answer: ({ target }, right) => {
      if (target === '/refused') return refusal();
      if (target === '/phrased') return right.replace('Switching Protocols', line(ALL));
      if (target === '/broken')
        return right.replace('\r\n', `\r\nX-Text: ${line(ALL)}\r\n${line(MARKUP)}\r\n`);
      return right.replace('\r\n', `\r\nX-Text: ${MARKUP}\r\n`);
    },
    answered: (socket, { target }) => {
      if (target === '/badly-closed') {
        const reason = Buffer.from(`${MARKUP.slice(0, 60)}${ANSI}${NOT_UTF8}`, 'latin1');
        socket.end(frame(8, closePayload(4001, reason)));
      }
      if (target !== '/') return;
      socket.write(message(ALL));
      socket.write(message(MARKDOWN));
      socket.write(frame(9, Buffer.from(`${ANSI}${NOT_UTF8}`, 'latin1')));
      socket.write(frame(2, Buffer.from(NOT_UTF8, 'latin1')));
      socket.end(
        frame(8, closePayload(4000, `${MARKUP.slice(18, 60)}]]>${BIDI}${CLIPBOARD.slice(0, 20)}`)),
      );
    },
  });
}

function refusal(): string {
  const body = latin1(ALL);
  return `HTTP/1.1 403 ${line(ALL)}\r\nX-Text: ${line(ALL)}\r\nX-<script>: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

let server: HandServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.stop());

function run(...options: readonly string[]): Promise<Ran> {
  return runAssay(['own/*', '--url', server.url, ...options], {
    files: { 'scenarios/own/text.yaml': SCENARIO },
  });
}
const textOf = (ran: Ran, file: string): string =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(ran.files[`${OUT}/${file}`]);

const XSD = new URL('../../../shared/fixtures/junit/junit-10.xsd', import.meta.url);
const CHROMIUM = '/usr/bin/chromium';

describe('hostile text in everything that a server says', () => {
  test.concurrent.each(['console', 'ndjson', 'json', 'junit', 'markdown'] as const)(
    'does nothing to a terminal, reporter %s',
    async (reporter) => {
      const ran = await run('--reporter', reporter);
      expect(ran.code).toBe(1);
      expect(ran.result().counts).toMatchObject({ failed: 10, recorded: 4, errored: 0 });
      expect([ran.stderr, ran.stdout].map((text) => ACTIVE.exec(text))).toEqual([null, null]);
      const files = Object.keys(ran.files).filter((file) => !file.endsWith('junit.xml'));
      expect(files.filter((file) => ACTIVE.test(textOf(ran, file.slice(OUT.length + 1))))).toEqual(
        [],
      );
    },
  );

  test.concurrent('is in the journal and in the result as it came', async () => {
    const ran = await run();
    const events = textOf(ran, 'journal.ndjson')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(events.map(({ event }) => event)).toEqual([
      'run-started',
      'case-started',
      'case-ended',
      'run-ended',
    ]);
    expect(JSON.stringify(events)).toContain(JSON.stringify(ALL).slice(1, -1));
    const messages = ran
      .result()
      .cases.flatMap(({ records }) =>
        records.flatMap((record) => (record.kind === 'message' ? [record.payload] : [])),
      );
    expect(messages).toMatchObject([
      { text: ALL },
      { text: MARKDOWN },
      { hex: Buffer.from(NOT_UTF8, 'latin1').toString('hex') },
    ]);
  });

  test.concurrent.each(['ci', 'xunit-strict'] as const)(
    'leaves JUnit well-formed, dialect %s',
    async (dialect) => {
      const xml = textOf(await run('--junit-dialect', dialect), 'junit.xml');
      const schema =
        dialect === 'xunit-strict' && existsSync(XSD) ? { schema: readFileSync(XSD, 'utf8') } : {};
      const { valid, errors, normalized } = await validateXML({
        xml,
        normalization: 'c14n',
        ...schema,
      });
      expect({ valid, errors }).toEqual({ valid: true, errors: [] });
      expect(normalized.match(/<testcase /g)?.length).toBe(14);
      expect(normalized).not.toMatch(/<(script|img)/);
    },
  );

  test.concurrent('is text on the page', async () => {
    const page = textOf(await run(), 'report.html');
    const harmless = textOf(
      await runAssay(['own/*', '--url', server.url], {
        files: {
          'scenarios/own/one.yaml':
            'title: One\nsteps: [{ connect: }]\nchecks: { a: { handshake: { status: 101 } } }\n',
        },
      }),
      'report.html',
    );
    const scripts = (html: string): number => html.match(/<script/g)?.length ?? 0;
    expect(scripts(page)).toBe(scripts(harmless));
    expect(page).not.toMatch(/<img|<[a-z][^>]*\sonerror=/i);
    expect(page).toContain('&lt;img src=x onerror=alert(1)');
  });

  test.skipIf(!existsSync(CHROMIUM))(
    'opens no dialog and asks for nothing in Chromium',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ws-assay-page-'));
      const file = join(folder, 'report.html');
      writeFileSync(file, textOf(await run(), 'report.html'));
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      const noise: string[] = [];
      try {
        const page = await browser.newPage();
        page.on('dialog', (dialog) => {
          noise.push(`dialog ${dialog.message()}`);
          void dialog.dismiss();
        });
        page.on('request', (request) => noise.push(request.url()));
        page.on('pageerror', (error) => noise.push(error.message));
        await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
        for (const details of await page.locator('details').all()) {
          await details.evaluate((element) => element.setAttribute('open', ''));
        }
        expect(await page.locator('img').count()).toBe(0);
        expect(await page.locator('body').innerText()).toContain("<script>alert('owned')</script>");
      } finally {
        await browser.close();
        rmSync(folder, { recursive: true, force: true });
      }
      expect(noise).toEqual([pathToFileURL(file).href]);
    },
  );
});
