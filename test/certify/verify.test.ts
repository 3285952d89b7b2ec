// `verify`: an honest bundle is accepted; each way of touching one is found, and named with its place, also where
// whoever touched it has made every hash anew.
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST, makeManifest } from '../../src/certify/manifest.ts';
import { readBundle } from '../../src/cli/bundle.ts';
import type { RunResult } from '../../src/result/run-result.ts';
import { inProcess } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import {
  changedTarget,
  freeze,
  SMALL,
  secretly,
  writeSmallProfile,
} from '../support/frozen-profile.ts';

// Made once: of the reference gateway, and of one that lets anybody in.
const made = mkdtempSync(join(tmpdir(), 'ws-assay-bundles-'));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = {
  private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

beforeAll(async () => {
  const cwd = made;
  await writeSmallProfile(cwd);
  writeFileSync(join(cwd, 'key.pem'), pem.private);
  changedTarget(cwd, secretly('ignores-api-key'));
  const certify = ['certify', '--profile', SMALL, '--sign', 'key.pem', '--out'];
  const good = await inProcess([...certify, 'good'], { cwd });
  const bad = await inProcess([...certify, 'bad', '--target', 'changed'], { cwd });
  if (good.code !== 0 || bad.code !== 1) throw new Error(good.stderr + bad.stderr);
}, 120_000);

afterAll(() => rmSync(made, { recursive: true, force: true }));

/** A working copy of everything that was made. */
function copy(): string {
  const cwd = folderWith();
  cpSync(made, cwd, { recursive: true });
  return cwd;
}

async function verify(cwd: string, bundle: string, args: readonly string[] = []) {
  const { code, stdout, stderr } = await inProcess(['verify', bundle, ...args], { cwd });
  return { code, stderr, lines: stdout.trimEnd().split('\n') };
}

/** Changes a JSON file of a bundle. */
function editJson(cwd: string, path: string, change: (value: unknown) => void): void {
  const file = join(cwd, path);
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  change(value);
  writeFileSync(file, `${JSON.stringify(value)}\n`);
}

function editResult(cwd: string, bundle: string, change: (result: LooseResult) => void): void {
  editJson(cwd, `${bundle}/result.json`, (value) => change(value as LooseResult)); // of our own making
}

function editCertificate(
  cwd: string,
  bundle: string,
  change: (certificate: LooseCertificate) => void,
): void {
  editJson(cwd, `${bundle}/certificate.json`, (value) => change(value as LooseCertificate));
}

/** Every hash anew, as somebody does who knows the format. */
function rehash(cwd: string, bundle: string): void {
  const { [MANIFEST]: _, 'manifest.json.sig': __, ...files } = readBundle(join(cwd, bundle));
  const { cases } = JSON.parse(Buffer.from(files['result.json'] ?? '').toString()) as RunResult;
  writeFileSync(join(cwd, bundle, MANIFEST), JSON.stringify(makeManifest(files, cases)));
}

/** A certificate as far as it is edited. */
interface LooseCertificate {
  verdict: string;
  command: string;
  implementation: { version: string };
  inputs: { features: string[] };
  profile: { hash: string };
}

/** A result as far as it is edited. */
interface LooseResult {
  cases: LooseCase[];
  notRun: string[];
  interrupted: boolean;
  requirements: Record<string, { level: string }>;
}

interface LooseCase {
  id: string;
  findings: { check: string; verdict: string }[];
  records: { kind: string; head?: { status: number } }[];
  judging?: { looks: { records: number; atUs?: number; decided: string[] }[] };
}

function caseIn(result: LooseResult, id: string): LooseCase {
  const found = result.cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no case ${id}`);
  return found;
}

const LET_IN = 'api-key/refused[key=missing]';
const REFUSED = 'connect/refuses-with-400';

/** What is done to a bundle, and what is said first when its hashes are as they were, and when they are made anew. */
const TOUCHED: Readonly<
  Record<
    string,
    {
      readonly of: 'good' | 'bad';
      readonly touch: (cwd: string) => void;
      readonly hash?: readonly string[];
      readonly anew: readonly (string | RegExp)[];
    }
  >
> = {
  'a changed verdict': {
    of: 'bad',
    touch: (cwd) =>
      editCertificate(cwd, 'bad', (one) => {
        one.verdict = 'certified';
      }),
    hash: ['certificate.json: is not what the manifest has: its hash is another one'],
    anew: [
      'certificate.json: verdict: says "certified", and from the evidence follows "not-certified"',
      'index.html: does not follow from certificate.json',
      'badge.json: does not follow from certificate.json',
      'badge.svg: does not follow from certificate.json',
    ],
  },
  'a changed verdict of a check': {
    of: 'bad',
    touch: (cwd) =>
      editResult(cwd, 'bad', (result) => {
        const finding = caseIn(result, LET_IN).findings.find(({ check }) => check === 'refused');
        if (finding !== undefined) finding.verdict = 'passed';
      }),
    hash: [
      'result.json: is not what the manifest has: its hash is another one',
      `result.json: ${LET_IN}: is not what the manifest has: its hash is another one`,
    ],
    anew: [
      `result.json: ${LET_IN}#refused: says verdict "passed", and from its records follows "failed"`,
      /^result\.json: api-key\/refused\[key=missing\]#refused: is passed at the record where it says so, and not by all of its records: failed: the answer was 101/,
      'result.json: counts.passed: says 5, and from the evidence follows 6',
    ],
  },
  'a removed case': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', (result) => {
        result.cases = result.cases.filter(({ id }) => id !== REFUSED);
      }),
    hash: [
      'result.json: is not what the manifest has: its hash is another one',
      `result.json: ${REFUSED}: is in the manifest and not there`,
    ],
    anew: [`result.json: ${REFUSED}: is asked by the profile and not there`],
  },
  'a removed check': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', (result) => {
        const one = caseIn(result, 'connect/throws');
        one.findings = one.findings.filter(({ check }) => check !== 'status-502');
      }),
    anew: ['result.json: connect/throws#status-502: is asked by its scenario and not there'],
  },
  'a case that is there twice': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', (result) => {
        result.cases = result.cases.flatMap((one) => (one.id === REFUSED ? [one, one] : [one]));
      }),
    anew: [`result.json: ${REFUSED}: is there twice`],
  },
  'an edited transcript': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', (result) => {
        const response = caseIn(result, REFUSED).records.find(({ kind }) => kind === 'response');
        if (response?.head !== undefined) response.head.status = 403;
      }),
    hash: [
      'result.json: is not what the manifest has: its hash is another one',
      `result.json: ${REFUSED}: is not what the manifest has: its hash is another one`,
    ],
    anew: [
      `result.json: ${REFUSED}#status-400: says verdict "passed", and from its records follows "failed"`,
    ],
  },
  'a removed record': {
    of: 'bad',
    touch: (cwd) =>
      editResult(cwd, 'bad', (result) => {
        const one = caseIn(result, LET_IN);
        one.records = one.records.filter(({ kind }) => kind !== 'invocation');
      }),
    anew: [
      /^result\.json: api-key\/refused\[key=missing\]: lacks record \d+: the next one is \d+$/,
    ],
  },
  'decisions before the records that contradict them': {
    of: 'bad',
    touch: (cwd) =>
      editResult(cwd, 'bad', (result) => {
        const { judging, findings } = caseIn(result, LET_IN);
        for (const look of judging?.looks ?? []) {
          look.records = 0;
          delete look.atUs;
        }
        for (const one of findings) one.verdict = 'passed';
      }),
    anew: [
      `result.json: ${LET_IN}#refused: says verdict "passed", and from its records follows "failed"`,
      // Without any record no event came: what it says follows from where it says that it was decided.
      /^result\.json: api-key\/refused\[key=missing\]#integration-not-called: is passed at the record where it says so, and not by all of its records: failed: 1 event \$connect came/,
    ],
  },
  'a forged badge': {
    of: 'bad',
    touch: (cwd) =>
      editJson(cwd, 'bad/badge.json', (badge) =>
        Object.assign(badge as object, {
          color: 'brightgreen',
          message: '0.1.0: 2/2 parts, 10/10 core',
        }),
      ),
    hash: ['badge.json: is not what the manifest has: its hash is another one'],
    anew: ['badge.json: does not follow from certificate.json'],
  },
  'a forged page': {
    of: 'bad',
    touch: (cwd) => {
      const page = join(cwd, 'bad/index.html');
      writeFileSync(page, readFileSync(page, 'utf8').replaceAll('Not certified', 'Certified'));
    },
    anew: ['index.html: does not follow from certificate.json'],
  },
  'another version': {
    of: 'good',
    touch: (cwd) =>
      editCertificate(cwd, 'good', (one) => {
        one.implementation.version = '9.9.9';
      }),
    anew: [
      'certificate.json: implementation.version: says "9.9.9", and from the evidence follows "0.1.0"',
    ],
  },
  'another command': {
    of: 'good',
    touch: (cwd) =>
      editCertificate(cwd, 'good', (one) => {
        one.command = 'ws-assay certify';
      }),
    anew: [
      `certificate.json: command: says "ws-assay certify", and from the evidence follows "ws-assay certify --profile small@1 --sign key.pem --out good"`,
    ],
  },
  'a feature that was taken from the target': {
    of: 'bad',
    touch: (cwd) =>
      editCertificate(cwd, 'bad', ({ inputs }) => {
        inputs.features = inputs.features.filter((one) => one !== 'endpoint:api-key');
      }),
    anew: [`result.json: ${LET_IN}: has records, and does not apply to the target`],
  },
  'the hash of another profile': {
    of: 'good',
    touch: (cwd) =>
      editCertificate(cwd, 'good', ({ profile }) => {
        profile.hash = '0'.repeat(64);
      }),
    anew: [
      /^certificate\.json: profile\.hash: says the hash 0{64}, and small@1 has [0-9a-f]{64} here: /,
    ],
  },
  'a problem of the run that was hidden': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', (result) => {
        result.notRun = [];
        result.interrupted = true;
      }),
    anew: ['result.json: run: The run was interrupted.'],
  },
  'a requirement that says something else': {
    of: 'good',
    touch: (cwd) =>
      editResult(cwd, 'good', ({ requirements }) => {
        const one = requirements['subprotocol.integration-selects'];
        if (one !== undefined) one.level = 'may';
      }),
    anew: [
      'result.json: requirements.subprotocol.integration-selects: is not what the profile has',
    ],
  },
  'an added file': {
    of: 'good',
    touch: (cwd) => writeFileSync(join(cwd, 'good/notes.txt'), 'hello'),
    hash: ['notes.txt: is not in the manifest'],
    anew: ['notes.txt: is no file of a bundle'],
  },
  'a missing file': {
    of: 'good',
    touch: (cwd) => rmSync(join(cwd, 'good/badge.svg')),
    hash: [
      'badge.svg: is in the manifest and not there',
      'badge.svg: does not follow from certificate.json',
    ],
    anew: ['badge.svg: does not follow from certificate.json'],
  },
  'a result that is no result': {
    of: 'good',
    touch: (cwd) => writeFileSync(join(cwd, 'good/result.json'), '{'),
    hash: [expect.stringMatching(/^result\.json: The file is not complete JSON/) as string],
    anew: [],
  },
};

/** What is wanted and not said. */
function unsaid(
  lines: readonly string[],
  wanted: readonly (string | RegExp)[],
): readonly (string | RegExp)[] {
  return wanted.filter(
    (one) => !lines.some((line) => (typeof one === 'string' ? line === one : one.test(line))),
  );
}

it.each(Object.entries(TOUCHED))('%s is found by its hash', async (_, { of, touch, hash = [] }) => {
  const cwd = copy();
  touch(cwd);
  const { code, lines } = await verify(cwd, of);
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(/^Not verified: \d+ things? (is|are) wrong\.$/);
  expect(lines.slice(0, hash.length)).toEqual(hash);
});

// Of what cannot be read no hash can be made anew.
const READABLE = Object.entries(TOUCHED).filter(([, { anew }]) => anew.length > 0);

it.each(READABLE)(
  '%s is found although every hash was made anew',
  async (_, { of, touch, anew }) => {
    const cwd = copy();
    touch(cwd);
    rehash(cwd, of);
    const { code, lines } = await verify(cwd, of);
    expect(code).toBe(1);
    expect(lines.filter((line) => line.includes('manifest'))).toEqual([]);
    expect(unsaid(lines, anew)).toEqual([]);
  },
);

it('touches what can be read in eighteen ways', () => {
  expect(READABLE.length).toBe(18);
});

it.each([
  ['good', /^Certified: reference 0\.1\.0, small@1$/],
  ['bad', /^Not certified: changed 0\.1\.0, small@1$/],
])('an honest bundle is verified, whatever its verdict: %s', async (bundle, said) => {
  const { code, lines, stderr } = await verify(copy(), bundle);
  expect([code, stderr]).toEqual([0, '']);
  expect(lines.filter((line) => said.test(line))).toHaveLength(1);
  expect(lines.at(-1)).toBe(
    'Verified: everything follows from its evidence. It is signed; --key <public key> checks by whom.',
  );
});

it('is verified anew where only the hashes were made anew: they are not what it rests on', async () => {
  const cwd = copy();
  rehash(cwd, 'good');
  expect((await verify(cwd, 'good')).code).toBe(0);
});

it('is verified where the files of the profile are the same, and not where they are others', async () => {
  const cwd = copy();
  const text = readFileSync(join(cwd, `suites/${SMALL}/suite.yaml`), 'utf8');
  writeFileSync(join(cwd, `suites/${SMALL}/suite.yaml`), text.replace('A small', 'Another'));
  await freeze(cwd);
  const { code, lines } = await verify(cwd, 'good');
  expect([code, lines.length]).toEqual([1, 2]);
  expect(lines[0]).toMatch(/^certificate\.json: profile\.hash: /);
});

describe('a detached signature', () => {
  it('is that of the key, and of no other one', async () => {
    const cwd = copy();
    const other = generateKeyPairSync('ed25519').publicKey;
    writeFileSync(join(cwd, 'pub.pem'), pem.public);
    writeFileSync(join(cwd, 'other.pem'), other.export({ type: 'spki', format: 'pem' }));
    const right = await verify(cwd, 'good', ['--key', 'pub.pem']);
    expect([right.code, right.lines.at(-1)]).toEqual([
      0,
      'Verified: everything follows from its evidence. It is signed with this key.',
    ]);
    const wrong = await verify(cwd, 'good', ['--key', 'other.pem']);
    expect([wrong.code, wrong.lines[0]]).toEqual([
      1,
      'manifest.json.sig: is not that of other.pem over manifest.json',
    ]);
  });

  it('does not cover a manifest that was made anew', async () => {
    const cwd = copy();
    writeFileSync(join(cwd, 'pub.pem'), pem.public);
    rehash(cwd, 'good');
    const { code, lines } = await verify(cwd, 'good', ['--key', 'pub.pem']);
    expect([code, lines[0]]).toEqual([
      1,
      'manifest.json.sig: is not that of pub.pem over manifest.json',
    ]);
  });

  it('has to be there where a key is given', async () => {
    const cwd = copy();
    writeFileSync(join(cwd, 'pub.pem'), pem.public);
    rmSync(join(cwd, 'good/manifest.json.sig'));
    const { lines } = await verify(cwd, 'good', ['--key', 'pub.pem', '--json']);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      isHonest: false,
      signed: 'no',
      problems: [{ place: 'manifest.json.sig', message: 'is not there' }],
    });
  });

  it('is not checked with what is no public Ed25519 key', async () => {
    const cwd = copy();
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    writeFileSync(join(cwd, 'rsa.pem'), rsa.export({ type: 'spki', format: 'pem' }));
    const said = async (key: string): Promise<string> =>
      (await verify(cwd, 'good', ['--key', key])).stderr;
    expect(await said('rsa.pem')).toBe(
      'ws-assay: rsa.pem: it is a key of rsa; only Ed25519 is taken.\n',
    );
    expect(await said('key.pem')).toBe(
      'ws-assay: key.pem: it is a private key; verify takes the public one.\n',
    );
  });
});

it('refuses what is no bundle', async () => {
  const cwd = folderWith({ 'empty/x': '' });
  expect(await verify(cwd, 'empty')).toMatchObject({
    code: 1,
    lines: ['manifest.json: is not there', 'Not verified: 1 thing is wrong.'],
  });
  expect((await verify(cwd, 'nowhere')).code).toBe(2);
});
