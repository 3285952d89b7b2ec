// What is concluded from absence holds only where presence would have been seen: at every endpoint, in
// time, and until the end of the run.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingOf, type Ran, runAssay, verdictLines } from '../support/assay.ts';
import { folderWith } from '../support/folder.ts';
import { startHandServer } from '../support/hand-server.ts';
import { recordOf, startLogServer, type Tell } from '../support/log-server.ts';

const VISIT = `title: A visit
steps:
  - connect:
  - close: { code: 1000 }
checks:
  opens: { handshake: { status: 101 } }
  told: { events: { $connect: { count: { gte: 1 } }, $disconnect: { count: { gte: 1 } } } }
  told-once: { events: { $disconnect: 1 } }
  no-message: { events: { message: 0 } }
`;

interface Given {
  readonly scenarios?: Readonly<Record<string, string>>;
  readonly settle?: string;
  readonly more?: string;
}

async function runOn(
  log: string,
  url: string,
  { scenarios = { 'visit.yaml': VISIT }, settle = '1s', more = '' }: Given = {},
): Promise<Ran> {
  const target = `endpoints:\n  open: ${url}\n${more}settle: ${settle}\nobserver: { file: ${log} }\n`;
  return runAssay([...Object.keys(scenarios), '--target', 'target.yaml'], {
    files: { ...scenarios, 'target.yaml': target },
  });
}

const logIn = (folder: string): string => join(folder, 'chat.log');

describe('a log that is slower than settle', () => {
  const after =
    (ms: number): Tell =>
    (told, append) => {
      const record = recordOf(told);
      setTimeout(() => append(record), ms);
    };

  it('is found before the run: no absence is believed, with the settle that would do', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log, after(1200));
    const ran = await runOn(log, url);
    expect(verdictLines(ran.result())).toEqual([
      'passed visit#opens',
      'passed visit#told',
      'errored visit#told-once',
      'errored visit#no-message',
    ]);
    expect(ran.code).toBe(3);
    expect(ran.result().problems).toMatchObject([
      {
        code: 'OBSERVER_SLOW',
        message: expect.stringMatching(/up to 1\d\d\d ms after .* settle, which is 1000 ms/),
        hint: expect.stringMatching(/^Set settle: (2s|2500ms) in the target file/),
      },
    ]);
    expect(findingOf(ran.result(), 'visit#told-once').reason).toBe('OBSERVER_SLOW');
  });

  it('is none with the settle that it needs, or where the checks watch for long enough', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log, after(1200));
    const own = VISIT.replace('message: 0 }', 'message: 0 }, within: 3s').replace(
      '$disconnect: 1 }',
      '$disconnect: 1 }, within: 3s',
    );
    const [long, patient] = [
      await runOn(log, url, { settle: '2500ms' }),
      await runOn(log, url, { scenarios: { 'visit.yaml': own } }),
    ];
    expect([long.code, long.result().problems]).toEqual([0, []]);
    expect([patient.code, patient.result().problems]).toEqual([0, []]);
  });

  it('is found in the run by what comes late: a second $disconnect that was not waited for', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log, (told, append) => {
      append(recordOf(told));
      const again = recordOf(told);
      const isTwice = told.type === 'DISCONNECT' && told.index >= 4;
      if (isTwice) setTimeout(() => append({ ...again, invocationId: 'again' }), 1800);
    });
    const idle = `title: Some time\nsteps:\n  - connect:\n  - idle: 4s\nchecks:\n  it: { handshake: { status: 101 } }\n`;
    const ran = await runOn(log, url, { scenarios: { 'visit.yaml': VISIT, 'z-idle.yaml': idle } });
    expect(verdictLines(ran.result())).toEqual([
      'passed visit#opens',
      'passed visit#told',
      'errored visit#told-once',
      'passed visit#no-message',
      'passed z-idle#it',
    ]);
    expect(ran.code).toBe(3);
    expect(ran.result().problems).toMatchObject([
      {
        code: 'OBSERVER_SLOW',
        message: expect.stringMatching(
          /^A DISCONNECT event of the connection "client" of \S*visit was read \d+ ms after the case had been judged/,
        ),
      },
    ]);
  });

  it('is not what our own leaving brings about', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log);
    const stays = `title: It stays open\nsteps:\n  - connect:\nchecks:\n  open: { events: { $disconnect: 0 } }\n`;
    const idle = `title: Some time\nsteps:\n  - connect:\n  - idle: 2s\nchecks:\n  it: { handshake: { status: 101 } }\n`;
    const ran = await runOn(log, url, { scenarios: { 'stays.yaml': stays, 'z-idle.yaml': idle } });
    expect([ran.code, ran.result().problems]).toEqual([0, []]);
  });
});

describe('an endpoint whose backend is not seen', () => {
  const AT_B = VISIT.replace('connect:', 'connect: { endpoint: b }');
  const scenarios = { 'a.yaml': VISIT, 'b.yaml': AT_B };

  it('has no absence believed: its backend writes elsewhere', async () => {
    const folder = folderWith();
    const [seen, unseen] = [logIn(folder), join(folder, 'other.log')];
    const { url } = await startLogServer(seen);
    const other = await startLogServer(unseen);
    const ran = await runOn(seen, url, { scenarios, more: `  b: ${other.url}\n` });
    expect(verdictLines(ran.result())).toEqual([
      'passed a#opens',
      'passed a#told',
      'passed a#told-once',
      'passed a#no-message',
      'passed b#opens',
      'failed b#told',
      'failed b#told-once',
      'errored b#no-message',
    ]);
    expect(ran.result().problems).toEqual([
      {
        code: 'OBSERVER_SILENT',
        message:
          'In the whole run no event of a connection to the endpoint "b" reached the runner; one more was let in, and no event of it came within 15 s.',
        hint: expect.any(String),
      },
    ]);
  }, 60_000);

  it('is believed where it has been heard in the run', async () => {
    const log = logIn(folderWith());
    const [a, b] = [await startLogServer(log), await startLogServer(log)];
    const ran = await runOn(log, a.url, { scenarios, more: `  b: ${b.url}\n` });
    expect([ran.code, ran.result().problems]).toEqual([0, []]);
  });

  // A request without Upgrade is refused, and nothing is invoked.
  const REFUSED = `title: No upgrade
steps:
  - connect: { endpoint: b, headers: { Upgrade: null } }
checks:
  refused: { handshake: { status: 426 } }
  none: { events: { $connect: 0 } }
`;
  const refusals = async (isSeen: boolean): Promise<Ran> => {
    const folder = folderWith();
    const log = logIn(folder);
    const a = await startLogServer(log);
    const b = await startLogServer(isSeen ? log : join(folder, 'other.log'), (told, append) => {
      if (told.isOpen) append(recordOf(told));
    });
    return runOn(log, a.url, { scenarios: { 'b.yaml': REFUSED }, more: `  b: ${b.url}\n` });
  };

  it('is asked once more where its cases could not bring an event about, and is heard', async () => {
    const ran = await refusals(true);
    expect([ran.code, ran.result().problems]).toEqual([0, []]);
  });

  it('is asked once more where its cases could not bring an event about, and is not', async () => {
    const ran = await refusals(false);
    expect([ran.code, verdictLines(ran.result())]).toEqual([
      3,
      ['passed b#refused', 'errored b#none'],
    ]);
  }, 60_000);

  it('fails for what it refuses, and is not errored for it', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log);
    const refusing = await startHandServer({
      answer: () => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
    });
    const ran = await runOn(log, url, { scenarios, more: `  b: ${refusing.url}\n` });
    refusing.stop();
    expect(ran.result().problems).toEqual([]);
    expect(verdictLines(ran.result()).slice(4)).toEqual([
      'failed b#opens',
      'failed b#told',
      'failed b#told-once',
      'failed b#no-message',
    ]);
    expect(ran.code).toBe(1);
  }, 60_000);

  it('that refuses everybody, where nothing else fails, is errored', async () => {
    const log = logIn(folderWith());
    const { url } = await startLogServer(log);
    const refusing = await startHandServer({
      answer: () => 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n',
    });
    const denied = `title: Denied\nsteps:\n  - connect: { endpoint: b }\nchecks:\n  refused: { handshake: { status: 403 } }\n  none: { events: { $connect: 0 } }\n`;
    const ran = await runOn(log, url, {
      scenarios: { 'b.yaml': denied },
      more: `  b: ${refusing.url}\n`,
    });
    refusing.stop();
    expect(verdictLines(ran.result())).toEqual(['passed b#refused', 'errored b#none']);
    expect(ran.result().problems).toMatchObject([
      { code: 'OBSERVER_SILENT', message: expect.stringContaining('one more was not let in') },
    ]);
  }, 60_000);
});

describe('an observer that falls silent in the run', () => {
  it('has nothing believed that came after its last record', async () => {
    const folder = folderWith();
    const log = logIn(folder);
    // What is written goes elsewhere from the last connection of the cases on, as after a rotation that nobody follows.
    const { url } = await startLogServer(log, (told, append) => {
      if (told.index < 5) append(recordOf(told));
    });
    const quiet = VISIT.replace('  told: {', '  told: { connection: client, ').replace(
      / {2}told: .*\n {2}told-once: .*\n/,
      '',
    );
    const ran = await runOn(log, url, {
      scenarios: { 'a.yaml': VISIT, 'b.yaml': quiet },
      more: 'concurrency: 1\n',
    });
    expect(verdictLines(ran.result())).toEqual([
      'passed a#opens',
      'passed a#told',
      'errored a#told-once',
      'errored a#no-message',
      'passed b#opens',
      'errored b#no-message',
    ]);
    expect(ran.code).toBe(3);
    expect(ran.result().problems).toEqual([
      {
        code: 'OBSERVER_SILENT',
        message: `The file ${log} fell silent during the run: of one more connection to the endpoint "open" no event came within 15 s.`,
        hint: expect.any(String),
      },
    ]);
  }, 60_000);

  it('has its absence taken back also when it is known to have failed', async () => {
    const folder = folderWith();
    const log = logIn(folder);
    const { url } = await startLogServer(log, (told, append) => {
      if (told.index < 5) append(recordOf(told));
      if (told.index === 5 && told.type === 'CONNECT') renameSync(log, `${log}.1`);
    });
    const none = `title: None\nsteps:\n  - connect:\nchecks:\n  none: { events: { message: 0 } }\n`;
    const idle = `title: Some time\nsteps:\n  - connect:\n  - idle: 7s\nchecks:\n  it: { handshake: { status: 101 } }\n`;
    const ran = await runOn(log, url, {
      scenarios: { 'a.yaml': none, 'b.yaml': none, 'z.yaml': idle },
      more: 'concurrency: 1\n',
    });
    expect(verdictLines(ran.result())).toEqual(['errored a#none', 'errored b#none', 'passed z#it']);
    expect(ran.result().problems.map(({ code }) => code)).toEqual(['OBSERVER_FAILED']);
  }, 60_000);
});

it('shows what a command said that tells of nothing, without secrets, and runs it beside its target', async () => {
  const folder = folderWith();
  const { url } = await startLogServer(logIn(folder));
  const script =
    "console.error(require('fs').existsSync('target.yaml') + ' no such container ' + 'x'.repeat(170) + ' hunter2-hunter2 ' + 'y'.repeat(300)); setInterval(() => {}, 1000)";
  const target = `url: ${url}
vars: { password: "\${secret:PASSWORD}" }
observer: { exec: ["${process.execPath}", -e, ${JSON.stringify(script)}] }
`;
  const ran = await runAssay(['visit.yaml', '--target', 'own/target.yaml'], {
    env: { PASSWORD: 'hunter2-hunter2' },
    files: { 'visit.yaml': VISIT, 'own/target.yaml': target },
  });
  const [problem] = ran.result().problems;
  expect(problem?.code).toBe('OBSERVER_SILENT');
  expect(problem?.message).toMatch(
    / Its command said last: true no such container x{170} \[red.*…$/,
  );
  expect(ran.stderr).not.toContain('hunter2');
}, 60_000);
