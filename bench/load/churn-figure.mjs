// Whether `$disconnect` is counted as it was told: the command that users run, against a log with loss, repetition and delay.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { watched } from '../harness/machine.mjs';

const HERE = import.meta.dirname;
const BIN = join(HERE, '../../dist/cli/bin.js');
// Later than the deadline, and before the watch is over: that is the deadline and the target's settle.
const LATE_MS = 2500;
const SCENARIO = `title: Churn
load:
  phases: [{ arrivalRate: 1000/s, duration: 30s }]
  openFor: 200ms
  endings:
    - { share: 50%, close: { code: 1000 } }
    - { share: 25%, drop: fin }
    - { share: 25%, drop: reset }
thresholds:
  told: { share: { gte: 80% }, of: { events: { $disconnect: { count: { gte: 1 } } }, within: 2s } }
`;
const COUNTED = ['ended', 'onTime', 'late', 'missing', 'duplicated'];

/** Counts of the delivery result that differ from what was injected, over all ways of ending. */
export async function churnFigure({ figures, folder }) {
  const log = join(folder, 'events.ndjson');
  const server = spawn(process.execPath, [join(HERE, 'churn-server.mjs'), log, `${LATE_MS}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const { value: port } = await lines.next();
    const one = await watched(() => runCommand(folder, port));
    const written = await readFile(join(folder, 'churn/attempts.ndjson'), 'utf8');
    server.stdin.end(JSON.parse(written.slice(0, written.indexOf('\n'))).nonce);
    const truth = JSON.parse((await lines.next()).value);
    const [{ load }] = one.value.cases;
    const counted = Object.fromEntries(
      load.delivery.strata.map((stratum) => [
        stratum.ending,
        Object.fromEntries(COUNTED.map((key) => [key, stratum[key]])),
      ]),
    );
    figures.tell('churn', {
      what: 'counts of $disconnect at 1000 closes/s that differ from what was injected',
      value: differences(truth, counted),
      most: 0,
      shares: [one],
      detail: { truth, counted, limits: load.generator.limits },
    });
  } finally {
    if (server.exitCode === null) {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    }
  }
}

async function runCommand(folder, port) {
  await writeFile(join(folder, 'churn.yaml'), SCENARIO);
  await writeFile(
    join(folder, 'target.yaml'),
    `title: Churn\nendpoints: { open: "ws://127.0.0.1:${port}/" }\nobserver: { file: events.ndjson }\n`,
  );
  const args = ['run', 'churn.yaml', '--target', 'target.yaml', '--out', 'churn'];
  // Its exit code is that of thresholds, which are not what is looked at.
  await new Promise((resolve) =>
    execFile(process.execPath, [BIN, ...args], { cwd: folder }, () => resolve()),
  );
  return JSON.parse(await readFile(join(folder, 'churn/result.json'), 'utf8'));
}

function differences(truth, counted) {
  const kinds = new Set([...Object.keys(truth), ...Object.keys(counted)]);
  return [...kinds].reduce(
    (sum, kind) =>
      sum + COUNTED.filter((key) => truth[kind]?.[key] !== counted[kind]?.[key]).length,
    0,
  );
}
