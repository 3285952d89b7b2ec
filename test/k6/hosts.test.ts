// One schedule, sent from several hosts: network namespaces of this machine, each with an address of its own, behind one switch.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { LoadResult } from '../../src/result/load-result.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { type Started, start } from '../support/command.ts';
import { testIo } from '../support/io.ts';
import { K6, NO_K6 } from './k6.ts';

const work = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(work, { recursive: true }));

// Of the range for benchmarks of networks (RFC 2544). No namespace but those below has them.
const SERVER = '198.18.77.1';
const addressOf = (host: number): string => `198.18.77.1${host}`;
const HOSTS = [1, 2, 3];

const ip = (...args: readonly string[]): boolean => spawnSync('ip', args).status === 0;
const nameOf = (host: number): string => `assay-${process.pid}-${host}`;
const NO_HOSTS = ((): string => {
  const name = nameOf(99);
  const isAllowed = ip('netns', 'add', name) && ip('netns', 'exec', name, 'true');
  ip('netns', 'del', name);
  return isAllowed ? '' : ' (skipped: ip netns is not allowed or not here)';
})();
const WHY_NOT = `${NO_K6}${NO_HOSTS}`;

const disconnect = (): void => {
  for (const host of [0, ...HOSTS]) ip('netns', 'del', nameOf(host));
};

/** Host 0 is the server's, and has the switch. */
function connectHosts(): void {
  const inside = (host: number, ...args: readonly string[]): boolean =>
    ip('-n', nameOf(host), ...args);
  const did = [ip('netns', 'add', nameOf(0)), inside(0, 'link', 'add', 'switch', 'type', 'bridge')];
  did.push(inside(0, 'addr', 'add', `${SERVER}/24`, 'dev', 'switch'));
  for (const host of HOSTS) {
    const port = `port${host}`;
    did.push(
      ip('netns', 'add', nameOf(host)),
      inside(
        0,
        'link',
        'add',
        port,
        'type',
        'veth',
        'peer',
        'name',
        'uplink',
        'netns',
        nameOf(host),
      ),
      inside(0, 'link', 'set', port, 'master', 'switch', 'up'),
      inside(host, 'addr', 'add', `${addressOf(host)}/24`, 'dev', 'uplink'),
      inside(host, 'link', 'set', 'uplink', 'up'),
    );
  }
  did.push(inside(0, 'link', 'set', 'switch', 'up'));
  expect(did).not.toContain(false);
}

function on(host: number, command: readonly string[]): Started {
  return start(['ip', 'netns', 'exec', nameOf(host), ...command], { cwd: work });
}

const LOAD = `title: From three hosts
load:
  phases:
    - { name: ramp, arrivalRate: 20/s, rampTo: 60/s, duration: 2s }
    - { name: peak, arrivalRate: 60/s, duration: 1s }
  openFor: 100ms
thresholds:
  some-are-refused: { count: 28, of: { handshake: { status: 429 } } }
`;
const URL_OF = `ws://${SERVER}:8080`;

/** Starts the script on every host, paused, and lets each go so many ms after the first one. */
async function sendFrom(name: string, delaysMs: readonly number[]): Promise<readonly string[]> {
  const sequence = '0,1/3,2/3,1';
  const parts = sequence.split(',');
  mkdirSync(join(work, name));
  const files = HOSTS.map((host) => join(name, `r${host}.ndjson`));
  const runners = HOSTS.map((host, at) => {
    const segment = `--execution-segment=${parts[at]}:${parts[at + 1]}`;
    const how = ['--quiet', '--paused', '--address=0.0.0.0:6565', segment];
    const all = `--execution-segment-sequence=${sequence}`;
    return on(host, [K6, 'run', ...how, all, '--out', `json=${files[at]}`, 'three.k6.ts']);
  });
  const hosts = HOSTS.map((host, at) => ({
    url: `http://${addressOf(host)}:6565/v1/status`,
    delayMs: delaysMs[at] ?? 0,
  }));
  const resumed = await on(0, [
    process.execPath,
    '--input-type=module',
    '-e',
    RESUME,
    JSON.stringify(hosts),
  ]).done;
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  for (const { done } of runners) await done;
  return files.map((file) => join(work, file));
}

// As docs/scaling-out.md has it for hosts: wait until each has its virtual users, then tell all.
const RESUME = `
const hosts = JSON.parse(process.argv[1]);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
for (const { url } of hosts) {
  for (let looks = 0; ; looks += 1) {
    const status = await fetch(url).then((answer) => answer.json()).catch(() => undefined);
    if (status?.data.attributes.status >= 4) break;
    if (looks === 600) throw new Error(url + ' is not ready');
    await wait(50);
  }
}
const body = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { paused: false } } });
const headers = { 'content-type': 'application/json' };
await Promise.all(hosts.map(async ({ url, delayMs }) => {
  await wait(delayMs);
  await fetch(url, { method: 'PATCH', headers, body });
}));
`;

async function imported(files: readonly string[]): Promise<{ code: number; load: LoadResult }> {
  const io = testIo({
    argv: ['import', 'k6', ...files, '--scenario', 'three.yaml', '--url', URL_OF, '--out', 'out'],
  });
  writeFileSync(join(io.cwd, 'three.yaml'), LOAD);
  const code = await main(io);
  const text = readFileSync(join(io.cwd, 'out/result.json'), 'utf8');
  const load = (JSON.parse(text) as RunResult).cases[0]?.load;
  if (load === undefined) throw new Error(io.stderrText());
  return { code, load };
}

// That the machine was busy is told, too, and not what this is about.
const limitsOf = ({ generator }: LoadResult): readonly string[] =>
  generator.limits.filter((one) => !/ms late/.test(one));

it.skipIf(WHY_NOT !== '')(
  `one schedule is sent from three hosts; one that is missing, or was late, is named${WHY_NOT}`,
  async () => {
    // A retry finds nothing of what it retries.
    onTestFinished(disconnect);
    connectHosts();
    const server = on(0, [
      process.execPath,
      fileURLToPath(new URL('./fixture/address-server.mjs', import.meta.url)),
      SERVER,
    ]);
    await server.printed('stdout', /listening/);
    writeFileSync(join(work, 'three.yaml'), LOAD);
    const exporting = testIo({
      argv: ['export', 'k6', 'three.yaml', '--url', URL_OF, '--out', '.'],
      cwd: work,
    });
    expect([await main(exporting), exporting.stderrText()]).toEqual([
      0,
      expect.stringContaining('140 attempts'),
    ]);

    const files = await sendFrom('together', [0, 0, 0]);
    const { load } = await imported(files);
    expect([load.total.offered, load.total.opened, load.total.refused]).toEqual([
      140,
      112,
      { 429: 28 },
    ]);
    expect([load.phases.map(({ name, offered }) => [name, offered]), limitsOf(load)]).toEqual([
      [
        ['ramp', 80],
        ['peak', 60],
      ],
      [],
    ]);

    const without = await imported(files.filter((_, at) => at !== 1));
    expect(without.code).toBe(4);
    const missing = 140 - without.load.total.offered;
    expect([missing > 40 && missing < 53, limitsOf(without.load)]).toEqual([
      true,
      [
        `${missing} of 140 attempts of the schedule are in no result: a runner is missing, or was ended early`,
      ],
    ]);

    const apart = await imported(await sendFrom('apart', [0, 0, 1500]));
    expect([apart.code, apart.load.total.offered]).toEqual([4, 140]);
    expect(limitsOf(apart.load).map((said) => said.replace(/\d\.\d\d s/, '1.5 s'))).toEqual([
      'r3.ndjson began 1.5 s after the first one, or its clock is off: what is offered each second was not what the schedule says',
    ]);

    server.child.kill();
    const { stdout } = await server.done;
    const cameFrom = HOSTS.map(
      (host) => stdout.split('\n').filter((text) => text === addressOf(host)).length,
    );
    // Two runs of 140, shared by three.
    expect(cameFrom.reduce((sum, count) => sum + count, 0)).toBe(280);
    for (const count of cameFrom) expect(Math.abs(count - 280 / 3)).toBeLessThan(5);
  },
);
