// Servers that misbehave, one way each: what the instrument says, how long it takes. Those that
// pour are in `server-memory.test.ts`. What each server does is in `server/`.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { createAuthority, issueCertificate, type Pair } from '../support/certificate.ts';
import { BODIES } from './server/body.ts';
import { CLOSINGS } from './server/closing.ts';
import { FRAMES } from './server/frame.ts';
import { HEADS } from './server/head.ts';
import { FILE, findingLines, scenario, WITHIN_MS } from './server/judged.ts';
import { TRANSPORTS } from './server/transport.ts';

// Most of the time is spent waiting.
vi.setConfig({ maxConcurrency: 16 });

const ROWS = Object.entries({ ...HEADS, ...BODIES, ...FRAMES, ...CLOSINGS, ...TRANSPORTS });
const QUIET = ROWS.filter(([, { pours }]) => !pours);

test('every group has its own names', () => {
  const groups = [HEADS, BODIES, FRAMES, CLOSINGS, TRANSPORTS];
  expect(ROWS).toHaveLength(groups.reduce((sum, group) => sum + Object.keys(group).length, 0));
});

let pair: Pair;
beforeAll(async () => {
  pair = await issueCertificate(await createAuthority(), 'localhost');
});

describe('a server with', () => {
  test.concurrent.each(QUIET)('%s', async (_, { start, findings, code }) => {
    const { url, stop } = await start(pair);
    const ran = await runAssay(['own/*', '--url', url], {
      files: { [FILE]: scenario('4s', '1s') },
    });
    stop();
    expect(findingLines(ran.result())).toEqual(findings);
    expect(ran.code).toBe(code);
    expect(ran.elapsedMs).toBeLessThan(WITHIN_MS);
  });
});
