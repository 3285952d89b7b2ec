// A script as a TestRun of k6-operator: the load in several pods, each of which writes what it saw to one volume.
// https://grafana.com/docs/k6/latest/set-up/set-up-distributed-k6/
import { stringify } from 'yaml';
import { type K6Script, LIBRARY_FILE } from './script.ts';

/** What becomes a TestRun. */
export interface TestRunSource {
  /** Of the scenario; its files and resources are called so. */
  readonly name: string;
  readonly script: Pick<K6Script, 'text' | 'secrets' | 'phases' | 'gaps'>;
  readonly library: string;
  /** How many pods share the schedule. */
  readonly parallelism: number;
}

/** Documents for `kubectl apply`: ConfigMap, PersistentVolumeClaim, TestRun. Credentials by reference to a Secret. */
export function testRun(source: TestRunSource): string {
  const name = resourceName(source.name);
  const documents = [configMap(name, source), claim(name), resource(name, source)];
  return `${headOf(name, source)}${documents
    .map((one) => `---\n${stringify(one, { lineWidth: 0 })}`)
    .join('')}`;
}

// The operator appends `-initializer`, `-service-<pod>` and more; all of it is a label, of 63 characters at most.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const MOST_NAME = 49;

function resourceName(name: string): string {
  return `ws-assay-${name}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, MOST_NAME)
    .replace(/-+$/, '');
}

function headOf(name: string, { script }: TestRunSource): string {
  const literals = script.secrets.map((one) => ` --from-literal=${one.name}=…`).join('');
  return [
    '# Run:     kubectl apply -f this file, with k6-operator installed',
    ...(literals === '' ? [] : [`# Before:  kubectl create secret generic ${name}${literals}`]),
    `# After:   copy the files of the volume claim ${name}-results here, then`,
    '#          ws-assay import k6 *.ndjson',
    '',
  ].join('\n');
}

function configMap(name: string, { name: file, script, library }: TestRunSource): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { [`${file}.k6.ts`]: script.text, [LIBRARY_FILE]: library },
  };
}

// Pods on several nodes write to it.
function claim(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-results` },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '5Gi' } } },
  };
}

function resource(name: string, { name: file, script, parallelism }: TestRunSource): object {
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name },
    spec: {
      parallelism,
      separate: parallelism > 1,
      script: { configMap: { name, file: `${file}.k6.ts` } },
      args: ['--out', 'json=/results/$(POD_NAME).ndjson'],
      runner: {
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ...script.secrets.map((one) => ({
            name: one.name,
            valueFrom: { secretKeyRef: { name, key: one.name } },
          })),
        ],
        resources: resourcesOf(script, parallelism),
        volumes: [{ name: 'results', persistentVolumeClaim: { claimName: `${name}-results` } }],
        volumeMounts: [{ name: 'results', mountPath: '/results' }],
      },
    },
  };
}

// A virtual user takes 1 to 5 MB (https://grafana.com/docs/k6/latest/testing-guides/running-large-tests/).
const USER_MIB = 3;
const BASE_MIB = 256;

function resourcesOf({ phases }: Pick<K6Script, 'phases'>, parallelism: number): object {
  const users = phases.reduce(
    (most, { scenario }) => Math.max(most, scenario.maxVUs ?? scenario.vus ?? 0),
    0,
  );
  const memory = BASE_MIB + Math.ceil((users / parallelism) * USER_MIB);
  return { requests: { cpu: '1', memory: `${memory}Mi` }, limits: { memory: `${memory * 2}Mi` } };
}
