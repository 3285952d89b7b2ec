// How well `throttle` scenarios tell a limiter that they know nothing about: `node bench/load/throttle-accuracy.mjs [setting]…`
// with the numbers of settings, all by default. Rate within 1 %, burst within 5 % or 3, and the kind right; exits with
// 1 when one is missed. Each setting takes about 40 s: a real server, real sockets, the command that users run.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const BIN = join(HERE, '../../dist/cli/bin.js');

const bucket = (rate, burst, jitterMs = 0) => ({ kind: 'token-bucket', rate, burst, jitterMs });
const windowed = (kind, burst, windowMs, jitterMs = 0) => ({
  kind,
  burst,
  windowMs,
  jitterMs,
  rate: (burst / windowMs) * 1000,
});
const SETTINGS = [
  bucket(20, 1),
  bucket(20, 40, 20),
  bucket(35, 7, 5),
  bucket(50, 100, 10),
  bucket(75, 20),
  bucket(100, 200, 20),
  bucket(150, 50, 10),
  bucket(200, 400),
  bucket(500, 500, 5),
  bucket(1000, 100, 5),
  bucket(1000, 2000),
  bucket(2000, 1000),
  windowed('fixed-window', 30, 1000),
  windowed('fixed-window', 100, 2000, 10),
  windowed('fixed-window', 250, 1000, 5),
  windowed('sliding-log', 40, 1000),
  windowed('sliding-log', 120, 2000, 10),
  { kind: 'concurrency-cap', burst: 25, jitterMs: 0 },
  { kind: 'concurrency-cap', burst: 60, jitterMs: 5 },
  { kind: 'none', jitterMs: 5 },
];

const wanted = process.argv.slice(2).map(Number);
const numbers = wanted.length === 0 ? SETTINGS.map((_, at) => at + 1) : wanted;
const folder = await mkdtemp(join(tmpdir(), 'assay-throttle-'));
let missed = 0;
for (const number of numbers) {
  const setting = SETTINGS[number - 1];
  const { throttle, offer } = await probe(setting);
  const mistakes = mistakesOf(setting, throttle);
  if (mistakes.length > 0) missed += 1;
  console.log(
    `${mistakes.length === 0 ? 'reached' : 'MISSED '} ${number} ${JSON.stringify(setting)} offered ${offer}/s: ${told(throttle)}${mistakes.map((one) => `; ${one}`).join('')}`,
  );
  if (mistakes.length > 0) console.log(`        ${throttle?.because.join('; ')}`);
}
await rm(folder, { recursive: true });
console.log(`${numbers.length - missed} of ${numbers.length} settings`);
process.exitCode = missed === 0 ? 0 : 1;

async function probe(setting) {
  // Who knows nothing about a limit offers more than a slow one needs.
  const offer = Math.round(setting.rate === undefined ? 100 : Math.max(200, setting.rate * 2.2));
  const file = join(folder, 'limit.yaml');
  await writeFile(
    file,
    `title: A limiter\nthrottle: { connect: {}, offer: ${offer}/s, saturateFor: 8s }\nthresholds:\n  any: { estimate: token-bucket, of: throttle.kind }\n`,
  );
  const server = spawn(process.execPath, [join(HERE, 'limiter.mjs'), JSON.stringify(setting)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise((resolve) =>
    server.stdout.once('data', (text) => resolve(Number(String(text)))),
  );
  const out = join(folder, 'out');
  const args = ['run', file, '--url', `ws://127.0.0.1:${port}`, '--out', out];
  await new Promise((resolve) => execFile(process.execPath, [BIN, ...args], () => resolve()));
  server.stdin.end();
  const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
  return { throttle: result.cases[0]?.load?.throttle, offer };
}

function mistakesOf({ kind, rate, burst }, throttle) {
  if (throttle === undefined) return ['nothing was estimated'];
  if (throttle.kind !== kind) return [`taken for ${throttle.kind}`];
  if (kind === 'none') return [];
  const mistakes = [];
  const offRate = rate === undefined ? 0 : Math.abs(throttle.rate?.value / rate - 1);
  if (!(offRate <= 0.01)) mistakes.push(`rate off by ${(offRate * 100).toFixed(2)} %`);
  const offBurst = Math.abs(throttle.burst?.value - burst);
  if (!(offBurst <= Math.max(3, burst * 0.05)))
    mistakes.push(`burst off by ${offBurst.toFixed(1)}`);
  return mistakes;
}

function told(throttle) {
  if (throttle === undefined) return 'nothing';
  const { kind, rate, burst } = throttle;
  const text = (one) =>
    one === undefined
      ? '–'
      : `${one.value.toFixed(2)} (${one.low.toFixed(2)} to ${one.high.toFixed(2)})`;
  return `${kind}, rate ${text(rate)}, burst ${text(burst)}`;
}
