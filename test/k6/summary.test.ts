// Summaries: fixtures that real k6 1.0, 1.5 and 2.2 wrote of the scenario below, exported, against a server that refuses each fifth
// with 429 after 50 ms (nobody-2.2: nobody listened); and one that a real k6 writes here, held against its own attempts.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Finding } from '../../src/result/finding.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { start } from '../support/command.ts';
import { testIo } from '../support/io.ts';
import { startWsServer } from '../support/ws-server.ts';
import { K6, NO_K6 } from './k6.ts';

const work = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(work, { recursive: true }));

const DOORS = `title: Doors
load:
  phases: [{ name: steady, arrivalRate: 30/s, duration: 2s }]
  openFor: 100ms
thresholds:
  few-are-refused: { count: { lte: 5 }, of: { handshake: { status: 429 } } }
  quickly: { p99: { lte: 5s }, of: { elapsed: { from: connecting, to: opened } } }
  most-get-in: { share: { gte: 50% }, of: { handshake: { status: 101 } } }
  no-second: { count: 0, of: { handshake: { status: 403 } } }
`;

interface Read {
  readonly code: number;
  readonly stderr: string;
  /** `failed check: message`, a line each; without those that are recorded only. */
  readonly judged: readonly string[];
  /** By the name of the metric. */
  readonly recorded: Readonly<Record<string, Finding['actual']>>;
  readonly result: RunResult | undefined;
}

async function read(
  names: readonly string[],
  { args = [], files = {} }: { args?: string[]; files?: Record<string, string> } = {},
): Promise<Read> {
  const io = testIo({ argv: ['import', 'k6', ...names, '--out', 'out', ...args] });
  writeFileSync(join(io.cwd, 'doors.yaml'), DOORS);
  for (const name of names) {
    const text = files[name];
    if (text === undefined) copyFileSync(fixture(name), join(io.cwd, name));
    else writeFileSync(join(io.cwd, name), text);
  }
  const code = await main(io);
  const result = resultIn(join(io.cwd, 'out/result.json'));
  const findings = result?.cases.flatMap((one) => one.findings) ?? [];
  const recorded = findings.filter(({ verdict }) => verdict === 'recorded');
  return {
    code,
    stderr: io.stderrText(),
    judged: findings
      .filter(({ verdict }) => verdict !== 'recorded')
      .map(({ verdict, check, message }) => `${verdict} ${check}: ${message}`)
      .toSorted(),
    recorded: Object.fromEntries(recorded.map(({ check, actual }) => [check, actual])),
    result,
  };
}

function fixture(name: string): URL {
  return new URL(`./fixture/summary/${name}`, import.meta.url);
}

function resultIn(path: string): RunResult | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunResult;
  } catch {
    return undefined;
  }
}

const FROM_SCENARIO = ['--scenario', 'doors.yaml', '--url', 'ws://127.0.0.1:1'];

it.each(['export-1.0.json', 'handled-1.0.json', 'export-2.2.json', 'handled-2.2.json'])(
  'the old form says how its thresholds came out: %s',
  async (name) => {
    const { code, judged, recorded, result } = await read([name]);
    expect(code).toBe(1);
    expect(judged.map((one) => one.replace(/p\(99\) is [\d.]+/, 'p(99) is …'))).toEqual([
      'failed ws_sessions{status:429} count<=5: ws_sessions{status:429} crosses count<=5: count is 12',
      'passed dropped_iterations count==0: dropped_iterations meets count==0: count is 0',
      'passed ws_connecting{status:101} p(99)<=5000: ws_connecting{status:101} meets p(99)<=5000: p(99) is …',
      'passed ws_sessions{status:403} count==0: ws_sessions{status:403} meets count==0: count is 0',
    ]);
    expect([recorded['ws_sessions'], recorded['ws_sessions{status:429}']]).toEqual([
      { count: 60 },
      { count: 12 },
    ]);
    const times = recorded['ws_connecting{status:101}'] ?? {};
    expect(Object.keys(times)).toEqual([
      'count',
      'min',
      'avg',
      'med',
      'p(95)',
      'p(99)',
      'p(99.9)',
      'max',
    ]);
    expect([times['count'], Number(times['min']) > 50]).toEqual([48, true]);
    expect(result?.cases[0]?.description).toMatch(
      /^Of a summary of k6 \((summary-export|handleSummary)\)\. It does not hold: single attempts: /,
    );
    // Where the metric stands in the file.
    const { line, column } = result?.cases[0]?.findings.find(({ verdict }) => verdict === 'failed')
      ?.span ?? { line: 0, column: 0 };
    const text = readFileSync(fixture(name), 'utf8').split('\n')[line - 1] ?? '';
    expect(text.slice(column - 1)).toMatch(/^"ws_sessions\{status:429\}"/);
  },
);

it.each(['machine-1.5.json', 'machine-2.2.json'])(
  'the new form has counts, three percentiles and no thresholds: %s',
  async (name) => {
    const { code, judged, recorded, stderr } = await read([name]);
    expect([code, judged]).toEqual([
      4,
      [
        'inconclusive thresholds: this summary tells of no threshold: say with --scenario what shall hold',
      ],
    ]);
    // p(90) is null where the script did not ask for it.
    expect(Object.keys(recorded['ws_connecting'] ?? {})).toEqual([
      'min',
      'avg',
      'med',
      'p(95)',
      'max',
    ]);
    expect(recorded['ws_sessions']).toEqual({ count: 60 });
    expect(stderr.split('\n').filter((one) => one.startsWith(name))).toEqual([
      `${name} is a summary and does not hold single attempts: when each was due and sent, how it ended, what the backend was told of it`,
      `${name} is a summary and does not hold counts by status, other than those that a threshold of the script names`,
      `${name} is a summary and does not hold sums over runners: percentiles cannot be added, and each runner judged its own share`,
      `${name} is a summary and does not hold how k6 judged its thresholds, and percentiles other than p(90) and p(95): this form has none`,
    ]);
  },
);

it.each(['export-1.0.json', 'handled-2.2.json', 'machine-1.5.json', 'machine-2.2.json'])(
  'a scenario is judged by it as far as that goes: %s',
  async (name) => {
    const { code, judged } = await read([name], { args: FROM_SCENARIO });
    expect([code, judged]).toEqual([
      1,
      [
        'failed few-are-refused: ws_sessions{status:429} crosses count<=5: count is 12',
        'inconclusive most-get-in: k6 has no shares with an interval: only what k6 wrote with --out json= tells',
        'inconclusive quickly: k6 measures from the start of an attempt, not from when it was due: only what k6 wrote with --out json= tells',
        'passed no-second: ws_sessions{status:403} meets count==0: count is 0',
      ],
    ]);
  },
);

it('nothing is decided by a summary of a part of the attempts', async () => {
  const text = readFileSync(fixture('export-2.2.json'), 'utf8').replaceAll(
    '"count": 60',
    '"count": 30',
  );
  const { code, judged } = await read(['half.json'], {
    args: FROM_SCENARIO,
    files: { 'half.json': text },
  });
  const why =
    'the summary is of 30 of 60 attempts: of one runner of several, of another script, or of a run that did not send all';
  expect([code, judged]).toEqual([
    4,
    ['few-are-refused', 'most-get-in', 'no-second', 'quickly'].map(
      (check) => `inconclusive ${check}: ${why}`,
    ),
  ]);
});

// k6 itself calls it met, and ends with 0.
it('a percentile of nothing is not met', async () => {
  const { code, judged } = await read(['nobody-2.2.json']);
  expect([code, judged[0]]).toEqual([
    4,
    'inconclusive ws_connecting{status:101} p(99)<=5000: nothing was measured for ws_connecting{status:101}',
  ]);
});

it('a summary that contradicts itself decides nothing', async () => {
  const text = readFileSync(fixture('export-2.2.json'), 'utf8').replace(
    '"count<=5": true',
    '"count<=5": false',
  );
  const { code, judged } = await read(['odd.json'], { files: { 'odd.json': text } });
  expect([code, judged[0]]).toEqual([
    4,
    'inconclusive ws_sessions{status:429} count<=5: k6 says that ws_sessions{status:429} meets count<=5, and its values say the opposite',
  ]);
});

it('several are told one by one, and none is lost', async () => {
  const { code, result } = await read(['export-1.0.json', 'export-2.2.json']);
  expect([code, result?.cases.map(({ id, findings }) => [id, findings.length])]).toEqual([
    1,
    [
      ['export-1.0.json', 10],
      ['export-2.2.json', 10],
    ],
  ]);
});

it('what cannot be read is refused', async () => {
  const whole = readFileSync(fixture('export-2.2.json'), 'utf8');
  const files = {
    'cut.json': whole.slice(0, whole.length / 2),
    'http.json': '{"metrics":{"http_reqs":{"count":3,"rate":1}}}',
    'some.ndjson':
      '{"metric":"ws_connecting","type":"Point","data":{"time":"2026-11-24T00:00:00Z","value":1}}\n',
    'other.json': readFileSync(fixture('machine-2.2.json'), 'utf8').replace(
      "assay: 'doors@",
      "assay: 'rush@",
    ),
  };
  const answers = [];
  for (const [names, args] of [
    [['cut.json'], []],
    [['http.json'], []],
    [['export-2.2.json', 'some.ndjson'], []],
    [['export-2.2.json', 'export-2.2.json'], []],
    [['other.json'], FROM_SCENARIO],
  ] as const) {
    const { code, stderr } = await read(names, { files, args: [...args] });
    answers.push([code, stderr.split('\n')[0]]);
  }
  expect(answers).toEqual([
    [2, 'ws-assay: cut.json has no attempt to connect that k6 measured.'],
    [2, 'ws-assay: http.json has no attempt to connect that k6 measured.'],
    [
      2,
      'ws-assay: export-2.2.json is a summary of k6, and other files are not: they are not read together.',
    ],
    [2, 'ws-assay: export-2.2.json was given twice.'],
    [2, 'ws-assay: other.json is of rush, and not of doors.'],
  ]);
});

it.skipIf(NO_K6 !== '')(`a summary and the attempts of one run agree${NO_K6}`, async () => {
  let asked = 0;
  const { url } = await startWsServer({
    delayMs: 20,
    refuse: () => (++asked % 5 === 0 ? 429 : undefined),
  });
  writeFileSync(join(work, 'doors.yaml'), DOORS);
  const importing = async (file: string): Promise<RunResult> => {
    const io = testIo({
      argv: [
        'import',
        'k6',
        join(work, file),
        '--scenario',
        'doors.yaml',
        '--url',
        url,
        '--out',
        'out',
      ],
    });
    copyFileSync(join(work, 'doors.yaml'), join(io.cwd, 'doors.yaml'));
    await main(io);
    return JSON.parse(readFileSync(join(io.cwd, 'out/result.json'), 'utf8')) as RunResult;
  };
  await main(
    testIo({ argv: ['export', 'k6', 'doors.yaml', '--url', url, '--out', '.'], cwd: work }),
  );
  const args = ['--quiet', '--out', 'json=r.ndjson', '--summary-export', 's.json', 'doors.k6.ts'];
  expect((await start([K6, 'run', ...args], { cwd: work }).done).code).toBe(99);
  const load = (await importing('r.ndjson')).cases[0]?.load;
  const findings = (await importing('s.json')).cases[0]?.findings ?? [];
  const held = (check: string): Finding['actual'] | undefined =>
    findings.find((one) => one.check === check)?.actual;
  expect([load?.total.offered, load?.total.refused]).toEqual([60, { 429: 12 }]);
  expect([held('ws_sessions'), held('ws_sessions{status:429}')]).toEqual([
    { count: 60 },
    { count: 12 },
  ]);
  const { count, max } = held('ws_connecting{status:101}') ?? {};
  expect(count).toBe(load?.latency['upgrade']?.count);
  expect(Math.abs(Number(max) - (load?.latency['upgrade']?.maxMs ?? 0))).toBeLessThan(1);
});
