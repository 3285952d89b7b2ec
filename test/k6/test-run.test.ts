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
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }[];
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
  const int32 = { type: 'number', validate: (value: number) => Math.abs(value) < 2 ** 31 } as const;
  const formats = { int32, int64: true, 'date-time': true } as const;
  const ajv = new Ajv({ strict: false, allErrors: true, formats });
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

async function exported(
  file = 'rush',
  parallelism = 4,
): Promise<readonly Record<string, unknown>[]> {
  const io = testIo({
    argv: 'export k6 --url wss://chat.example/dev --kubernetes --parallelism'
      .split(' ')
      .concat(String(parallelism), '--out', folder, '--header', 'x-api-key: 0123456789abcdef')
      .concat(`./${file}.yaml`),
  });
  writeFileSync(join(io.cwd, `${file}.yaml`), LOAD);
  expect([await main(io), io.stderrText()]).toEqual([0, expect.stringContaining('200 attempts')]);
  const wrote = /^wrote .*\/(.+\.testrun\.yaml)$/m.exec(io.stderrText())?.[1] ?? '';
  const text = readFileSync(join(folder, wrote), 'utf8');
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
  expect(wrong({ parallelism: 2 ** 31 })).toEqual(['/spec/parallelism must match format "int32" ']);
  expect(wrong({ cleanup: 'pre' })).toEqual([
    '/spec/cleanup must be equal to one of the allowed values ',
  ]);
  expect(wrong({ runner: { resources: { limits: { memory: 'much' } } } })).toEqual([
    expect.stringMatching(/^\/spec\/runner\/resources\/limits\/memory must match pattern/),
  ]);
});

// Rules of the API server beside the schema, and of what the operator makes of it: Jobs `name-initializer` and `name-1`, Services
// `name-service-1`, whose names are labels. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

it.each([
  ['rush', 4],
  ['rush_', 4],
  ['Rush Hour (tls)', 12],
  ['-', 1],
  [`${'long-'.repeat(20)}x`, 10_000],
  [`x${'y'.repeat(39)}-z`, 100],
])('has names that Kubernetes takes, of a scenario called %s', async (file, parallelism) => {
  const [files, claim, run] = (await exported(file, parallelism)) as readonly {
    readonly metadata: { readonly name: string };
    readonly data?: Readonly<Record<string, string>>;
    readonly spec?: RunSpec;
  }[];
  const name = run?.metadata.name ?? '';
  for (const one of [
    name,
    `${name}-initializer`,
    `${name}-service-${parallelism}`,
    `${name}-starter`,
  ]) {
    expect([one, LABEL.test(one), one.length <= 63]).toEqual([one, true, true]);
  }
  expect(isValid(run)).toEqual([]);
  // What refers to each other is there.
  const spec = run?.spec;
  if (spec === undefined) throw new Error('no spec');
  const { script, runner, args } = spec;
  expect([script.configMap.name, Object.keys(files?.data ?? {})]).toEqual([
    files?.metadata.name,
    expect.arrayContaining([script.configMap.file, 'assay.k6.ts']),
  ]);
  for (const key of Object.keys(files?.data ?? {})) expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
  expect(JSON.stringify(files).length).toBeLessThan(1024 * 1024);
  expect(
    runner.volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim.claimName),
  ).toEqual([claim?.metadata.name]);
  expect(runner.volumeMounts.map((one) => one.name)).toEqual(runner.volumes.map((one) => one.name));
  const variables = runner.env.map((one) => one.name);
  expect(variables.length).toBe(new Set(variables).size);
  for (const one of variables) expect(one).toMatch(/^[A-Za-z_]\w*$/);
  // Kubernetes puts the variable into the argument.
  expect([args, variables[0]]).toEqual([['--out', 'json=/results/$(POD_NAME).ndjson'], 'POD_NAME']);
});

interface RunSpec {
  readonly args: readonly string[];
  readonly script: { readonly configMap: { readonly name: string; readonly file: string } };
  readonly runner: {
    readonly env: readonly { readonly name: string }[];
    readonly volumes: readonly {
      readonly name: string;
      readonly persistentVolumeClaim: { readonly claimName: string };
    }[];
    readonly volumeMounts: readonly { readonly name: string }[];
  };
}

it('is of the kind that the operator defines', async () => {
  const [, , run] = await exported();
  const { group, names, versions } = CRD.spec;
  expect([run?.['apiVersion'], run?.['kind']]).toEqual([
    `${group}/${versions[0]?.name}`,
    names.kind,
  ]);
});
