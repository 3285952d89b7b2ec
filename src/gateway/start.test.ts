import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from './start.ts';

test.each([
  { provisioned: undefined, started: 5 },
  { provisioned: 2, started: 2 },
  { provisioned: 0, started: 0 },
  { provisioned: 9, started: 5 },
])('of a provisioned concurrency of 5, $provisioned at most are started', async (given) => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const Handler = `${join(folder, 'own.mjs')}#handler`;
  writeFileSync(join(folder, 'own.mjs'), 'console.log("loaded"); export const handler = () => 1;');
  const loaded: string[] = [];
  const gateway = await startGateway(
    {
      Apis: {
        open: {
          ApiId: 'own',
          Routes: { $connect: { Target: 'integrations/own' } },
          Integrations: { own: { Handler, ProvisionedConcurrency: 5 } },
          Stages: { prod: {} },
        },
      },
    },
    {
      log: (line) => loaded.push(line),
      ...(given.provisioned !== undefined && { provisioned: given.provisioned }),
    },
  );
  // Ends the functions: what they have written has come by then.
  await gateway.close();
  expect(loaded).toHaveLength(given.started);
});
