// A gateway that outlives the runs against it: keys whose rate and quota an earlier run has used up
// change no verdict, nor do runs at the same time.
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { parseDocument } from 'yaml';
import { type Gateway, type GatewayConfigInput, startGateway } from '../../src/gateway.ts';
import { type Ran, runAssay } from '../support/assay.ts';
import { folderWith } from '../support/folder.ts';

const REFERENCE = new URL('../../targets/reference/', import.meta.url);

/** The reference gateway with a backend that always agrees. */
async function start(): Promise<Gateway> {
  const text = readFileSync(new URL('gateway.yaml', REFERENCE), 'utf8');
  const config = parseDocument(text).toJS() as GatewayConfigInput;
  const folder = folderWith({ 'ok.mjs': 'export const ok = async () => ({ statusCode: 200 });' });
  const { 'api-key': api, open } = config.Apis;
  if (api === undefined || open === undefined) throw new Error('the reference has other APIs');
  const Integrations = { probe: { Handler: `${folder}/ok.mjs#ok` } };
  // The plans name the API that is left out.
  const other = { ApiId: 'reference-authorizer-key', Stages: { probe: {} } };
  const gateway = await startGateway({
    ...config,
    Accounts: {},
    Apis: { open: { ...open, Integrations }, 'api-key': { ...api, Integrations }, other },
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** The credentials of the reference target, an endpoint that is already there, and no probe. */
function runAgainst(gateway: Gateway): Promise<Ran> {
  const target = parseDocument(readFileSync(new URL('target.yaml', REFERENCE), 'utf8'));
  target.setIn(['endpoints', 'api-key', 'url'], gateway.apis['api-key']?.url);
  target.set('endpoints', {
    open: gateway.apis['open']?.url,
    'api-key': target.getIn(['endpoints', 'api-key']),
  });
  for (const key of ['probe', 'launch', 'management', 'network']) target.delete(key);
  return runAssay(['api-key/*', '--target', 'standing'], {
    files: { 'targets/standing/target.yaml': String(target) },
  });
}

test('verdicts are those of the first run', async () => {
  const gateway = await start();
  const first = await runAgainst(gateway);
  const together = await Promise.all([runAgainst(gateway), runAgainst(gateway)]);
  const last = await runAgainst(gateway);
  for (const ran of [first, ...together, last]) {
    // Nobody watches the backend here: what is asked of it is not applicable.
    const failing = { failed: 0, warned: 0, errored: 0, inconclusive: 0, skipped: 0 };
    expect(ran.result().counts).toEqual({ ...first.result().counts, ...failing, passed: 23 });
    expect(ran.code).toBe(0);
  }
  // Both limits were met, so it was them that the later runs began with.
  expect(gateway.usage('exhausted').items).toEqual({ exhausted: [[1, 0]] });
});
