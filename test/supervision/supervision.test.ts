// A launched target that dies: who is blamed, who is not, what goes on, and what is left running.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Ran, runAssay, verdictLines } from '../support/assay.ts';

const SERVER = fileURLToPath(new URL('server.mjs', import.meta.url));
const PARENT = fileURLToPath(new URL('parent.mjs', import.meta.url));

test.for([
  { order: 'die', how: 'at once' },
  { order: 'die later', how: 'after 100 ms, while it is waited for' },
])('a case that ends the process alone ($how) is blamed, the others are not', async ({ order }) => {
  const ran = await runCases({ a: 'one', b: order, c: 'two' }, { concurrency: 1 });
  expect(verdictLines(ran.result())).toEqual([
    'passed a#echoed',
    'failed b#echoed',
    'failed b#target-survives',
    'passed c#echoed',
  ]);
  expect(died(ran)).toEqual({ b: 'it ended with exit code 7' });
  expect(ran.result()).toMatchObject({ exitCode: 1, problems: [], notRun: [] });
  expect(ran.code).toBe(1);
  expectNothingRuns(ran);
});

test('what was undecided names the death, and the case says what was printed', async () => {
  const ran = await runCases({ b: 'die' }, { scenario: DIES_BEFORE_IT_IS_ASKED_AGAIN });
  const message =
    "The target's process ended after step 3 (idle) had begun: it ended with exit code 7.";
  expect(ran.result().cases[0]?.findings).toMatchObject([
    // Whether the end of its connection or of the process is noticed first is luck.
    { check: 'echoed', verdict: 'failed' },
    { check: 'opens-again', verdict: 'failed', message },
    {
      check: 'target-survives',
      verdict: 'failed',
      level: 'must',
      message,
      actual: { 'target.output': ['ready', 'asked to end'] },
      span: { file: 'b.yaml', line: 4 },
    },
  ]);
  expect(ran.stderr).toContain('target died: it ended with exit code 7');
  expect(ran.files['out/report.html']?.toString()).toContain('it ended with exit code 7');
  expect(ran.files['out/junit.xml']?.toString()).toContain('target-survives');
});

test('a death just after the verdict is not overlooked', async () => {
  const ran = await runCases({ a: 'die soon after' });
  expect(verdictLines(ran.result())).toEqual(['passed a#echoed', 'failed a#target-survives']);
  expect(ran.code).toBe(1);
});

test('of many that run side by side, only those that end the process are blamed', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const all = Object.fromEntries(names.map((name) => [name, `text ${name}`]));
  const ran = await runCases({ ...all, c: 'die', f: 'die later' }, { concurrency: 4 });
  expect(verdictLines(ran.result())).toEqual(
    names.flatMap((name) =>
      name === 'c' || name === 'f'
        ? [`failed ${name}#echoed`, `failed ${name}#target-survives`]
        : [`passed ${name}#echoed`],
    ),
  );
  expect(ran.result()).toMatchObject({ exitCode: 1, problems: [], notRun: [] });
  expectNothingRuns(ran);
});

test('no result that a death made worthless is ever reported', async () => {
  const ran = await runCases({ a: 'one', b: 'die', c: 'two', d: 'three' }, { concurrency: 4 });
  expect(endedCases(ran)).toEqual(['a', 'b', 'c', 'd']);
});

test('a death that does not happen again is a problem of the run, and nobody is blamed', async () => {
  const ran = await runCases({ a: 'one', b: 'die once' }, { concurrency: 1 });
  expect(verdictLines(ran.result())).toEqual(['passed a#echoed', 'passed b#echoed']);
  expect(ran.result().problems).toMatchObject([
    {
      code: 'TARGET_DIED',
      message: expect.stringMatching(
        /^The target's process ended while these ran, or just after: (a, b|b, a) \(it ended with exit code 7\)\.$/,
      ),
    },
  ]);
  expect(ran.code).toBe(3);
  expectNothingRuns(ran);
});

test('who comes after a slow killer is not blamed for it', async () => {
  const ran = await runCases(
    { a: 'die much later', b: 'one', c: 'two' },
    { isolation: 'exclusive', idle: '400ms' },
  );
  expect(died(ran)).not.toHaveProperty('b');
  expect(died(ran)).not.toHaveProperty('c');
  expect(verdictLines(ran.result())).toEqual([
    'passed a#echoed',
    'passed b#echoed',
    'passed c#echoed',
  ]);
  expect(ran.result().problems).toMatchObject([{ code: 'TARGET_DIED' }]);
  expect(ran.code).toBe(3);
});

test('whose death comes while the first exclusive case runs is blamed, and that case is not', async () => {
  const ran = await runCases(
    { a: 'die soon after', b: 'one', c: 'two' },
    { exclusive: 'b', idle: '60ms' },
  );
  expect(verdictLines(ran.result())).toEqual([
    'passed a#echoed',
    'failed a#target-survives',
    'passed b#echoed',
    'passed c#echoed',
  ]);
  expect(ran.result()).toMatchObject({ exitCode: 1, problems: [], notRun: [] });
  expect(endedCases(ran)).toEqual(['a', 'b', 'c']);
});

test('a death just after a short exclusive case may be of those before it, too', async () => {
  const ran = await runCases({ a: 'die much later', b: 'one' }, { exclusive: 'b' });
  expect(verdictLines(ran.result())).toEqual(['passed a#echoed', 'passed b#echoed']);
  expect(ran.result().problems).toMatchObject([
    { code: 'TARGET_DIED', message: expect.stringContaining('just after: a (it ended') },
  ]);
  expect(endedCases(ran)).toEqual(['a', 'b']);
});

test('a target that cannot be started again ends the run, which says where it was', async () => {
  const ran = await runCases({ a: 'one', b: 'die for good', c: 'two' }, { concurrency: 1 });
  expect(ran.result().notRun).toContain('c');
  expect(ran.result().problems).toMatchObject([
    { code: 'TARGET_DIED', message: expect.stringMatching(/just after: .*\bb\b/) },
    {
      code: 'TARGET_LAUNCH_FAILED',
      message: 'The target did not start: it ended with exit code 4.',
      hint: 'It printed:\n  not again',
    },
  ]);
  expect(ran.code).toBe(3);
  expectNothingRuns(ran);
});

test('a destructive case runs last, on a process of its own', async () => {
  const ran = await runCases({ a: 'die', b: 'one', c: 'two' }, { isolation: 'destructive' });
  expect(verdictLines(ran.result())).toEqual([
    'failed a#echoed',
    'failed a#target-survives',
    'passed b#echoed',
    'passed c#echoed',
  ]);
  // The one that was looked at first, one for each, and one that nobody used: it does not end by itself.
  expect(starts(ran)).toHaveLength(5);
  expectNothingRuns(ran);
});

test('what the launched process leaves behind is ended before it is started again', async () => {
  const ran = await runCases(
    { a: 'one', b: 'kill the parent', c: 'two' },
    { concurrency: 1, program: PARENT },
  );
  expect(verdictLines(ran.result())).toEqual([
    'passed a#echoed',
    'failed b#echoed',
    'failed b#target-survives',
    'passed c#echoed',
  ]);
  expect(died(ran)).toEqual({ b: 'it was ended by SIGKILL' });
  expect(ran.result()).toMatchObject({ exitCode: 1, problems: [], notRun: [] });
  expectNothingRuns(ran);
});

test('what it has started ends with the run, also where it does not end it itself', async () => {
  const ran = await runCases({ a: 'one' }, { program: PARENT });
  expect(ran.code).toBe(0);
  expectNothingRuns(ran);
});

const DIES_BEFORE_IT_IS_ASKED_AGAIN = `title: It dies while the client rests
steps:
  - as: first
    connect:
  - connection: first
    send: { text: die }
  - idle: 1s
  - as: second
    connect:
checks:
  echoed: { connection: first, received: { some: { text: die } }, within: 2s }
  opens-again: { connection: second, handshake: { status: 101 } }
`;

test('a target that ends by itself is no fault of the cases, and the run says so soon', async () => {
  const texts = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, name]));
  const ran = await runCases(texts, { lifetimeMs: 300, idle: '600ms', concurrency: 2 });
  expect(died(ran)).toEqual({});
  expect(ran.result().problems).toMatchObject([
    { code: 'TARGET_DIED' },
    { code: 'TARGET_DIED' },
    { code: 'TARGET_DIED' },
    { code: 'TARGET_DIED' },
    {
      code: 'TARGET_DIED',
      message: expect.stringMatching(
        /^The target's process ends by itself: without any case it ended with exit code 9, \d+ ms after it was ready\.$/,
      ),
    },
  ]);
  expect(ran.result().cases.flatMap(({ findings }) => findings)).toEqual([]);
  expect(ran.code).toBe(3);
  expectNothingRuns(ran);
});

test('a case that ends it for good is blamed, also where no counter-test can be made', async () => {
  const ran = await runCases({ a: 'die for good', b: 'one' }, { isolation: 'destructive' });
  expect(verdictLines(ran.result())).toEqual(['failed a#echoed', 'failed a#target-survives']);
  expect(ran.result()).toMatchObject({
    notRun: ['b'],
    problems: [{ code: 'TARGET_LAUNCH_FAILED' }],
  });
  expect(ran.code).toBe(3);
});

test('who comes after a case that makes it hang is not failed for it', async () => {
  const ran = await runCases({ a: 'one', b: 'hang', c: 'two' }, { concurrency: 1 });
  expect(verdictLines(ran.result())).toEqual([
    'passed a#echoed',
    'failed b#echoed',
    'passed c#echoed',
  ]);
  expect(ran.result().problems).toMatchObject([
    {
      code: 'TARGET_DIED',
      message: expect.stringContaining('(it hung: nothing was answered for 5 s, and it was ended)'),
    },
  ]);
  expect(ran.code).toBe(3);
  expectNothingRuns(ran);
}, 60_000);

interface Way {
  readonly concurrency?: number;
  readonly isolation?: string;
  /** The one case that is alone, after the others. */
  readonly exclusive?: string;
  /** Instead of one that sends its text and wants it back. */
  readonly scenario?: string;
  /** How long the process lives. */
  readonly lifetimeMs?: number;
  /** What is launched. */
  readonly program?: string;
  /** How long each case rests before it sends. */
  readonly idle?: string;
}

/** One case for each name, which sends its text and wants it back. */
function runCases(texts: Readonly<Record<string, string>>, way: Way = {}): Promise<Ran> {
  const { concurrency = 4, idle = '0ms', program = SERVER, scenario } = way;
  const { isolation = 'shared' } = way;
  const isolationOf = (name: string): string => (way.exclusive === name ? 'exclusive' : isolation);
  const scenarios = Object.entries(texts).map(([name, text]) => [
    `${name}.yaml`,
    scenario ??
      `title: ${name}
isolation: ${isolationOf(name)}
steps: [{ connect: }, { idle: ${idle} }, { send: { text: ${text} } }]
checks:
  echoed: { received: { some: { text: ${text} } }, within: 2s }
`,
  ]);
  const lifetime = way.lifetimeMs === undefined ? '' : `, LIFETIME_MS: "${way.lifetimeMs}"`;
  const target = `title: A server that can be told to die
endpoints: { open: "ws://127.0.0.1:\${port.open}/" }
concurrency: ${concurrency}
launch:
  command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(program)}]
  ports: [open]
  env: { PORT: "\${port.open}", STARTS: ../../starts, FORBIDDEN: ../../forbidden${lifetime} }
  ready: { line: "^ready", within: 10s }
`;
  return runAssay([...Object.keys(texts).map((name) => `${name}.yaml`), '--target', 'mortal'], {
    files: { ...Object.fromEntries(scenarios), 'targets/mortal/target.yaml': target },
  });
}

function died(ran: Ran): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ran.result().cases.flatMap(({ id, targetDied }) => (targetDied ? [[id, targetDied]] : [])),
  );
}

/** Each once, by name. */
function endedCases(ran: Ran): readonly string[] {
  return journal(ran)
    .flatMap(({ event, result }) => (event === 'case-ended' && result ? [result.id] : []))
    .toSorted();
}

function starts(ran: Ran): readonly number[] {
  return (ran.files['starts']?.toString() ?? '').trim().split('\n').map(Number);
}

function expectNothingRuns(ran: Ran): void {
  expect(starts(ran).filter(isRunning)).toEqual([]);
}

// One that has ended and that nobody has asked about yet runs no more.
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

type Line = { readonly event: string; readonly result?: { readonly id: string } };

function journal(ran: Ran): readonly Line[] {
  const text = ran.files['out/journal.ndjson']?.toString() ?? '';
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line); // our own file
}
