// The HTML report in a real browser: nothing from outside runs or loads, it is accessible in light
// and dark, readable without script, and its filter works.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOAD, THROTTLED } from '../../src/report/fixture/load-result.ts';
import {
  findingOf,
  GREEN_RUN,
  HOSTILE_RUN,
  MIXED_CASE,
} from '../../src/report/fixture/run-result.ts';
import { renderHtml } from '../../src/report/html.tsx';
import type { RunResult } from '../../src/result/run-result.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
];

// Each of these, if it ran or were loaded, would be seen: by `window.hit`, a dialog, a request or a
// line in the console.
const XSS: readonly string[] = [
  '<script>window.hit=1</script>',
  '"><script>window.hit=1</script>',
  '</title><script>window.hit=1</script>',
  '</style><script>window.hit=1</script>',
  '</script><script>window.hit=1</script>',
  '<!--><script>window.hit=1</script>-->',
  '<img src=x onerror=window.hit=1>',
  '<svg onload=window.hit=1>',
  '</svg><img src=https://attacker.example/x>',
  '<svg><a xlink:href="javascript:window.hit=1"><text>x</text></a></svg>',
  '<iframe src="javascript:parent.hit=1"></iframe>',
  '<link rel=stylesheet href=https://attacker.example/x.css>',
  '<base href=https://attacker.example/>',
  '<meta http-equiv=refresh content="0;url=https://attacker.example/">',
  '<form action=https://attacker.example/><button autofocus onfocus=window.hit=1>',
  '" autofocus onfocus="window.hit=1',
  "' onmouseover='window.hit=1",
  '<details open ontoggle=window.hit=1>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=window.hit=1>',
  '<template><script>window.hit=1</script></template>',
  '&lt;script&gt;window.hit=1&lt;/script&gt;',
  '{{constructor.constructor("window.hit=1")()}}',
  '${window.hit=1}',
  'javascript:window.hit=1',
  'data:text/html,<script>window.hit=1</script>',
  '\u0000<script>window.hit=1</script>',
  '\u202e<script>window.hit=1</script>',
];

// Every string of the run that is not a key word of its shape.
function poisoned(run: RunResult, poison: string): RunResult {
  const mixed = JSON.parse(
    JSON.stringify(run, (key, value: unknown) =>
      typeof value === 'string' && OUTSIDE.has(key) ? `${value}${poison}` : value,
    ),
  ) as RunResult;
  const requirement = {
    level: 'must',
    statement: poison,
    sources: [{ title: poison, url: poison, quote: poison }],
  } as const;
  return {
    ...mixed,
    requirements: { ...mixed.requirements, [poison]: requirement },
    target: { ...mixed.target, endpoints: { [poison]: poison } },
  };
}

const LOAD_CASE = { ...MIXED_CASE, connections: [], records: [] };
const LOAD_RUN: RunResult = {
  ...GREEN_RUN,
  target: { ...GREEN_RUN.target, endpoints: { open: 'started', iam: 'started', tls: 'started' } },
  cases: [
    {
      ...LOAD_CASE,
      id: 'load/rush',
      findings: [
        findingOf('connect-p99', 'passed', {
          expected: 'p99 of connecting to opened at most 800 ms',
        }),
      ],
      // A second alone between two in which nothing opened.
      load: {
        ...LOAD,
        seconds: LOAD.seconds.map((second, at) => {
          const { p50Ms: _, p90Ms: __, p99Ms: ___, ...rest } = second;
          return at === 9 || at === 11 ? rest : second;
        }),
      },
    },
    { ...LOAD_CASE, id: 'load/limit', findings: [], load: THROTTLED },
  ],
};

const OUTSIDE = new Set([
  'id',
  'title',
  'description',
  'message',
  'expected',
  'reason',
  'text',
  'phrase',
  'rerun',
  'targetDied',
  'check',
  'requirement',
  'command',
  'seed',
  'runId',
  'name',
  'version',
  'hint',
  'code',
  'verb',
  'url',
  'connection',
  'file',
  'invocationId',
  'startedAt',
  'node',
]);

describe.skipIf(!existsSync(CHROMIUM))('the HTML report in Chromium', () => {
  let browser: Browser;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ws-assay-html-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  });

  interface Opened {
    readonly page: Page;
    /** Requests, dialogs, console lines and errors. */
    readonly noise: readonly string[];
  }

  async function open(run: RunResult, options: BrowserContextOptions = {}): Promise<Opened> {
    const file = join(directory, `${crypto.randomUUID()}.html`);
    await writeFile(file, renderHtml(run));
    const url = pathToFileURL(file).href;
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const noise: string[] = [];
    page.on('request', (request) => {
      if (request.url() !== url) noise.push(`request ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      noise.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (line) => noise.push(`console ${line.text()}`));
    page.on('pageerror', (error) => noise.push(`error ${error.message}`));
    await page.goto(url);
    return { page, noise };
  }

  test('nothing from outside runs, loads or breaks the policy', async () => {
    for (const poison of XSS) {
      const { page, noise } = await open(poisoned(HOSTILE_RUN, poison));
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await page.keyboard.press('Tab');
      await page.mouse.move(200, 200);
      expect({ poison, noise, hit: await page.evaluate('window.hit') }).toEqual({
        poison,
        noise: [],
        hit: undefined,
      });
      await page.context().close();
    }
  });

  test('the text from outside is there, as text', async () => {
    const { page } = await open(poisoned(GREEN_RUN, '<b>bold</b>'));
    expect(await page.locator('b').count()).toBe(0);
    expect(await page.locator('body').innerText()).toContain('<b>bold</b>');
    await page.context().close();
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 420],
    ['dark', 420],
  ] as const)('is accessible in %s, %i pixels wide, and no wider', async (colorScheme, width) => {
    const axe = await readFile(
      createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
      'utf8',
    );
    for (const run of [HOSTILE_RUN, GREEN_RUN, LOAD_RUN]) {
      const { page } = await open(run, { colorScheme, viewport: { width, height: 900 } });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await page.evaluate(axe);
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`))',
      );
      expect(violations).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await page.context().close();
    }
  });

  test('draws what a load has: every line, a second alone as a dot, the threshold, the fit over the accepts', async () => {
    const { page } = await open(LOAD_RUN);
    const chart = (title: string) => page.getByRole('group', { name: `Chart: ${title}` });
    const times = chart('Time from due to open').first();
    expect(await times.locator('.legend li').allInnerTexts()).toEqual([' p50', ' p90', ' p99']);
    expect(await times.locator('path.line').count()).toBe(6);
    const dots = times.locator('circle.dot');
    expect(await dots.count()).toBe(3);
    expect((await dots.first().boundingBox())?.width).toBeGreaterThan(4);
    expect(await times.locator('text.bound').textContent()).toBe('connect-p99 (p99): 800 ms');
    expect(await times.locator('text.value').first().textContent()).toBe('0');
    const fit = chart('Accepted connects so far');
    const accepted = await fit.locator('svg path.line.s1').first().boundingBox();
    const fitted = await fit.locator('svg path.line.s3').first().boundingBox();
    expect(accepted?.width).toBeGreaterThan(500);
    expect(fitted?.width).toBeGreaterThan(100);
    expect(fitted?.y).toBeGreaterThanOrEqual((accepted?.y ?? 0) - 2);
    const headings = await page.locator('h2').allInnerTexts();
    expect(headings.filter((text) => text.startsWith('Load'))).toEqual([
      'Load load/rush',
      'Load load/limit',
    ]);
    expect(await page.locator('#run').innerText()).toContain('open, iam, tls started');
    await page.context().close();
  });

  test('is readable with scripts blocked, and shows no controls that do nothing', async () => {
    const { page } = await open(HOSTILE_RUN, { javaScriptEnabled: false });
    expect(await page.locator('h1').innerText()).toBe('! Not fully tested');
    expect(await page.locator('#failed article').innerText()).toContain('status 401 or 403');
    expect(await page.locator('#controls').isVisible()).toBe(false);
    expect(await page.locator('#checks tbody tr').count()).toBe(9);
    expect(await page.locator('#cases details').first().locator('summary').isVisible()).toBe(true);
    await page.context().close();
  });

  test('filters by verdict and by words, and counts what it shows', async () => {
    const { page } = await open(HOSTILE_RUN);
    const shown = async (): Promise<readonly string[]> =>
      page.locator('#checks tbody tr:visible .badge').allInnerTexts();
    expect((await shown()).length).toBe(9);
    await page.getByLabel('passed').uncheck();
    expect(await shown()).toEqual([
      '✗ failed',
      '▲ warned',
      '! errored',
      '? inconclusive',
      '• recorded',
      '– skipped',
      '○ not applicable',
    ]);
    expect(await page.getByRole('status').innerText()).toBe('7 of 9 checks');
    await page.keyboard.press('/');
    await page.keyboard.type('DENY-status denied');
    expect(await shown()).toEqual(['▲ warned']);
    expect(await page.locator('#cases details:visible > summary').count()).toBe(2);
    await page.context().close();
  });

  test('sorts failures first or in the order of the run', async () => {
    const { page } = await open(HOSTILE_RUN);
    const first = async (): Promise<string> =>
      page.locator('#checks tbody tr .badge').first().innerText();
    expect(await first()).toBe('✗ failed');
    await page.getByLabel('failures first').uncheck();
    expect(await first()).toBe('✓ passed');
    await page.getByLabel('failures first').check();
    expect(await first()).toBe('✗ failed');
    await page.context().close();
  });

  test('a link to a case opens it', async () => {
    const { page } = await open(HOSTILE_RUN);
    const details = page.locator('#cases details').first();
    expect(await details.getAttribute('open')).toBeNull();
    await page
      .getByRole('link', { name: `All ${MIXED_CASE.records.length} records of this case` })
      .first()
      .click();
    await expect.poll(() => details.getAttribute('open')).toBe('');
    await page.context().close();
  });

  test('every control can be reached and worked by keyboard', async () => {
    const { page } = await open(HOSTILE_RUN);
    const focusable = await page
      .locator('a[href]:visible, summary:visible, input:visible, [tabindex="0"]:visible')
      .count();
    const reached = new Set<string>();
    for (let at = 0; at < focusable; at++) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate(
          () =>
            `${document.activeElement?.tagName} ${document.activeElement?.id}${document.activeElement?.getAttribute('href') ?? document.activeElement?.textContent?.slice(0, 60)}`,
        ),
      );
    }
    expect([...reached].filter((one) => one.startsWith('BODY'))).toEqual([]);
    expect([...reached].some((one) => one.startsWith('INPUT filter'))).toBe(true);
    await page.context().close();
  });

  test('fits a narrow screen: only tables and charts scroll sideways', async () => {
    const { page } = await open(HOSTILE_RUN, { viewport: { width: 380, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      380,
    );
    await page.context().close();
  });
});
