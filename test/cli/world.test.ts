// What goes wrong around a run: outputs that cannot be written, a disk that is full, ports that are
// taken. What was decided is kept, and the exit code says what could not be done.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BIN, inProcess, runBin, start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { portOf, succeeds } from '../support/process.ts';

const REPORTS = ['journal.ndjson', 'junit.xml', 'report.html', 'result.json', 'summary.md'];
const ONE = 'connect/refuses-with-400';
const OPENS =
  'title: Opens\nsteps:\n  - connect:\nchecks:\n  opens: { handshake: { status: 101 } }\n';

/** Runs a line of shell in which `$BIN` is the program. */
function shell(line: string, cwd: string): ReturnType<typeof start>['done'] {
  const run = start(['bash', '-o', 'pipefail', '-c', line], {
    cwd,
    env: { BIN: `${process.execPath} ${BIN}` },
  });
  run.child.stdin?.end();
  return run.done;
}

describe('an output that nobody takes', () => {
  it.each([
    ['stderr, whose reader leaves', `$BIN run ${ONE} --out out 2>&1 | head -1`, 0],
    ['stderr on a full disk', `$BIN run ${ONE} --out out 2>/dev/full`, 0],
    ['stderr closed', `$BIN run ${ONE} --out out 2>&-`, 0],
    ['stdout, whose reader leaves', `$BIN run ${ONE} --out out --reporter json | head -c 1`, 0],
    ['stdout on a full disk', `$BIN run ${ONE} --out out --reporter json >/dev/full`, 3],
    ['stdout closed', `$BIN run ${ONE} --out out --reporter json >&-`, 0],
  ])('%s: the reports are written', async (_, line, code) => {
    const cwd = folderWith();
    const done = await shell(line, cwd);
    expect({ code: done.code, files: readdirSync(join(cwd, 'out')).toSorted() }).toEqual({
      code,
      files: REPORTS,
    });
  });

  it('a list that is lost says so', async () => {
    const done = await shell('$BIN list >/dev/full', folderWith());
    expect(done).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Cannot write to the standard output: ENOSPC'),
    });
  });

  it('a failure stays a failure where the reader leaves', async () => {
    const cwd = folderWith();
    const fault = '--fault refuses-with-403-always';
    const done = await shell(`$BIN run ${ONE} ${fault} --out out --reporter json | head -c 1`, cwd);
    expect(done.code).toBe(1);
  });
});

const canMount = succeeds(
  'unshare',
  '-m',
  'mount',
  '-t',
  'tmpfs',
  '-o',
  'size=64k',
  'none',
  '/mnt',
);

describe.skipIf(!canMount)('a disk that is full (needs a mount namespace)', () => {
  const onDisk = (kilobytes: number, line: string): string =>
    `unshare -m bash -c 'mkdir disk && mount -t tmpfs -o size=${kilobytes}k none disk && ${line}'`;

  it('from the first byte: exit 3, the verdicts are on the screen', async () => {
    const line = `head -c 100000 /dev/zero > disk/full; $BIN run ${ONE} --out disk/out`;
    const done = await shell(onDisk(64, line), folderWith());
    expect(done.code).toBe(3);
    expect(done.stderr).toContain(`✓ ${ONE} 1 passed`);
    expect(done.stderr).toMatch(
      /Could not test everything: Cannot write \S+journal\.ndjson: ENOSPC/,
    );
    expect(done.stderr).not.toMatch(/^Passed/m);
  });

  it('in the middle: the run goes on, and the journal can be made into reports later', async () => {
    const cwd = folderWith();
    const run = '$BIN run subprotocol/** --out disk/out';
    const line = `${run}; echo code=$?; cp -r disk/out kept`;
    const done = await shell(onDisk(64, line), cwd);
    expect(done.stdout).toContain('code=3');
    expect(readdirSync(join(cwd, 'kept'))).toEqual(['journal.ndjson']);
    const remade = await inProcess(['report', 'kept'], { cwd });
    expect(remade.code).toBe(130);
    const result = JSON.parse(readFileSync(join(cwd, 'kept/result.json'), 'utf8')) as {
      readonly cases: readonly unknown[];
      readonly notRun: readonly string[];
    };
    expect(result.cases.length).toBeGreaterThan(0);
    expect(result.notRun.length).toBeGreaterThan(0);
  });
});

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return portOf(server);
}

describe('a port that is taken', () => {
  it('by something else: the gateway says which, exit 3', async () => {
    const port = await takenPort();
    const done = await runBin(['gateway', '--port', `open=${port}`], { cwd: folderWith() });
    expect(done).toEqual({
      code: 3,
      stdout: '',
      stderr: `ws-assay: API open cannot listen on 127.0.0.1 port ${port}: the port is taken\nChoose another port, or 0 for a free one.\n`,
    });
  });

  it('that the probe should call: exit 3, nothing is judged', async () => {
    const port = await takenPort();
    const target = `url: ws://127.0.0.1:1/\nprobe: { remote: { listen: "127.0.0.1:${port}" } }\n`;
    const cwd = folderWith({ 'targets/t/target.yaml': target });
    const done = await inProcess(['run', ONE, '--target', 't', '--out', 'out'], { cwd });
    expect(done.code).toBe(3);
    expect(done.stderr).toMatch(
      /! PORT_UNAVAILABLE: The runner cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    );
    expect(readdirSync(join(cwd, 'out')).toSorted()).toEqual(REPORTS);
  });

  it.each(['tcp', 'http'] as const)(
    'where a target is to be launched (%s): what answers there is not tested in its place',
    async (kind) => {
      const server = createHttpServer((_, response) => response.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const address = `127.0.0.1:${portOf(server)}`;
      const place = kind === 'http' ? `http://${address}/` : address;
      const target = `url: ws://${address}/
launch:
  command: [node, -e, "require('net').createServer().listen(${portOf(server)}, '127.0.0.1')"]
  ready: { ${kind}: "${place}", within: 5s }
`;
      const cwd = folderWith({ 'targets/t/target.yaml': target, 'own.yaml': OPENS });
      const done = await inProcess(['run', 'own.yaml', '--target', 't', '--out', 'out'], { cwd });
      expect(done.code).toBe(3);
      expect(done.stderr).toContain(
        `TARGET_LAUNCH_FAILED: The target was not started: something else answers at ${place} already.`,
      );
    },
  );
});
