// `calibrate` and `drift` against the reference gateway: two recordings of the same show no drift,
// one of a gateway with a fault shows exactly what the fault changes of what is recorded.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateSchema } from '../../src/base/json-schema.ts';
import type { Calibration } from '../../src/certify/calibration.ts';
import type { Drift } from '../../src/certify/drift.ts';
import { inProcess, startBin } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { startHandServer } from '../support/hand-server.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

/** What it is about: refusals, ids, codes, events, @connections. */
const SELECTION = [
  'authorizer/context',
  'authorizer/explicit-deny',
  'connect/event',
  'connect/malformed-upgrade',
  'connect/post-while-pending',
  'connect/refusal-answer',
  'connect/throws',
  'disconnect/event',
  'disconnect/follows-every-ending',
  'iam/malformed-authorization',
  'management/unknown-id',
];

async function calibrate(cwd: string, out: string, args: readonly string[] = []) {
  return await inProcess(['calibrate', ...SELECTION, '--repeat', '2', '--out', out, ...args], {
    cwd,
  });
}

async function driftOf(cwd: string, earlier: string, later: string) {
  const { code, stdout, stderr } = await inProcess(['drift', earlier, later, '--json'], { cwd });
  if (stdout === '') throw new Error(stderr);
  // our own output, whose shape the unit tests check
  return { code, drift: JSON.parse(stdout) as Drift };
}

/** `changed connect/throws#refused handshake.status 502 → 500`; of unstable values the kind only. */
function lines({ differences }: Drift): readonly string[] {
  return differences
    .map(({ kind, check, path, earlier, later }) => {
      const values = [earlier, later].map((one) =>
        one === undefined ? '–' : one.stability === 'unstable' ? '…' : JSON.stringify(one.value),
      );
      return `${kind} ${check} ${path} ${values.join(' → ')}`;
    })
    .toSorted();
}

describe('the reference gateway', () => {
  // Made in the first test that asks: its folder goes with that test, the text stays.
  let recording: Promise<string> | undefined;
  const firstRecording = (): Promise<string> => (recording ??= record());

  it('is recorded by requirement, with the conditions of each value', async () => {
    const recorded = JSON.parse(await firstRecording()) as Calibration;
    expect(recorded).toMatchObject({
      calibrationVersion: 1,
      tool: { name: 'ws-assay' },
      target: { name: 'reference', version: '0.1.0' },
      runs: 2,
    });
    expect(recorded.recordedAt).toMatch(/^20\d\d-\d\d-\d\dT/);
    expect(Object.keys(recorded.scenarios)).toEqual(SELECTION);
    const { observed = [] } = recorded.requirements['handshake.missing-key'] ?? {};
    expect(observed).toContainEqual({
      check: 'connect/malformed-upgrade[flaw=no-key]#as-seen',
      axes: { flaw: 'no-key' },
      path: 'handshake.body',
      observations: 2,
      stability: 'stable',
      value: '{"message":"Bad Request"}',
    });
    expect(observed).toContainEqual({
      check: 'connect/malformed-upgrade[flaw=no-key]#as-seen',
      axes: { flaw: 'no-key' },
      path: 'handshake.headers.date',
      observations: 2,
      stability: 'generated',
      value: '<time>',
    });
    const ids = recorded.requirements['event.connect.connection-id-format']?.observed ?? [];
    expect(ids.map(({ stability }) => stability)).toContain('generated');
  });

  it('is recorded as the published schema says', async () => {
    const schema = readFileSync(join(PACKAGE_ROOT, 'schema/calibration-1.schema.json'), 'utf8');
    expect(validateSchema(JSON.parse(schema), JSON.parse(await firstRecording()))).toEqual([]);
  });

  it('shows no drift in five more recordings', { retry: 0 }, async () => {
    const cwd = folderWith({ 'first.json': await firstRecording() });
    for (const name of ['1', '2', '3', '4', '5']) {
      await calibrate(cwd, `${name}.json`);
      const { code, drift } = await driftOf(cwd, 'first.json', `${name}.json`);
      expect(lines(drift)).toEqual([]);
      expect(drift.notCompared).toEqual([]);
      expect(drift.compared).toBeGreaterThan(150);
      expect(code).toBe(0);
    }
  });

  it.each<[faults: string, differences: readonly string[]]>([
    [
      'thrown-becomes-500',
      [
        'changed connect/throws#not-opened handshake.status 502 → 500',
        'changed connect/throws#status-502 handshake.status 502 → 500',
      ],
    ],
    [
      'deny-becomes-401',
      ['answer-as-seen', 'refused', 'status-403'].flatMap((check) => [
        String.raw`changed authorizer/explicit-deny#${check} handshake.body "{\"message\":\"Forbidden\"}" → "{\"message\":\"Unauthorized\"}"`,
        `changed authorizer/explicit-deny#${check} handshake.headers.content-length "23" → "26"`,
        `changed authorizer/explicit-deny#${check} handshake.status 403 → 401`,
      ]),
    ],
    [
      'registers-connection-early',
      [
        String.raw`changed connect/post-while-pending#get-as-seen answers.getConnection.body "" → "{\n  \"connectedAt\": \"<time>\",\n  \"identity\": {\n    \"sourceIp\": \"127.0.0.1\"\n  },\n  \"lastActiveAt\": \"<time>\"\n}"`,
        'changed connect/post-while-pending#get-as-seen answers.getConnection.status 410 → 200',
      ],
    ],
    [
      'empty-authorizer-in-event',
      ['appeared connect/event#unset-fields-as-seen $connect.requestContext.authorizer – → {}'],
    ],
    [
      'malformed-id-410',
      ['error-type', 'malformed-400'].flatMap((check) => [
        String.raw`changed management/unknown-id#${check} answers.malformed.body "{\"message\":\"Invalid connectionId: not-an-id\"}" → ""`,
        `changed management/unknown-id#${check} answers.malformed.headers.content-length "45" → "0"`,
        `changed management/unknown-id#${check} answers.malformed.headers.x-amzn-errortype "BadRequestException" → "GoneException"`,
        `changed management/unknown-id#${check} answers.malformed.status 400 → 410`,
      ]),
    ],
    [
      'no-disconnect-code',
      [
        ['event', '"done"', '1000'],
        ['follows-every-ending[ending=close-frame]', '"bye"', '4001'],
        ['follows-every-ending[ending=fin]', '""', '1006'],
        ['follows-every-ending[ending=reset]', '""', '1006'],
        ['follows-every-ending[ending=server]', '"Connection Closed Normally"', '1000'],
      ].flatMap(([id, reason, code]) => [
        `changed disconnect/${id}#code-as-seen $disconnect.requestContext.disconnectReason ${reason} → null`,
        `changed disconnect/${id}#code-as-seen $disconnect.requestContext.disconnectStatusCode ${code} → null`,
      ]),
    ],
    ['constant-request-id doubles-integration-timeout no-close-answer', []],
  ])('with %s drifts in what that changes of it, and nothing else', async (faults, expected) => {
    const cwd = folderWith({ 'first.json': await firstRecording() });
    const flags = faults.split(' ').flatMap((fault) => ['--fault', fault]);
    await calibrate(cwd, 'later.json', ['--repeat', '1', ...flags]);
    const { code, drift } = await driftOf(cwd, 'first.json', 'later.json');
    expect(lines(drift)).toEqual(expected);
    expect(code).toBe(expected.length === 0 ? 0 : 1);
  });
});

async function record(): Promise<string> {
  const cwd = folderWith();
  const { code, stderr } = await calibrate(cwd, 'first.json');
  expect(stderr).toContain('Written to first.json');
  expect(code).toBe(0);
  return readFileSync(join(cwd, 'first.json'), 'utf8');
}

const OWN = `title: What it answers
steps: [{ connect: }]
checks: { status: { record: [handshake.status] } }
`;

const FIXED = `title: It opens
steps: [{ connect: }]
checks: { opens: { handshake: { status: 101 } } }
`;

const QUICK = ['connect/refusal-answer', '--repeat', '1'];

describe('the command line', () => {
  it('writes a dated file of its own accord', async () => {
    const cwd = folderWith();
    const { code, stderr } = await inProcess(['calibrate', ...QUICK], { cwd });
    const [, path = ''] =
      /Written to (calibrations\/reference-20\d{6}T\d{6}Z\.json)\n/.exec(stderr) ?? [];
    expect(existsSync(join(cwd, path))).toBe(true);
    expect(code).toBe(0);
  });

  it('never replaces a file, and says so before anything is started', async () => {
    const cwd = folderWith({ 'mine.json': 'mine' });
    const { code, stderr } = await inProcess(['calibrate', ...QUICK, '--out', 'mine.json'], {
      cwd,
    });
    expect(stderr).toBe(
      'ws-assay: mine.json is there already.\nA calibration is never replaced: give --out another name.\n',
    );
    expect(code).toBe(2);
    expect(readFileSync(join(cwd, 'mine.json'), 'utf8')).toBe('mine');
  });

  it('lists what could not be observed with the reason, beside what was', async () => {
    const cwd = folderWith({
      'scenarios/own/seen.yaml': OWN,
      'scenarios/own/lacking.yaml': OWN.replace('connect:', 'connect: { endpoint: other }'),
    });
    const server = await startHandServer({ answer: () => 'HTTP/1.1 418 No\r\n\r\n' });
    const given = ['calibrate', 'scenarios/own', '--url', server.url, '--repeat', '1'];
    const { code } = await inProcess([...given, '--out', 'a.json'], { cwd });
    server.stop();
    const { withoutRequirement, unobserved } = JSON.parse(
      readFileSync(join(cwd, 'a.json'), 'utf8'),
    ) as Calibration; // our own file
    expect(withoutRequirement).toEqual([
      {
        check: 'own/seen#status',
        axes: {},
        path: 'handshake.status',
        observations: 1,
        stability: 'stable',
        value: 418,
      },
    ]);
    expect(unobserved).toEqual([
      {
        check: 'own/lacking#status',
        reason: 'not-applicable',
        message: 'The target does not have endpoint:other.',
      },
    ]);
    expect(code).toBe(0);
  });

  it('writes nothing when nothing was observed', async () => {
    const cwd = folderWith({ 'scenarios/own/seen.yaml': OWN });
    const argv = ['calibrate', 'own/seen', '--url', 'ws://127.0.0.1:9/', '--out', 'b.json'];
    const { code, stderr } = await inProcess(argv, { cwd });
    expect(stderr).toContain('TARGET_UNREACHABLE');
    expect(stderr).toContain('Nothing was observed, and nothing was written.');
    expect(code).toBe(3);
    expect(existsSync(join(cwd, 'b.json'))).toBe(false);
  });

  it('records now, compares, and keeps what it recorded', async () => {
    const cwd = folderWith();
    await inProcess(['calibrate', ...QUICK, '--out', 'a.json'], { cwd });
    const now = ['drift', 'a.json', '--target', 'reference', '--repeat', '1'];
    const same = await inProcess([...now, '--out', 'b.json'], { cwd });
    expect(same.stdout).toMatch(
      /^reference@0\.1\.0 \S+ → reference@0\.1\.0 \S+\n\d+ values compared: 0 drifted; 0 checks not compared\.\n$/,
    );
    expect(same.code).toBe(0);
    expect(existsSync(join(cwd, 'b.json'))).toBe(true);
    const other = await inProcess(['drift', 'a.json', 'b.json', '--target', 'reference'], { cwd });
    expect(other.stderr).toContain('A second calibration and a target exclude one another.');
    expect(other.code).toBe(2);
  });

  it('says which scenarios are comparable when not the same was asked', async () => {
    const cwd = folderWith();
    await inProcess(
      [
        'calibrate',
        'connect/refusal-answer',
        'connect/redirect',
        '--repeat',
        '1',
        '--out',
        'a.json',
      ],
      { cwd },
    );
    await inProcess(['calibrate', ...QUICK, '--out', 'b.json'], { cwd });
    const { code, stdout } = await inProcess(['drift', 'a.json', 'b.json'], { cwd });
    expect(stdout).toContain(
      'They did not ask the same: 1 scenarios are comparable, and only these were compared.\n  only earlier     connect/redirect\n',
    );
    expect(code).toBe(2);
    writeFileSync(
      join(cwd, 'c.json'),
      readFileSync(join(cwd, 'b.json'), 'utf8')
        .replace(/("connect\/refusal-answer": ")[0-9a-f]/, '$1_')
        .replace('"_', '"0'),
    );
    const none = await inProcess(['drift', 'b.json', 'c.json'], { cwd });
    expect(none.stdout).toContain('Nothing can be compared: they did not ask the same.');
    expect(none.code).toBe(4);
  });

  it.each<[string, readonly string[], string, number]>([
    ['no file', ['drift', 'none.json', 'some.json'], 'Cannot read', 2],
    [
      'no calibration',
      ['drift', 'some.json', 'some.json'],
      'some.json is no calibration: calibrationVersion: ',
      2,
    ],
    ['nothing to compare with', ['drift', 'some.json'], 'There is nothing to compare with.', 2],
    ['an unknown scenario', ['calibrate', 'no/such'], 'Nothing matches no/such.', 2],
    [
      'a scenario that records nothing',
      ['calibrate', 'fixed.yaml'],
      'Nothing matches fixed.yaml.',
      2,
    ],
    [
      'no number of runs',
      ['calibrate', '--repeat', '0'],
      'Write a whole number from 1 to 10000.',
      2,
    ],
  ])('%s is refused', async (_, argv, message, expected) => {
    const { code, stderr } = await inProcess(argv, {
      cwd: folderWith({ 'some.json': '{}', 'fixed.yaml': FIXED }),
    });
    expect(stderr).toContain(message);
    expect(code).toBe(expected);
  });

  it('writes nothing when it is interrupted', async () => {
    const cwd = folderWith();
    const started = startBin(['calibrate', 'connect/times-out', '--out', 'a.json'], { cwd });
    await started.printed('stderr', /Run 1 of 3/);
    started.child.kill('SIGINT');
    const { code, stderr } = await started.done;
    expect(stderr).toContain('Interrupted: nothing was written.');
    expect(code).toBe(130);
    expect(existsSync(join(cwd, 'a.json'))).toBe(false);
  });
});
