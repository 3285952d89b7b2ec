// The reference target with the same gateway and the same probe, but scripted: what to do travels in
// the handshake, what happened goes to a sink.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from './folder.ts';
import { PACKAGE_ROOT } from './io.ts';

/** What the tests sign with. */
export const PROBE_SECRET = 'marker-of-the-probe-0123456789abcdef';

const SINKS = {
  http: {
    observer: '{ http: }',
    env: 'ASSAY_PROBE_SINK: "${probe.url}/v1/events", ASSAY_PROBE_TOKEN: "${probe.token}"',
  },
  file: {
    observer: '{ file: events.ndjson }',
    env: 'ASSAY_PROBE_SINK: "file:${folder}/events.ndjson"',
  },
} as const;

/** Writes the target into a folder of the test; the path of its file. */
export function scriptedTarget(
  sink: keyof typeof SINKS,
  change: (text: string) => string = (text) => text,
): string {
  const reference = join(PACKAGE_ROOT, 'targets/reference');
  const read = (name: string): string => readFileSync(join(reference, name), 'utf8');
  const { observer, env } = SINKS[sink];
  const probe = 'probe: { scripted: { secret: "${secret:PROBE_SECRET}", remembers: true } }';
  const text = read('target.yaml')
    // Long enough for either sink on this machine; the default is made for sinks far away.
    .replace('probe: { remote: {} }', `${probe}\nobserver: ${observer}\nsettle: 1s`)
    .replace(
      'ASSAY_PROBE_URL: "${probe.url}", ASSAY_PROBE_TOKEN: "${probe.token}"',
      `ASSAY_PROBE_SECRET: "\${secret:PROBE_SECRET}", ASSAY_PROBE_STATE: "\${folder}/state", ${env}`,
    );
  const gateway = read('gateway.yaml').replaceAll('../../probe/', join(PACKAGE_ROOT, 'probe/'));
  const folder = folderWith({
    'scripted/gateway.yaml': gateway,
    'scripted/loopback.crt': read('loopback.crt'),
    'scripted/loopback.key': read('loopback.key'),
  });
  const own = join(folder, 'scripted');
  const path = join(own, 'target.yaml');
  writeFileSync(path, change(`${text}\nvars: { folder: "${own}" }\n`));
  return path;
}
