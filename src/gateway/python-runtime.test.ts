import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import { type Lambda, startLambda } from './lambda.ts';
import { findPython, isPythonHandler } from './python-runtime.ts';

let directory: string;
let lambda: Lambda;
const lines: string[] = [];

const OPTIONS = {
  clock: realClock(),
  region: 'eu-west-1',
  accountId: '111122223333',
  environment: { GREETING: 'hello ü' },
  log: (line: string) => lines.push(line),
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-python-'));
  await writeFile(join(directory, 'f.py'), FUNCTIONS);
  await writeFile(join(directory, 'beside.py'), 'VALUE = "beside"\n');
  await writeFile(
    join(directory, 'my-app.v2.py'),
    'def handler(event, context): return "dashes"\n',
  );
  await writeFile(join(directory, 'broken.py'), 'def handler(event context):\n');
  await writeFile(join(directory, 'throws.py'), 'raise Exception("at load")\n');
  await writeFile(join(directory, 'ends.py'), 'import os\nos._exit(3)\n');
  lambda = startLambda(OPTIONS);
});
afterAll(async () => {
  await lambda.close();
  await rm(directory, { recursive: true });
});

const invoke = (name: string, event: Json = {}, timeoutMs = 5000) =>
  lambda.invoke(join(directory, name), event, timeoutMs);

function hasPython(): boolean {
  try {
    return execFileSync('python3', ['--version']).length > 0;
  } catch {
    return false;
  }
}

test.each([
  ['/a/f.py#handler', true],
  ['/a/f.mjs#handler', false],
  ['/a/f.py/x.mjs#handler', false],
])('%s is in Python: %s', (handler, python) => {
  expect(isPythonHandler(handler)).toBe(python);
});

test.each([
  ['none', undefined, 'there is no python3 in PATH'],
  ['one that is too old', 'echo /usr/bin/python3; echo 7', 'python3 is version 3.7'],
  ['one that fails', 'exit 1', 'there is no python3 in PATH'],
])('%s of the interpreters is found', async (_, script, what) => {
  const program = join(directory, `python-${script?.length ?? 0}`);
  if (script !== undefined) {
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
  }
  await expect(findPython(program)).rejects.toMatchObject({
    code: 'GATEWAY_CONFIG',
    message: `a handler is in Python, and ${what}`,
    hint: 'Install Python 3.8 or later and see that `python3 --version` works.',
  });
});

describe.skipIf(!hasPython())('with a python3', () => {
  test('it is found', async () => {
    expect(await findPython()).toMatch(/python/);
  });

  test.each([
    ['f.py#same', { a: 1, t: 'ü👋', n: null, l: [true, 1.5] }],
    ['my-app.v2.py#handler', 'dashes'],
    ['f.py#nothing', null],
    ['f.py#half', 'a\ud800b'],
    ['f.py#beside', 'beside'],
    ['f.py#reads', ''],
  ])('%s answers', async (name, value) => {
    const event = { a: 1, t: 'ü👋', n: null, l: [true, 1.5] };
    expect(await invoke(name, event)).toEqual({ kind: 'returned', value });
  });

  test.each([
    ['f.py#unauthorized', 'Unauthorized'],
    ['f.py#silent', ''],
    ['f.py#lookup', "'connectId'"],
    ['f.py#bytes', 'Unable to marshal response: Object of type bytes is not JSON serializable'],
    ['f.py#nan', expect.stringMatching(/^Unable to marshal response: Out of range float/)],
    ['f.py#coroutine', expect.stringMatching(/^Unable to marshal response: .* coroutine/)],
    ['f.py#ends', 'the function ended its process with code 7'],
    ['f.py#dies', 'the function ended its process with SIGKILL'],
    ['f.py#missing', 'there is no function missing in f.py'],
    ['f.py#VALUE', 'there is no function VALUE in f.py'],
    ['throws.py#handler', 'at load'],
    ['ends.py#handler', 'the function ended its process with code 3'],
    ['broken.py#handler', expect.stringContaining('broken.py')],
    ['nosuch.py#handler', expect.stringContaining('nosuch.py')],
  ])('%s fails, the next time too', async (name, errorMessage) => {
    expect(await invoke(name)).toEqual({ kind: 'failed', errorMessage });
    expect(await invoke(name)).toEqual({ kind: 'failed', errorMessage });
  });

  test.each(['f.py#hangs', 'f.py#spins'])('%s is ended when its time is up', async (name) => {
    expect(await invoke(name, {}, 100)).toEqual({ kind: 'timed-out' });
  });

  test('an interpreter that cannot be started fails the invocation', async () => {
    const other = startLambda({ ...OPTIONS, python: join(directory, 'no-such-python') });
    const outcome = await other.invoke(join(directory, 'f.py#same'), {}, 1000);
    await other.close();
    expect(outcome).toMatchObject({
      kind: 'failed',
      errorMessage: expect.stringMatching(/^python3 could not be started: .*ENOENT/),
    });
  });

  test('the context and the environment', async () => {
    expect(await invoke('f.py#describe', {}, 3000)).toEqual({
      kind: 'returned',
      value: {
        remaining: true,
        request: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'f',
        version: '$LATEST',
        arn: 'arn:aws:lambda:eu-west-1:111122223333:function:f',
        memory: '1024',
        group: '/aws/lambda/f',
        greeting: 'hello ü',
        region: 'eu-west-1',
      },
    });
  });

  test('what is printed and logged is told line by line, as on Lambda', async () => {
    lines.length = 0;
    await invoke('f.py#talks');
    await expect.poll(() => lines).toHaveLength(5);
    expect(lines.map((line) => line.replace(/\d{4}-.*Z\t[0-9a-f-]{36}/, 'AT\tID'))).toEqual([
      'printed ü',
      'two',
      'on standard error',
      '[WARNING]\tAT\tID\twarned',
      'from another program',
    ]);
  });

  test('a level that the function sets counts', async () => {
    lines.length = 0;
    await invoke('f.py#informs');
    await expect.poll(() => lines).toEqual([expect.stringMatching(/^\[INFO\]\t.*\tinformed$/)]);
  });

  test('a warm environment is used again, and a busy one never twice at a time', async () => {
    const first = await invoke('f.py#count');
    const second = await invoke('f.py#count');
    expect([first, second]).toEqual([
      { kind: 'returned', value: 1 },
      { kind: 'returned', value: 2 },
    ]);
    const alone = await Promise.all(Array.from({ length: 4 }, () => invoke('f.py#meets')));
    expect(new Set(alone.map((one) => one.kind === 'returned' && one.value)).size).toBe(4);
  });

  test('provisioned environments are processes that wait', async () => {
    const other = startLambda(OPTIONS);
    await other.warm(join(directory, 'f.py#pid'), 2);
    const [one, two] = await Promise.all([
      other.invoke(join(directory, 'f.py#pid'), {}, 1000),
      other.invoke(join(directory, 'f.py#pid'), {}, 1000),
    ]);
    const pids = [one, two].map((outcome) => (outcome?.kind === 'returned' ? outcome.value : 0));
    expect(new Set(pids).size).toBe(2);
    await other.close();
    for (const pid of pids) expect(isRunning(Number(pid))).toBe(false);
  });

  test('closing fails what still runs', async () => {
    const other = startLambda(OPTIONS);
    const running = other.invoke(join(directory, 'f.py#hangs'), {}, 20_000);
    await other.warm(join(directory, 'f.py#hangs'), 1);
    await other.close();
    expect((await running).kind).toBe('failed');
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const FUNCTIONS = `
import json, logging, os, subprocess, sys, time

VALUE = 1
calls = 0

def same(event, context): return event
def nothing(event, context): pass
def half(event, context): return "a\\ud800b"
def reads(event, context): return sys.stdin.read()
def unauthorized(event, context): raise Exception("Unauthorized")
def silent(event, context): raise ValueError()
def lookup(event, context): return event["connectId"]
def bytes(event, context): return b"x"
def nan(event, context): return float("nan")
async def coroutine(event, context): return 1
def ends(event, context): sys.exit(7)
def dies(event, context): os.kill(os.getpid(), 9)
def hangs(event, context): time.sleep(60)
def pid(event, context):
    time.sleep(0.1)
    return os.getpid()
def spins(event, context):
    while True: pass

def beside(event, context):
    import beside
    return beside.VALUE

def describe(event, context):
    remaining = context.get_remaining_time_in_millis()
    return {
        "remaining": 2000 < remaining <= 3000,
        "request": context.aws_request_id,
        "name": context.function_name,
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "group": context.log_group_name,
        "greeting": os.environ["GREETING"],
        "region": os.environ["AWS_REGION"],
    }

def talks(event, context):
    print("printed ü\\ntwo")
    print("on standard error", file=sys.stderr)
    logging.info("not shown")
    logging.warning("warned")
    subprocess.run(["echo", "from another program"])

def informs(event, context):
    logging.basicConfig(level=logging.ERROR, force=False)
    logging.getLogger().setLevel("INFO")
    logging.info("informed")

def count(event, context):
    global calls
    calls += 1
    return calls

def meets(event, context):
    time.sleep(0.3)
    return os.getpid()
`;
