// Known deviations from the command line: a server by hand whose mistakes come and go, a target and
// scenarios of one's own.
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { type HandServer, startHandServer } from '../support/hand-server.ts';

const SCENARIO = `title: Only good paths open
axes: { path: [a, b] }
steps:
  - connect: { path: "/\${path}" }
checks:
  refused: { handshake: { status: 403 } }
  says-why: { level: should, handshake: { headers: { x-why: closed } } }
`;

const OTHER = `title: It says hello
steps: [{ connect: }]
checks: { hello: { handshake: { headers: { x-hello: "1" } } } }
`;

/** Status by path; `undefined`: the connection is reset. */
let answers: Record<string, number | undefined> = {};
let server: HandServer;
let cwd = '';

beforeEach(async () => {
  answers = { '/a': 500, '/b': 403 };
  server = await startHandServer({
    answer: (request, right, socket) => {
      if (request.target === '/') return right;
      const status = answers[request.target];
      if (status === undefined) socket.resetAndDestroy();
      return `HTTP/1.1 ${status} No\r\nX-Why: closed\r\nContent-Length: 0\r\n\r\n`;
    },
  });
  cwd = folderWith({
    'scenarios/paths/refused.yaml': SCENARIO,
    'scenarios/other/hello.yaml': OTHER,
    'targets/mine/target.yaml': `url: ${server.url}\nversion: 1.2.0\nbaseline: baseline.yaml\n`,
  });
});

afterEach(() => {
  server.stop();
  rmSync(cwd, { recursive: true, force: true });
});

const file = (): string => join(cwd, 'targets/mine/baseline.yaml');
const text = (): string => readFileSync(file(), 'utf8');
const run = (...args: readonly string[]) =>
  inProcess(['run', ...(args.length === 0 ? ['scenarios/paths'] : args), '--target', 'mine'], {
    cwd,
  });
const update = (...args: readonly string[]) =>
  inProcess(['baseline', 'update', '--target', 'mine', ...args], { cwd });

describe('a run with a baseline', () => {
  it('says what to do when there is none yet', async () => {
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no baseline targets/mine/baseline.yaml.'),
    });
    expect((await run('scenarios/paths', '--no-baseline')).code).toBe(1);
  });

  it('is made from a run, needs a reason, and then passes until something changes', async () => {
    const made = await update('scenarios/paths', '--expires', '2999-01-01');
    expect(made.code).toBe(0);
    expect(made.stderr).toContain('reasons to write: 1.');
    expect(text()).toContain(`target: "mine@1.2.0"
entries:
  - check: paths/refused[path=a]#refused
    verdict: failed
    actual: { handshake.status: 500 }
    reason: TODO
    expires: 2999-01-01
`);
    // Nobody has said why.
    const refused = await run();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('targets/mine/baseline.yaml:9:13 - error BSL_NO_REASON');
    expect((await inProcess(['validate'], { cwd })).code).toBe(2);

    writeFileSync(file(), text().replace('TODO', 'Its filter is broken.'));
    expect((await inProcess(['validate'], { cwd })).code).toBe(0);
    const passed = await run();
    expect(passed.code).toBe(0);
    expect(passed.stderr).toContain('Passed: 4 checks decided, none failed unexpectedly, 1 known');
    expect((await run('scenarios/paths', '--no-baseline')).code).toBe(1);

    answers['/a'] = 503;
    const other = await run();
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('handshake.status is 503, the entry says 500');

    answers['/a'] = 403;
    const mended = await run();
    expect(mended.code).toBe(1);
    expect(mended.stderr).toContain('it passes: remove its entry, targets/mine/baseline.yaml:6:12');

    answers = { '/a': 500, '/b': 500 };
    const more = await run();
    expect(more.code).toBe(1);
    expect(more.stderr).toContain('✗ paths/refused[path=b]#refused');
    expect(more.stderr).toContain('1 of 4 decided checks failed; 1 known deviation');
  });

  it('stays errored when nothing can be reached', async () => {
    await update('scenarios/paths', '--reason', 'Known.');
    server.stop();
    const down = await run();
    expect(down.code).toBe(3);
  });

  it('is about what is selected', async () => {
    await update('scenarios/paths', '--reason', 'Known.');
    expect((await run('paths/refused[path=b]')).code).toBe(0);
    expect((await run('paths/refused#says-why')).code).toBe(0);
    expect((await run('paths/refused[path=a]')).code).toBe(0);
    expect((await run('other/hello')).stderr).not.toContain('baseline');
  });

  it('is another file with --baseline, also for a bare URL', async () => {
    await update('scenarios/paths', '--reason', 'Known.');
    const bare = text().replace('target: "mine@1.2.0"\n', '');
    writeFileSync(join(cwd, 'known.yaml'), bare);
    const args = ['run', 'scenarios/paths', '--url', server.url];
    expect((await inProcess(args, { cwd })).code).toBe(1);
    const held = await inProcess([...args, '--baseline', 'known.yaml'], { cwd });
    expect(held.code).toBe(0);
    const wrong = join('targets', 'mine', 'baseline.yaml');
    expect(await inProcess([...args, '--baseline', wrong], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('BSL_OTHER_TARGET'),
    });
  });

  it.each([
    [
      'check: paths/refused[path=a]#refused',
      'check: paths/refused[path=x]#refused',
      'BSL_UNKNOWN_CHECK',
    ],
    [
      'check: paths/refused[path=a]#refused',
      'check: path/refused#refused',
      'did you mean "paths/refused#refused"?',
    ],
    ['expires: 2999-01-01', 'expires: 1 March', 'BSL_BAD_DATE'],
    ['actual: { handshake.status: 500 }', 'actual: {}', 'BSL_NO_EVIDENCE'],
    ['mine@1.2.0', 'mine@1.3', 'the baseline is for mine@1.3, and this is mine@1.2.0'],
  ])('runs nothing with a mistake: %s, %s', async (before, after, said) => {
    await update('scenarios/paths', '--reason', 'Known.', '--expires', '2999-01-01');
    writeFileSync(file(), text().replace(before, after));
    const refused = await run();
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(refused.stderr).toContain('Nothing was run.');
  });

  it('warns before an entry expires, and fails after it has', async () => {
    const today = new Date().toISOString().slice(0, 10);
    await update('scenarios/paths', '--reason', 'Known.', '--expires', today);
    const soon = await run();
    expect([soon.code, soon.stderr]).toEqual([0, expect.stringContaining('BSL_EXPIRES_SOON')]);
    writeFileSync(file(), text().replace(today, '2020-01-01'));
    const late = await run();
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('expired on 2020-01-01')]);
    // Putting it off is a person's decision.
    const updated = await update('scenarios/paths', '--reason', 'Known.');
    expect(updated.stderr).toContain('expired, and left');
    expect(text()).toContain('2020-01-01');
  });

  it('is told again from the journal and from the result', async () => {
    await update('scenarios/paths', '--reason', 'Known.');
    answers['/b'] = 500;
    await run('scenarios/paths', '--out', 'out');
    const junit = readFileSync(join(cwd, 'out/junit.xml'), 'utf8');
    expect(junit).toContain('expected failure: Known.');
    for (const source of ['out', 'out/journal.ndjson']) {
      const again = await inProcess(['report', source, '--out', 'again'], { cwd });
      expect(again.code).toBe(1);
      const repeated = readFileSync(join(cwd, 'again/junit.xml'), 'utf8');
      expect(repeated.replaceAll('again/', 'out/')).toBe(junit);
    }
  });
});

describe('baseline update', () => {
  it.each([
    [['--tag', 'slow'], '--tag'],
    [['--exclude-tag', 'slow'], '--exclude-tag'],
    [['--profile', 'connect'], '--profile'],
    [['paths/refused'], 'paths/refused'],
    [['scenarios/paths/refused.yaml'], 'scenarios/paths/refused.yaml'],
    [['rfc6455-handshake', 'paths/*'], 'paths/*'],
  ])('refuses a part: %j', async (args, named) => {
    expect(await update(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`takes whole suites, not a part: ${named}.`),
    });
    expect(existsSync(file())).toBe(false);
  });

  it.each([['yesterday'], ['2020-01-01'], ['2027-02-30']])('refuses --expires %s', async (date) => {
    expect((await update('scenarios/paths', '--expires', date)).code).toBe(2);
  });

  it('writes nothing after a run that did not test everything', async () => {
    await update('scenarios/paths', '--reason', 'Known.');
    const before = text();
    server.stop();
    const refused = await update('scenarios/paths', '--reason', 'Known.');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('Nothing was written to targets/mine/baseline.yaml');
    expect(text()).toBe(before);
  });

  it('leaves entries of other suites, and keeps what a person wrote', async () => {
    await update('scenarios/other', '--reason', 'It is shy.');
    const commented = text().replace('  - check', '  # The only one.\n  - check');
    writeFileSync(file(), commented);
    await update('scenarios/paths', '--reason', 'Known.');
    expect(text()).toContain('  # The only one.\n  - check: other/hello#hello');
    expect(text()).toContain('reason: It is shy.');
    expect(text()).toContain('check: paths/refused[path=a]#refused');
    expect((await run('scenarios')).code).toBe(0);
    const again = await update('scenarios');
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('is up to date')]);

    answers['/a'] = 403;
    const removed = await update('scenarios');
    expect(removed.stderr).toMatch(/removed: 1\n\s+paths\/refused\[path=a\]#refused/);
    expect(text()).not.toContain('paths/refused');
  });

  it('may be done again before the reasons are written', async () => {
    await update('scenarios/paths');
    answers['/b'] = 500;
    const again = await update('scenarios/paths');
    expect([again.code, again.stderr]).toEqual([
      0,
      expect.stringContaining('reasons to write: 2.'),
    ]);
  });

  it('writes through a link and leaves no other file behind', async () => {
    writeFileSync(join(cwd, 'shared.yaml'), 'entries: []\n');
    symlinkSync(join(cwd, 'shared.yaml'), file());
    await update('scenarios/paths', '--reason', 'Known.');
    expect(lstatSync(file()).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(cwd, 'shared.yaml'), 'utf8')).toContain('paths/refused');
  });

  it('asks where to write when the target names no baseline', async () => {
    writeFileSync(join(cwd, 'targets/mine/target.yaml'), `url: ${server.url}\n`);
    expect(await update('scenarios/paths')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('names no baseline'),
    });
    const given = await update('scenarios/paths', '--baseline', 'known.yaml', '--reason', 'r');
    expect([given.code, existsSync(join(cwd, 'known.yaml'))]).toEqual([0, true]);
  });
});
