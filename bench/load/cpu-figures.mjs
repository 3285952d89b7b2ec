// What an attempt costs, against what it costs others.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { median, watched } from '../harness/machine.mjs';
import { load, planOf, warmCpu } from '../harness/own.mjs';
import { run, withServer } from '../harness/server.mjs';

const HERE = import.meta.dirname;
const RATE = 4000;
// `ws` has to keep up with it on a machine that is busy, too.
const WS_RATE = 2000;
const SECONDS = 8;

// NaN of a client that failed: its round does not count.
const node = async (script, ...args) => {
  const command = [join(HERE, script), ...args.map(String)];
  const { stdout } = await run(process.execPath, command).catch(() => ({ stdout: 'NaN' }));
  return Number(stdout);
};

/** The same arrivals for the generator, a C client and `ws`; and, for the record, C at its cheapest. */
export function cpuFigures({ figures, programOf, rounds }) {
  return withServer([programOf('server')], async (port) => {
    const client = async (...args) => {
      const { stdout } = await run(programOf('client'), [port, ...args].map(String));
      return JSON.parse(stdout).cpu;
    };
    const detail = [];
    const shares = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = await watched(async () => {
        const { worker, coordinator, unopened } = await warmCpu(
          planOf(port, { rate: RATE, ms: SECONDS * 1000, sources: [] }),
        );
        if (unopened > 0) throw new Error(`${unopened} attempts did not open`);
        return {
          worker,
          coordinator,
          c: await client(RATE * SECONDS, 'rate', RATE),
          cBusy: await client(40_000),
          ...(await besideWs(port)),
        };
      });
      detail.push(rounded(one.value));
      shares.push(one);
    }
    const ratio = (of, to) =>
      median(detail.map((one) => of(one) / to(one)).filter((each) => Number.isFinite(each)));
    const own = ({ worker }) => worker;
    const all = ({ worker, coordinator }) => worker + coordinator;
    const c = (one) => one.c;
    figures.tell('cpu-c', {
      what: `CPU of the worker for each attempt, against the C client at the same ${RATE} arrivals/s`,
      value: ratio(own, c),
      most: 1.8,
      unit: ' ×',
      shares,
      detail,
    });
    figures.tell('cpu-c-all', {
      what: 'the same with the coordinator, which is told of every attempt',
      value: ratio(all, c),
      unit: ' ×',
      shares,
    });
    figures.tell('cpu-c-busy', {
      what: 'the same against the C client with 64 always in flight, which never sleeps',
      value: ratio(own, (one) => one.cBusy),
      unit: ' ×',
      shares,
    });
    figures.tell('cpu-ws', {
      what: `CPU with the coordinator, against a bare \`ws\` client at the same ${WS_RATE} arrivals/s`,
      value: ratio(
        ({ ownAtWs }) => ownAtWs,
        ({ ws }) => ws,
      ),
      most: 0.4,
      unit: ' ×',
      shares,
    });
  });
}

async function besideWs(port) {
  const plan = planOf(port, { rate: WS_RATE, ms: SECONDS * 1000, sources: [] });
  const { worker, coordinator } = await warmCpu(plan);
  const ws = await node('ws-client.mjs', port, WS_RATE, SECONDS);
  return { ownAtWs: worker + coordinator, ws };
}

/** Full, verified handshakes against a bare `tls.connect`. */
export async function tlsFigure({ figures, folder, rounds }) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const server = [process.execPath, join(HERE, 'tls-server.mjs'), certFile, keyFile];
  const [rate, seconds] = [300, 10];
  const tls = { servername: 'localhost', ca: cert, insecure: false, resume: false };
  await withServer(server, async (port) => {
    const detail = [];
    const shares = [];
    for (let round = 0; round < rounds; round += 1) {
      const plan = planOf(port, { rate, ms: seconds * 1000, sources: [] });
      const endpoints = plan.endpoints.map((one) => ({ ...one, tls }));
      const one = await watched(async () => ({
        own: await warmCpu({ ...plan, endpoints }),
        bare: await node('tls-client.mjs', port, rate, seconds, certFile),
      }));
      if (one.value.own.unopened > 0) throw new Error('not all TLS attempts opened');
      detail.push(rounded({ worker: one.value.own.worker, bare: one.value.bare }));
      shares.push(one);
    }
    figures.tell('tls', {
      what: `CPU of the worker for each full, verified TLS handshake, against a bare \`tls.connect\` at the same ${rate}/s`,
      value: median(
        detail.map(({ worker, bare }) => worker / bare).filter((each) => Number.isFinite(each)),
      ),
      most: 1.15,
      unit: ' ×',
      shares,
      detail,
    });
  });
}

/** Runs back to back whose client leaves first: its ports are in TIME_WAIT. */
export function roundsFigure({ figures, programOf }) {
  return withServer([programOf('server')], async (port) => {
    const detail = [];
    const shares = [];
    for (let round = 0; round < 3; round += 1) {
      const plan = planOf(port, { rate: 6000, ms: 5000, endings: [{ share: 1, kind: 'fin' }] });
      const one = await watched(() => load(plan));
      const { generator, total } = one.value;
      detail.push({ cpuSeconds: Number(generator.cpuSeconds.toFixed(3)), opened: total.opened });
      shares.push(one);
    }
    figures.tell('rounds', {
      what: 'CPU of the third of three runs back to back whose client leaves first, against the first',
      value: detail[2].cpuSeconds / detail[0].cpuSeconds,
      most: 1.1,
      unit: ' ×',
      shares,
      detail,
    });
  });
}

function rounded(values) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(4))]),
  );
}
