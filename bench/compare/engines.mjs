// One scenario with both engines against the same server, in turn, so that what changes on the machine changes for both:
// `node bench/compare/engines.mjs [--rounds N] [--rate N] [--seconds N] [--segments N] [--save]`. Every count has to be that of the
// schedule, and of the answers; p50 and p99 apart, in the median round, by no more than 5 % or 2 ms. Exits with 1 when a goal is missed. K6: the
// path of k6 1.6 or newer where it is not on PATH. Needs cc. What else the machine did stands beside each figure.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFigures } from '../harness/figures.mjs';
import { median, watched } from '../harness/machine.mjs';
import { withPrograms, withServer } from '../harness/server.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '8' },
    segments: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});
const [rounds, rate, seconds] = [values.rounds, values.rate, values.seconds].map(Number);
const HERE = import.meta.dirname;
const BIN = join(HERE, '../../dist/cli/bin.js');
const ENGINES = {
  'built-in': [],
  k6: ['--engine', 'k6'],
  [`k6, ${values.segments} segments`]: ['--engine', 'k6', '--segments', values.segments],
};
const TIMES = { upgrade: 'start to open', refusal: 'start to refusal', intended: 'due to open' };
// What the two may differ by: the larger of both.
const NEAR = { share: 0.05, ms: 2 };
const LONGEST_SECONDS = seconds + 60;

const scheduled = rate * seconds;
const answers = Array.from({ length: scheduled }, (_, at) => answerTo(at + 1));
const wanted = {
  opened: answers.filter((status) => status === 101).length,
  refused: Object.fromEntries(
    [403, 429].map((status) => [status, answers.filter((one) => one === status).length]),
  ),
};

const figures = createFigures(values);
await withPrograms(['compare/usage'], async (programOf, folder) => {
  const file = join(folder, 'both.yaml');
  await writeFile(
    file,
    `title: With both engines\nload:\n  phases: [{ name: steady, arrivalRate: ${rate}/s, duration: ${seconds}s }]\n  openFor: 200ms\nthresholds:\n  get-in: { count: { gte: 1 }, of: { handshake: { status: 101 } } }\n`,
  );
  const runs = new Map(Object.keys(ENGINES).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, more] of Object.entries(ENGINES)) {
      // A server of its own: the counts of answers begin anew.
      const one = await watched(() =>
        withServer([process.execPath, join(HERE, 'engine-server.mjs')], (port) =>
          carryOut(programOf('usage'), { port, file, more, out: join(folder, 'out') }),
        ),
      );
      runs.get(name).push(one);
    }
  }
  for (const [name, all] of runs) tell(name, all, runs.get('built-in'));
});
process.exitCode = await figures.end();

function answerTo(asked) {
  return asked % 5 === 0 ? 429 : asked % 7 === 0 ? 403 : 101;
}

async function carryOut(usage, { port, file, more, out }) {
  const url = `ws://127.0.0.1:${port}/`;
  const argv = [process.execPath, BIN, 'run', file, '--url', url, '--out', out, ...more];
  const used = await new Promise((resolve, reject) => {
    const child = spawn(usage, [String(LONGEST_SECONDS), ...argv], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (bytes) => {
      said += bytes;
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(said.trim().split('\n').at(-1))));
  });
  const { cases } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
  const { total, latency, generator } = cases[0].load;
  return { ...used, total, latency, lateness: generator.lateness };
}

function tell(name, all, own) {
  const of = (pick) => median(all.map(({ value }) => pick(value)));
  // Round by round: what slows one slows the other.
  const apart = (pick) =>
    Math.abs(median(all.map(({ value }, round) => pick(value) - pick(own[round].value))));
  const ofOwn = (pick) => median(own.map(({ value }) => pick(value)));
  const isOwn = all === own;
  const wrong = all.filter(({ value }) => !isAsScheduled(value.total)).length;
  figures.tell(`engines-counts-${name}`, {
    what: `${name}: runs of ${all.length} whose counts are not those of the schedule (${scheduled} offered, ${wanted.opened} opened, ${JSON.stringify(wanted.refused)} refused)`,
    value: wrong,
    most: 0,
    shares: all,
    ...(wrong > 0 ? { detail: all.map(({ value }) => value.total) } : {}),
  });
  for (const [time, what] of Object.entries(TIMES)) {
    for (const percent of ['p50Ms', 'p99Ms']) {
      const pick = ({ latency }) => latency[time][percent];
      const [value, other] = [of(pick), ofOwn(pick)];
      figures.tell(`engines-${time}-${percent}-${name}`, {
        what: `${name}: ${what}, ${percent.slice(0, 3)} ${value.toFixed(2)} ms${isOwn ? '' : ', apart from the built-in engine'}`,
        value: isOwn ? value : apart(pick),
        // From when an attempt was due the two begin at different instants: told, and not compared.
        ...(isOwn || time === 'intended'
          ? {}
          : { most: Math.max(NEAR.ms, Number((NEAR.share * other).toFixed(2))) }),
        unit: ' ms',
        shares: all,
        isTimed: true,
      });
    }
  }
  figures.tell(`engines-cpu-${name}`, {
    what: `${name}: CPU seconds for ${scheduled} attempts, start included`,
    value: of(({ cpuSeconds }) => cpuSeconds),
    unit: ' s',
    shares: all,
  });
  figures.tell(`engines-memory-${name}`, {
    what: `${name}: peak memory of all its processes together`,
    value: of(({ peakKb }) => peakKb / 1024),
    unit: ' MB',
    shares: all,
  });
}

function isAsScheduled({ offered, unsent, opened, refused }) {
  return (
    offered === scheduled &&
    unsent === 0 &&
    opened === wanted.opened &&
    [403, 429].every((status) => refused[status] === wanted.refused[status])
  );
}
