// The same work against the same server with every tool there is, in turn, so that what changes on the machine changes
// for all: `node bench/compare/compare.mjs [--rounds N] [--rate N] [--seconds N] [--only NAME]… [--save]`. Prints what each
// used up and reported, and exits with 1 when a goal is missed. A tool that is not installed is named and left out;
// bench/README.md says how to install them. K6: the path of k6 where it is not on PATH.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFigures } from '../harness/figures.mjs';
import { median, watched } from '../harness/machine.mjs';
import { withPrograms, withServer, withWire } from '../harness/server.mjs';
import { TOOLS } from './tools.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '4000' },
    seconds: { type: 'string', default: '15' },
    only: { type: 'string', multiple: true },
    save: { type: 'boolean', default: false },
  },
});
const [rounds, rate, seconds] = [values.rounds, values.rate, values.seconds].map(Number);
const GOALS = { Artillery: 1 / 5, tsung: 1 / 3, k6: 1 / 3 };
// At which every tool can be asked for times.
const DELAY = { rate: 500, seconds: 8, path: '/delay/50', holdSeconds: 0 };
const HELD = { seconds: 4, path: '/', holdSeconds: 10 };
const [FEW, MANY] = [25, 500];
const LONGEST_SECONDS = 90;

const figures = createFigures(values);
const here = [];
for (const tool of TOOLS) {
  const version = await tool.find();
  const isWanted = values.only === undefined || values.only.includes(tool.name);
  if (version === undefined) console.log(`left out ${tool.name}: it is not installed`);
  else if (isWanted) here.push({ ...tool, version });
}
console.log(here.map(({ name, version }) => `${name} ${version}`).join(' · '));

await withPrograms(
  ['load/server', 'load/client', 'load/wire', 'compare/usage'],
  async (programOf, folder) => {
    let runs = 0;
    const carryOut = async (tool, work) => {
      runs += 1;
      const own = join(folder, `run-${runs}`);
      await mkdir(own);
      const prepared = await tool.prepare({ ...work, folder: own, programOf });
      if (prepared === undefined) return undefined;
      const used = await usageOf(programOf('usage'), prepared);
      const told = await prepared.read().catch((error) => ({ why: String(error), opened: 0 }));
      return { ...used, ...told };
    };
    await withServer([programOf('server')], async (port) => {
      const costs = await each((tool) =>
        carryOut(tool, { port, path: '/', rate, seconds, holdSeconds: 0 }),
      );
      tellCosts(costs);
      const times = await each((tool) =>
        withWire(programOf('wire'), { port, seconds: LONGEST_SECONDS }, () =>
          carryOut(tool, { port, ...DELAY }),
        ),
      );
      tellTimes(times);
      const held = await each(
        async (tool) => ({
          few: await carryOut(tool, { port, ...HELD, rate: FEW }),
          many: await carryOut(tool, { port, ...HELD, rate: MANY }),
        }),
        1,
      );
      tellHeld(held);
    });
  },
);
process.exitCode = await figures.end();

async function each(work, times = rounds) {
  const all = new Map(here.map(({ name }) => [name, []]));
  for (let round = 0; round < times; round += 1) {
    for (const tool of here) all.get(tool.name).push(await watched(() => work(tool)));
  }
  return all;
}

function tellCosts(costs) {
  const per10k = ({ value }) => (value.cpuSeconds / Math.max(1, value.opened)) * 1e4;
  for (const [name, all] of costs) {
    figures.tell(`compare-cpu-${name}`, {
      what: `${name}: CPU seconds for each 10 000 connections at ${rate}/s, start included`,
      value: median(all.map(per10k)),
      shares: all,
      detail: all.map(({ value }) => ({
        version: here.find((tool) => tool.name === name).version,
        opened: value.opened,
        cpuSeconds: value.cpuSeconds,
        peakMB: Math.round(value.peakKb / 1024),
        seconds: value.wallSeconds,
        ...(value.why === undefined ? {} : { why: value.why }),
        ...(value.dropped > 0 ? { dropped: value.dropped } : {}),
      })),
    });
    figures.tell(`compare-memory-${name}`, {
      what: `${name}: peak memory of all its processes together`,
      value: median(all.map(({ value }) => value.peakKb / 1024)),
      unit: ' MB',
      shares: all,
    });
  }
  const own = costs.get('ws-assay');
  for (const [name, most] of Object.entries(GOALS)) {
    const other = costs.get(name);
    if (own === undefined || other === undefined) continue;
    figures.tell(`compare-ratio-${name}`, {
      what: `total CPU for each connection at ${rate}/s, against ${name}`,
      value: median(own.map((one, round) => per10k(one) / per10k(other[round]))),
      most: Number(most.toFixed(3)),
      unit: ' ×',
      shares: [...own, ...other],
    });
  }
}

function tellTimes(times) {
  for (const [name, all] of times) {
    const rows = all
      .map((one) => ({ told: one.value.value, wire: one.value.wire }))
      .filter(({ wire }) => wire !== undefined);
    if (rows.length === 0) continue;
    const detail = rows.map(({ told, wire }) => ({
      p50Ms: [told.p50Ms, wire.p50Ms],
      p99Ms: [told.p99Ms, wire.p99Ms],
      counts: [told.opened, wire.count],
    }));
    for (const [at, percent] of [
      ['p50Ms', 'p50'],
      ['p99Ms', 'p99'],
    ]) {
      const off = rows.map(({ told, wire }) => told[at] - wire[at]);
      figures.tell(`compare-${percent}-${name}`, {
        what: `${name}: reported ${percent} (${rows[0].told.what}) minus that on the wire, server answers after 50 ms, ${DELAY.rate}/s`,
        value: median(off),
        unit: ' ms',
        shares: all,
        isTimed: true,
        ...(at === 'p50Ms' ? { detail } : {}),
      });
    }
  }
}

function tellHeld(held) {
  for (const [name, [one]] of held) {
    const { few, many } = one.value;
    if (few === undefined || many === undefined || many.opened <= few.opened) continue;
    figures.tell(`compare-held-${name}`, {
      what: `${name}: memory for each connection that is held, ${many.opened} against ${few.opened}`,
      value: (many.peakKb - few.peakKb) / (many.opened - few.opened),
      unit: ' KiB',
      shares: [one],
    });
  }
}

// Of a command and all it starts; it is ended after LONGEST_SECONDS.
function usageOf(usage, { argv, env = {}, heard = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(usage, [String(LONGEST_SECONDS), ...argv], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (bytes) => {
      out += bytes;
    });
    child.stderr.on('data', (bytes) => {
      err += bytes;
    });
    child.on('error', reject);
    child.on('close', () => {
      heard(out);
      const line = err.trim().split('\n').at(-1) ?? '';
      resolve(line.startsWith('{') ? JSON.parse(line) : {});
    });
  });
}
