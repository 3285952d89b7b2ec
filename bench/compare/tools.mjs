// The tools that are compared: where they are, how they are told to do the same, and what they report of it.
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const ARTILLERY = join(HERE, 'node_modules/artillery');

/**
 * Each finds out its version (undefined: it is not here), and prepares a piece of work: so many arrivals a second for so
 * many seconds, each held so long and closed with 1000. `read` gives what was opened and, where it says so, p50 and p99
 * of `what` in ms.
 */
export const TOOLS = [
  {
    name: 'ws-assay',
    find: async () => JSON.parse(await readFile(join(HERE, '../../package.json'), 'utf8')).version,
    prepare: async ({ port, path, rate, seconds, holdSeconds, folder }) => {
      const file = join(folder, 'own.yaml');
      await writeFile(
        file,
        `title: The same arrivals\nload:\n  phases: [{ name: steady, arrivalRate: ${rate}/s, duration: ${seconds}s }]\n  openFor: ${holdSeconds}s\n  endings: [{ share: 100%, close: { code: 1000 } }]\nthresholds:\n  get-in: { share: { gte: 99% }, of: { handshake: { status: 101 } } }\n`,
      );
      const bin = join(HERE, '../../dist/cli/bin.js');
      const out = join(folder, 'out');
      const url = `ws://127.0.0.1:${port}${path}`;
      return {
        argv: [process.execPath, bin, 'run', file, '--url', url, '--out', out],
        read: async () => {
          const { cases } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
          const { total, latency, generator } = cases[0].load;
          const { p50Ms, p99Ms } = latency.upgrade;
          const limits = generator.limits.map(({ what = '' }) => what);
          return { opened: total.opened, p50Ms, p99Ms, what: 'start to open', limits };
        },
      };
    },
  },
  {
    name: 'C client',
    find: async () => 'of this repository',
    prepare: async ({ port, path, rate, seconds, holdSeconds, programOf }) => {
      if (holdSeconds > 0) return undefined;
      let printed = '';
      return {
        argv: [programOf('client'), port, rate * seconds, 'rate', rate, 'path', path].map(String),
        heard: (text) => {
          printed = text;
        },
        read: async () => {
          const { p50Ms, p99Ms, wrong } = JSON.parse(printed);
          return { opened: rate * seconds - wrong, p50Ms, p99Ms, what: 'start to open' };
        },
      };
    },
  },
  {
    name: 'Artillery',
    find: async () => {
      const text = await readFile(join(ARTILLERY, 'package.json'), 'utf8').catch(() => '{}');
      return JSON.parse(text).version;
    },
    prepare: async ({ port, path, rate, seconds, holdSeconds, folder }) => {
      const [file, out] = [join(folder, 'artillery.json'), join(folder, 'artillery-out.json')];
      const config = {
        target: `ws://127.0.0.1:${port}${path}`,
        phases: [{ duration: seconds, arrivalRate: rate }],
      };
      // A flow needs a step.
      const flow = [{ think: Math.max(0.001, holdSeconds) }];
      await writeFile(file, JSON.stringify({ config, scenarios: [{ engine: 'ws', flow }] }));
      return {
        argv: [process.execPath, join(ARTILLERY, 'bin/run'), 'run', '--quiet', '-o', out, file],
        env: { ARTILLERY_DISABLE_TELEMETRY: 'true' },
        read: async () => {
          const { aggregate } = JSON.parse(await readFile(out, 'utf8'));
          const { p50, p99 } = aggregate.summaries['vusers.session_length'];
          return {
            opened: aggregate.counters['vusers.completed'],
            p50Ms: p50,
            p99Ms: p99,
            what: 'whole session: it has no time of connecting',
          };
        },
      };
    },
  },
  {
    name: 'k6',
    find: async () => {
      const { stdout } = await run(k6(), ['version']).catch(() => ({ stdout: '' }));
      return /v([\d.]+)/.exec(stdout)?.[1];
    },
    prepare: async ({ port, path, rate, seconds, holdSeconds, folder }) => {
      const [file, out] = [join(folder, 'k6.js'), join(folder, 'k6-out.json')];
      const close =
        holdSeconds === 0
          ? 'socket.close(1000)'
          : `setTimeout(() => socket.close(1000), ${holdSeconds * 1000})`;
      // A virtual user for each that is open at a time, or arrivals are dropped.
      const users = Math.ceil(Math.min(rate * (holdSeconds + 0.25), rate * seconds));
      await writeFile(
        file,
        `import { WebSocket } from 'k6/websockets';
export const options = { summaryTrendStats: ['p(50)', 'p(99)'], scenarios: { all: { executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '1s', duration: '${seconds}s', preAllocatedVUs: ${users}, maxVUs: ${users}, gracefulStop: '${holdSeconds + 5}s' } } };
export default function () { const socket = new WebSocket('ws://127.0.0.1:${port}${path}'); socket.onopen = () => ${close}; }
`,
      );
      return {
        argv: [k6(), 'run', '--quiet', '--no-color', '--summary-export', out, file],
        env: { K6_NO_USAGE_REPORT: 'true' },
        read: async () => {
          const { metrics } = JSON.parse(await readFile(out, 'utf8'));
          return {
            opened: metrics.ws_sessions.count,
            p50Ms: metrics.ws_connecting['p(50)'],
            p99Ms: metrics.ws_connecting['p(99)'],
            dropped: metrics.dropped_iterations?.count ?? 0,
            what: 'ws_connecting',
          };
        },
      };
    },
  },
  {
    name: 'tsung',
    find: async () => {
      // It says so on the one or the other, and ends with 1.
      const { stdout, stderr } = await run('tsung', ['-v']).catch((error) => error);
      return /version ([\d.]+)/i.exec(`${stdout}${stderr}`)?.[1];
    },
    prepare: async ({ port, path, rate, seconds, holdSeconds, folder }) => {
      const [file, log] = [join(folder, 'tsung.xml'), join(folder, 'tsung')];
      const think = holdSeconds > 0 ? `<thinktime value="${holdSeconds}" random="false"/>` : '';
      await writeFile(
        file,
        `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
<clients><client host="localhost" use_controller_vm="true" maxusers="100000"/></clients>
<servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
<load><arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase></load>
<sessions><session name="connect" probability="100" type="ts_websocket">
<request><websocket type="connect" path="${path}"/></request>${think}
<request><websocket type="close"/></request>
</session></sessions></tsung>
`,
      );
      return {
        argv: ['tsung', '-f', file, '-l', log, 'start'],
        // Its cookie and its node's name are of this run only.
        env: { HOME: folder },
        read: async () => {
          const [run_ = ''] = await readdir(log);
          const text = await readFile(join(log, run_, 'tsung.log'), 'utf8');
          const all = [...text.matchAll(/^stats: websocket_succ \d+ (\d+)/gm)];
          return { opened: Number(all.at(-1)?.[1] ?? 0), what: 'means only' };
        },
      };
    },
  },
];

// On the path, or where `go install` puts it.
function k6() {
  return process.env.K6 ?? 'k6';
}
