// `certify`: what it refuses and why, and what it writes.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Certificate } from '../../src/result/certificate.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { changedTarget, freeze, SMALL, secretly, smallProfile } from '../support/frozen-profile.ts';
import { testIo } from '../support/io.ts';
import { PROBE_SECRET, scriptedTarget } from '../support/scripted-target.ts';

async function certify(cwd: string, args: readonly string[] = []) {
  return await inProcess(['certify', '--profile', SMALL, '--out', 'bundle', ...args], { cwd });
}

function certificateIn(cwd: string): Certificate {
  return JSON.parse(readFileSync(join(cwd, 'bundle/certificate.json'), 'utf8')) as Certificate;
}

const PART = 'No certificate: ';

it.each([
  [['connect/throws'], 'connect/throws would leave checks out.'],
  [['--tag', 'slow'], '--tag slow would leave checks out.'],
  [['--exclude-tag', 'slow'], '--exclude-tag slow would leave checks out.'],
  [['--tier', 'fast'], '--tier fast would leave checks out.'],
  [['--var', 'hold=1s'], '--var hold=1s would ask something else.'],
  [
    ['--baseline', 'b.yaml'],
    'A baseline would excuse deviations. The own one of the target is not used either.',
  ],
  [
    ['--fault', 'ignores-api-key'],
    '--fault ignores-api-key: a gateway with a fault is not what it would name.',
  ],
  [
    ['--url', 'ws://127.0.0.1:1/'],
    'The version of the implementation is not known: its target file has no version.',
  ],
])('refuses %j before anything is run', async (args, why) => {
  const cwd = await smallProfile();
  const { code, stdout, stderr } = await certify(cwd, args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.split('\n')[0]).toBe(`ws-assay: ${PART}${why}`);
  expect(readdirSync(cwd)).toEqual(['suites']);
});

it('refuses a target of unknown version', async () => {
  const cwd = await smallProfile();
  changedTarget(cwd, (text) => text.replace(/^version: .*\n/m, ''));
  const { code, stderr } = await certify(cwd, ['--target', 'changed']);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^ws-assay: No certificate: The version of the implementation is not known/,
  );
});

it('refuses a profile that is not as it was frozen, and names what changed', async () => {
  const cwd = await smallProfile();
  const text =
    'title: Laxer\nsteps: [{ connect: {} }]\nchecks: { chosen: { handshake: { outcome: opened } } }\n';
  const there = await smallProfile({ 'scenarios/subprotocol/one-offered.yaml': text });
  const lock = join(`suites/${SMALL}/suite.lock.json`);
  writeFileSync(join(there, lock), readFileSync(join(cwd, lock)));
  const { code, stderr } = await certify(there);
  expect(code).toBe(2);
  expect(stderr.split('\n')[0]).toBe(
    `ws-assay: ${PART}${SMALL} is not as it was frozen: scenarios/subprotocol/one-offered.yaml is changed; requirement subprotocol.integration-selects is gone.`,
  );
});

it('refuses a profile that was never frozen, and one that is none', async () => {
  const cwd = folderWith({
    [`suites/${SMALL}/suite.yaml`]:
      'title: A\nversion: "1"\nscenarios: [connect/refuses-with-400]\n',
  });
  const unlocked = await certify(cwd);
  expect(unlocked.stderr.split('\n')[0]).toBe(`ws-assay: ${PART}${SMALL} has no suite.lock.json.`);
  const moving = await certify(cwd, ['--profile', 'aws-apigateway']);
  expect(moving.stderr.split('\n')[0]).toBe(
    'ws-assay: aws-apigateway is not a frozen profile: its suite has no such version.',
  );
  const unknown = await certify(cwd, ['--profile', 'aws-apigateway@1999.1']);
  expect(unknown.stderr).toBe(
    'ws-assay: There is no profile aws-apigateway@1999.1.\nProfiles: aws-apigateway@2026.1, small@1.\n',
  );
  expect([unlocked.code, moving.code, unknown.code]).toEqual([2, 2, 2]);
});

it.each([
  ['nothing else is wrong', ''],
  ['something has failed, too', 'checks: { no: { level: must, handshake: { status: 404 } } }\n'],
])('refuses too few samples: exit 4 and the number that is missing, where %s', async (_, more) => {
  const few = `title: Twenty are not enough
steps: [{ connect: { count: 20, atOnce: 10 } }]
${more}thresholds:
  opened: { level: must, share: { gte: 99% }, of: { handshake: { status: 101 } } }
`;
  const cwd = await smallProfile({ 'scenarios/few.yaml': few }, (text) =>
    text.replace('connect/throws]', 'connect/throws, few]'),
  );
  const { code, stderr } = await certify(cwd);
  expect(code).toBe(4);
  expect(stderr).toContain(
    '\nNo certificate:\n  1 checks came to nothing: too few samples, or too coarse a measurement (inconclusive): few#opened.\n',
  );
  expect(existsSync(join(cwd, 'bundle'))).toBe(false);
});

it('refuses a run that could not test: exit 3', async () => {
  const cwd = await smallProfile();
  changedTarget(cwd, (text) =>
    text.replace(/^launch:\n(?: .*\n)*/m, '').replaceAll(/\$\{port\.[\w-]+\}/g, '1'),
  );
  const { code, stderr } = await certify(cwd, ['--target', 'changed']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/\nNo certificate:\n(.*\n)*.*TARGET_UNREACHABLE/);
  expect(existsSync(join(cwd, 'bundle'))).toBe(false);
});

it('refuses a run that was interrupted: exit 130', async () => {
  const cwd = await smallProfile();
  const io = testIo({ argv: ['certify', '--profile', SMALL, '--out', 'bundle'], cwd });
  const ended = main({
    ...io,
    stderr: (text) => {
      io.stderr(text);
      if (text.includes('one-offered')) io.interrupt();
    },
  });
  expect(await ended).toBe(130);
  expect(io.stderrText()).toMatch(/\nNo certificate:\n {2}The run was interrupted\.\n/);
  expect(existsSync(join(cwd, 'bundle'))).toBe(false);
});

it('refuses a folder in which something is, and a key that cannot sign', async () => {
  const cwd = await smallProfile({ 'bundle/old': '', 'key.pem': 'no key' });
  expect((await certify(cwd)).stderr).toMatch(/bundle is not empty\./);
  const { code, stderr } = await certify(cwd, ['--sign', 'key.pem']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ws-assay: key\.pem cannot sign: it is no key in PEM form/);
});

it('certifies what does what its profile asks: bundle, page, badge', async () => {
  const cwd = await smallProfile();
  const { code, stderr } = await certify(cwd, ['--seed', 'one']);
  expect(stderr.slice(stderr.indexOf('\nCertified'))).toBe(
    `
Certified: reference 0.1.0, small@1
  first            passed        core 2 of 2, extended 3 of 3
  second           passed        core 8 of 8, extended 16 of 16
Bundle bundle
`,
  );
  expect(code).toBe(0);
  expect(readdirSync(join(cwd, 'bundle')).toSorted()).toEqual([
    'badge.json',
    'badge.svg',
    'certificate.json',
    'index.html',
    'manifest.json',
    'result.json',
  ]);
  expect(certificateIn(cwd)).toMatchObject({
    verdict: 'certified',
    reasons: [],
    profile: { name: SMALL, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    implementation: { name: 'reference', version: '0.1.0', launched: true, insecure: false },
    command: 'ws-assay certify --profile small@1 --out bundle --seed one',
    seed: 'one',
    deviations: [],
    notRecomputed: [],
  });
  expect(JSON.parse(readFileSync(join(cwd, 'bundle/badge.json'), 'utf8'))).toEqual({
    schemaVersion: 1,
    label: 'ws-assay small@1',
    message: '0.1.0: 2/2 parts, 10/10 core',
    color: 'brightgreen',
  });
  const page = readFileSync(join(cwd, 'bundle/index.html'), 'utf8');
  expect(page).toMatch(/<h1>Certified<\/h1>/);
  expect(page).not.toContain('<script');
  for (const name of readdirSync(join(cwd, 'bundle')))
    expect(readFileSync(join(cwd, 'bundle', name), 'utf8')).not.toContain(cwd);
});

it('does not certify what deviates, and says in what', async () => {
  const cwd = await smallProfile();
  changedTarget(cwd, secretly('ignores-api-key'));
  const { code, stderr } = await certify(cwd, ['--target', 'changed']);
  const told = stderr.slice(stderr.indexOf('\nNot certified'));
  expect(told.replaceAll(/\d+ ms/g, 'N ms')).toMatchInlineSnapshot(`
    "
    Not certified: changed 0.1.0, small@1
      first            passed        core 2 of 2, extended 3 of 3
      second           failed        core 0 of 8, extended 0 of 16
      second: api-key/refused[key=missing]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=missing]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=unknown]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=unknown]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=other-case]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=other-case]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=cut-short]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=cut-short]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=with-more]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=with-more]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=without-plan]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=without-plan]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=of-another-stage]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=of-another-stage]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
      second: api-key/refused[key=in-query]#refused failed (core): the answer was 101 Switching Protocols, N ms after the request
      second: api-key/refused[key=in-query]#integration-not-called failed: 1 event $connect came, the last N ms after its cause
    Bundle bundle
    "
  `);
  expect(code).toBe(1);
  expect(certificateIn(cwd).verdict).toBe('not-certified');
  expect((await inProcess(['verify', 'bundle'], { cwd })).code).toBe(0);
});

it('certifies a target without a part of the profile for the others', async () => {
  const cwd = await smallProfile();
  changedTarget(cwd, (text) => text.replace(/^ {2}api-key:\n(?: {4}.*\n)*/m, ''));
  const { code, stderr } = await certify(cwd, ['--target', 'changed']);
  expect(stderr.slice(stderr.indexOf('\nCertified'))).toMatchInlineSnapshot(`
    "
    Certified: changed 0.1.0, small@1
      first            passed        core 2 of 2, extended 3 of 3
      second           not-supported core 0 of 0, 8 not applicable, extended 0 of 0, 16 not applicable
    Bundle bundle
    "
  `);
  expect([code, certificateIn(cwd).notApplicable]).toEqual([0, { 'endpoint:api-key': 24 }]);
  expect((await inProcess(['verify', 'bundle'], { cwd })).code).toBe(0);
});

it('holds no secret of the target, and is verified where a scripted probe tells on another clock', async () => {
  const cwd = await smallProfile();
  const io = testIo({
    argv: ['certify', '--profile', SMALL, '--out', 'bundle', '--target', scriptedTarget('file')],
    cwd,
    env: { PROBE_SECRET },
  });
  expect([await main(io), io.stderrText().includes(PROBE_SECRET)]).toEqual([0, false]);
  const texts = readdirSync(join(cwd, 'bundle')).map((name) =>
    readFileSync(join(cwd, 'bundle', name), 'utf8'),
  );
  expect(texts.filter((text) => text.includes(PROBE_SECRET))).toEqual([]);
  expect(certificateIn(cwd).inputs).toMatchObject({ vars: {}, limits: { connectBurst: 10 } });
  // Without the secret: nobody who verifies has it.
  expect((await inProcess(['verify', 'bundle'], { cwd })).code).toBe(0);
});

it('certifies the embedded reference gateway by the whole frozen profile', async () => {
  const cwd = folderWith();
  const { code, stderr } = await inProcess(['certify', '--out', 'bundle'], { cwd });
  const { parts, reasons, deviations, notApplicable } = certificateIn(cwd);
  expect([reasons, deviations, notApplicable]).toEqual([[], [], {}]);
  expect(stderr.slice(stderr.indexOf('\nCertified'))).toMatchInlineSnapshot(`
    "
    Certified: reference 0.1.0, aws-apigateway@2026.1
      connect-core     passed        core 34 of 34, extended 75 of 75
      authorization    passed        core 20 of 20, extended 140 of 140
      api-key          passed        core 17 of 17, extended 27 of 27
      subprotocol      passed        core 5 of 5, extended 4 of 4
      disconnect       passed        core 16 of 16, extended 34 of 34
      connections-api  passed        core 13 of 13, extended 20 of 20
      throttling       passed        core 4 of 4, extended 16 of 16
    Bundle bundle
    "
  `);
  expect(parts.map(({ core }) => core.passed === core.total)).toEqual(parts.map(() => true));
  expect(code).toBe(0);
  expect((await inProcess(['verify', 'bundle'], { cwd })).code).toBe(0);
});

it('can be frozen anew on purpose', async () => {
  const cwd = await smallProfile(
    {
      'scenarios/own.yaml':
        'title: Own\nsteps: [{ connect: {} }]\nchecks: { opens: { handshake: { status: 101 } } }\n',
    },
    (text) => text.replace('connect/throws]', 'connect/throws, own]'),
  );
  writeFileSync(
    join(cwd, 'scenarios/own.yaml'),
    'title: Own\nsteps: [{ connect: {} }]\nchecks: { opened: { handshake: { status: 101 } } }\n',
  );
  expect((await certify(cwd)).code).toBe(2);
  await freeze(cwd);
  expect((await certify(cwd)).code).toBe(0);
});
