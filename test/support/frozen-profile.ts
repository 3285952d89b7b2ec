// A small frozen profile in a folder of the test, so that a certificate takes two seconds.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderLock } from '../../src/certify/profile-lock.ts';
import { readProfile } from '../../src/cli/frozen-profile.ts';
import { folderWith } from './folder.ts';
import { PACKAGE_ROOT } from './io.ts';

/** Its name. */
export const SMALL = 'small@1';

const SUITE = `title: A small profile
version: "1"
profiles:
  first:
    title: What everything rests on
    core: [connect/refuses-with-400#status-400, subprotocol/one-offered#chosen]
    scenarios: [connect/refuses-with-400, subprotocol/one-offered, connect/throws]
  second:
    title: API keys
    core: [api-key/refused#refused]
    scenarios: [api-key/refused]
`;

/** A folder with the profile, and with `files` besides; frozen when they are there. */
export async function smallProfile(
  files: Readonly<Record<string, string>> = {},
  suite: (text: string) => string = (text) => text,
): Promise<string> {
  const cwd = folderWith(files);
  await writeSmallProfile(cwd, suite);
  return cwd;
}

/** The profile in a folder that is there, frozen. */
export async function writeSmallProfile(
  cwd: string,
  suite: (text: string) => string = (text) => text,
): Promise<void> {
  const folder = join(cwd, `suites/${SMALL}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'suite.yaml'), suite(SUITE));
  await freeze(cwd);
}

/** Writes the lock of the profile as it is now. */
export async function freeze(cwd: string): Promise<void> {
  const { now } = await readProfile({ cwd, packageRoot: PACKAGE_ROOT }, SMALL);
  writeFileSync(join(cwd, `suites/${SMALL}/suite.lock.json`), renderLock(now));
}

/** The reference target in the folder, changed: `--target changed`. */
export function changedTarget(cwd: string, change: (text: string) => string): void {
  const from = join(PACKAGE_ROOT, 'targets/reference');
  const to = join(cwd, 'targets/changed');
  mkdirSync(to, { recursive: true });
  for (const name of ['loopback.crt', 'loopback.key'])
    copyFileSync(join(from, name), join(to, name));
  const gateway = readFileSync(join(from, 'gateway.yaml'), 'utf8');
  const probe = join(dirname(dirname(from)), 'probe/');
  writeFileSync(join(to, 'gateway.yaml'), gateway.replaceAll('../../probe/', probe));
  writeFileSync(join(to, 'target.yaml'), change(readFileSync(join(from, 'target.yaml'), 'utf8')));
}

/** For `changedTarget`: the gateway has a fault that nobody tells the runner of. */
export function secretly(fault: string): (text: string) => string {
  return (text) => {
    const ports = [...text.matchAll(/^ {4}- ([\w-]+)$/gm)].map(([, name = '']) => name);
    const words = [
      process.execPath,
      join(PACKAGE_ROOT, 'dist/cli/bin.js'),
      'gateway',
      '--config',
      'gateway.yaml',
      '--fault',
      fault,
      '--exit-with-stdin',
      ...ports.flatMap((name) => ['--port', `${name}=\${port.${name}}`]),
    ];
    return text.replace('gateway: gateway.yaml', `command: ${JSON.stringify(words)}`);
  };
}
