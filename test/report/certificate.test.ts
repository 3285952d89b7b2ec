// The page and the badge of a certificate in a real browser: nothing from outside runs or loads, and both are
// accessible, in light and dark.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { renderBadgeJson, renderBadgeSvg } from '../../src/report/badge.ts';
import { renderCertificate } from '../../src/report/certificate.tsx';
import { HOSTILE } from '../../src/report/fixture/run-result.ts';
import type { Certificate, CheckTally } from '../../src/result/certificate.ts';
import { folderWith } from '../support/folder.ts';

const CHROMIUM = '/usr/bin/chromium';

const TALLY: CheckTally = {
  total: 9,
  passed: 5,
  failed: 1,
  warned: 0,
  recorded: 1,
  notApplicable: 2,
};

const CERTIFICATE: Certificate = {
  certificateVersion: 1,
  verdict: 'not-certified',
  reasons: [HOSTILE],
  profile: { name: 'aws-apigateway@2026.1', title: HOSTILE, hash: 'a'.repeat(64) },
  implementation: {
    name: HOSTILE,
    title: HOSTILE,
    version: '1.0 <b>',
    launched: true,
    insecure: true,
  },
  parts: [
    { name: 'connect-core', title: HOSTILE, status: 'failed', core: TALLY, extended: TALLY },
    { name: 'api-key', title: 'API keys', status: 'partial', core: TALLY, extended: TALLY },
    { name: 'iam', title: 'IAM', status: 'not-supported', core: TALLY, extended: TALLY },
    { name: 'last', title: 'Last', status: 'passed', core: TALLY, extended: TALLY },
  ],
  deviations: [
    {
      check: `a/b#${HOSTILE}`,
      part: 'connect-core',
      isCore: true,
      verdict: 'failed',
      message: HOSTILE,
      requirement: 'a.b',
    },
  ],
  notApplicable: { 'endpoint:iam': 3 },
  tool: { name: 'ws-assay', version: '0.1.0' },
  environment: { node: 'v20', platform: 'linux', arch: 'x64' },
  runId: HOSTILE,
  startedAt: '2026-11-24T04:00:00.000Z',
  durationMs: 1,
  command: HOSTILE,
  seed: HOSTILE,
  inputs: { features: [], limits: {}, vars: {} },
  notRecomputed: [HOSTILE],
};

it('says on the badge what was certified, and what not', () => {
  expect(JSON.parse(renderBadgeJson(CERTIFICATE))).toEqual({
    schemaVersion: 1,
    label: 'ws-assay aws-apigateway@2026.1',
    message: '1.0 <b>: not certified, 1/4 parts, 20/36 core',
    color: 'red',
  });
  const right: Certificate = { ...CERTIFICATE, verdict: 'certified', reasons: [] };
  expect(JSON.parse(renderBadgeJson(right))).toMatchObject({
    message: '1.0 <b>: 1/4 parts, 20/36 core',
    color: 'brightgreen',
  });
  expect(renderBadgeSvg(right)).toContain('1.0 &lt;b&gt;: 1/4 parts, 20/36 core');
});

describe.skipIf(!existsSync(CHROMIUM))('in Chromium', () => {
  it.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const folder = folderWith();
    writeFileSync(join(folder, 'index.html'), renderCertificate(CERTIFICATE));
    writeFileSync(join(folder, 'badge.svg'), renderBadgeSvg(CERTIFICATE));
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      const context = await browser.newContext({ colorScheme });
      const page = await context.newPage();
      const asked: string[] = [];
      const said: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => said.push(message.text()));
      page.on('dialog', (dialog) => said.push(dialog.message()));
      const url = pathToFileURL(join(folder, 'index.html')).href;
      await page.goto(url);
      expect([asked, said]).toEqual([[url], []]);
      expect(await page.locator('h1').innerText()).toBe('Not certified');
      expect(await page.locator('#parts tbody tr').count()).toBe(4);
      // By the browser's own hands: the page itself allows no script.
      const checked = await browser.newContext({ colorScheme, bypassCSP: true });
      const tested = await checked.newPage();
      await tested.goto(url);
      const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
      await tested.evaluate(readFileSync(axe, 'utf8'));
      const found = await tested.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`))',
      );
      expect(found).toEqual([]);
      const badge = await checked.newPage();
      await badge.goto(pathToFileURL(join(folder, 'badge.svg')).href);
      expect(await badge.evaluate('document.documentElement.nodeName')).toBe('svg');
    } finally {
      await browser.close();
    }
  });
});
