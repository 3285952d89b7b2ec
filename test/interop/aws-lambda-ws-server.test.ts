// Both suites against the real aws-lambda-ws-server. Each deviation was read in its source: its baseline
// says where, and the table of its README names the same ones. Skipped unless `npm ci` was run there.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ran, runAssay } from '../support/assay.ts';
import {
  checksOfTable,
  deviating,
  expectNothingListens,
  knownIn,
  lackingIn,
  notKnown,
} from './emulator.ts';

const HOME = fileURLToPath(new URL('../../targets/aws-lambda-ws-server/', import.meta.url));
const isInstalled = existsSync(`${HOME}node_modules/aws-lambda-ws-server`);
const KNOWN = knownIn(`${HOME}baseline.yaml`);

// One route for everything: no authorizer, no keys, no stages, no limits.
const DECLARED = ['endpoint:open', 'management', 'probe', 'observer'];

// A dying process closes all its sockets at once; which of them the client sees close first is chance.
const BY_CHANCE = [
  'failed rfc6455-handshake/reserved-bits#connection-ends',
  'failed rfc6455-handshake/reserved-opcode#connection-ends',
  'failed rfc6455-handshake/unmasked-frame#connection-ends',
];

describe.skipIf(!isInstalled)('aws-lambda-ws-server (npm ci in its folder)', () => {
  let ran: Ran;
  beforeAll(async () => {
    ran = await runAssay(['aws-apigateway', '--target', 'aws-lambda-ws-server']);
  }, 240_000);

  test('deviates as its baseline says, and nowhere else', () => {
    expect(notKnown(ran)).toEqual([]);
    expect(deviating(ran)).toEqual(KNOWN.filter((line) => !line.includes(' rfc6455-handshake/')));
    expect(ran.code).toBe(0);
    expect(ran.result()).toMatchObject({
      exitCode: 0,
      notRun: [],
      problems: [],
      stale: [],
      counts: { errored: 0, skipped: 0, inconclusive: 0 },
    });
  });

  test('is not asked for what it never declared', () => {
    const lacking = [...lackingIn(ran)];
    expect(lacking).toContain('endpoint:custom');
    expect(lacking.filter((one) => DECLARED.includes(one ?? ''))).toEqual([]);
  });

  test('lives through it, and leaves nothing behind', async () => {
    expect(ran.result().cases.filter((one) => one.targetDied !== undefined)).toEqual([]);
    await expectNothingListens(ran);
  });

  test('the table of deviations names those of the baseline and no others', () => {
    expect(checksOfTable(`${HOME}README.md`)).toEqual(
      KNOWN.map((line) => line.replace(/^\w+ /, '')).toSorted(),
    );
  });
});

describe.skipIf(!isInstalled)('aws-lambda-ws-server and the suite rfc6455-handshake', () => {
  test('ends when a frame violates the protocol, and is started again', async () => {
    const ran = await runAssay(['rfc6455-handshake', '--target', 'aws-lambda-ws-server']);
    const found = deviating(ran).filter((line) => !BY_CHANCE.includes(line));
    expect(found).toEqual(KNOWN.filter((line) => line.includes(' rfc6455-handshake/')));
    expect(notKnown(ran).filter((line) => !line.includes('#connection-ends'))).toEqual([]);
    expect(ran.result()).toMatchObject({ notRun: [], problems: [], stale: [] });
    await expectNothingListens(ran);
  }, 120_000);
});
