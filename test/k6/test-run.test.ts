// What --kubernetes writes, against the schema of the operator: https://github.com/grafana/k6-operator
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { main } from '../../src/cli/main.ts';
import { testIo } from '../support/io.ts';

const CRD = parse(
  readFileSync(new URL('./fixture/k6.io_testruns.yaml', import.meta.url), 'utf8'),
) as {
  readonly spec: {
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: object } }[];
  };
};
const folder = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOAD = `title: A rush
load:
  phases: [{ arrivalRate: 50/s, duration: 4s }]
  openFor: 30s
thresholds:
  in: { share: { gte: 90% }, of: { handshake: { status: 101 } } }
`;

/** The API server drops what the schema does not know: here that is a mistake. */
function isValid(document: unknown): readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { int32: true, int64: true } });
  const check = ajv.compile(closed(CRD.spec.versions[0]?.schema.openAPIV3Schema ?? {}) as object);
  check(document);
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath} ${message} ${'additionalProperty' in params ? String(params['additionalProperty']) : ''}`,
  );
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, closed(one)]));
  const isOpen = !('properties' in schema) || 'additionalProperties' in schema;
  return isOpen ? inner : { ...inner, additionalProperties: false };
}

async function exported(): Promise<readonly Record<string, unknown>[]> {
  const io = testIo({
    argv: 'export k6 rush.yaml --url wss://chat.example/dev --kubernetes --parallelism 4 --out'
      .split(' ')
      .concat(folder, '--header', 'x-api-key: 0123456789abcdef'),
  });
  writeFileSync(join(io.cwd, 'rush.yaml'), LOAD);
  expect([await main(io), io.stderrText()]).toEqual([0, expect.stringContaining('200 attempts')]);
  const text = readFileSync(join(folder, 'rush.testrun.yaml'), 'utf8');
  expect(text).not.toContain('0123456789abcdef');
  return parseAllDocuments(text).map((one) => one.toJS() as Record<string, unknown>);
}

it('is a TestRun with its files, its volume and its credentials by reference', async () => {
  const [files, claim, run] = await exported();
  const script = readFileSync(join(folder, 'rush.k6.ts'), 'utf8');
  const library = readFileSync(join(folder, 'assay.k6.ts'), 'utf8');
  expect(files).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ws-assay-rush' },
    data: { 'rush.k6.ts': script, 'assay.k6.ts': library },
  });
  expect(claim).toMatchObject({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'ws-assay-rush-results' },
  });
  expect(run).toEqual({
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name: 'ws-assay-rush' },
    spec: {
      parallelism: 4,
      separate: true,
      script: { configMap: { name: 'ws-assay-rush', file: 'rush.k6.ts' } },
      args: ['--out', 'json=/results/$(POD_NAME).ndjson'],
      runner: {
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          {
            name: 'ASSAY_OPEN_X_API_KEY',
            valueFrom: { secretKeyRef: { name: 'ws-assay-rush', key: 'ASSAY_OPEN_X_API_KEY' } },
          },
        ],
        resources: { requests: { cpu: '1', memory: '406Mi' }, limits: { memory: '812Mi' } },
        volumes: [
          { name: 'results', persistentVolumeClaim: { claimName: 'ws-assay-rush-results' } },
        ],
        volumeMounts: [{ name: 'results', mountPath: '/results' }],
      },
    },
  });
  expect(isValid(run)).toEqual([]);
});

it('is held against a schema that finds mistakes', async () => {
  const run = (await exported())[2] ?? {};
  const { spec } = run as { readonly spec: Record<string, unknown> };
  const { parallelism: _, ...without } = spec;
  const wrong = (own: object): readonly string[] => isValid({ ...run, spec: { ...spec, ...own } });
  expect(isValid({ ...run, spec: without })).toEqual([
    "/spec must have required property 'parallelism' ",
  ]);
  expect(wrong({ paralellism: 4 })).toEqual([
    '/spec must NOT have additional properties paralellism',
  ]);
  expect(wrong({ args: '--out json' })).toEqual(['/spec/args must be array ']);
});
