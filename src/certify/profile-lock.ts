// What a frozen profile rests on, by hash: its suite file, its scenarios and what stands beside them, and the
// requirements that their checks cite. Pure.
import { createHash } from 'node:crypto';
import type { Requirement } from '../scenario/requirement.ts';

/** The version of the file's shape. */
const LOCK_VERSION = 1;

/** `suite.lock.json`. Hashes are SHA-256 in lower-case hexadecimal. */
export interface ProfileLock {
  readonly lockVersion: typeof LOCK_VERSION;
  /** `aws-apigateway@2026.1`. */
  readonly profile: string;
  /** Of all that follows. */
  readonly hash: string;
  /** Of the bytes of each file, by its path in the package. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the level, the statement and the sources of each, by id. */
  readonly requirements: Readonly<Record<string, string>>;
}

/** Makes the lock of a profile as it is. `texts`: of each file, by its path in the package. */
export function lockProfile(
  profile: string,
  texts: Readonly<Record<string, string>>,
  requirements: readonly Requirement[],
): ProfileLock {
  const files = sorted(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));
  const cited = sorted(requirements.map((one) => [one.id, sha256(meaningOf(one))]));
  const hash = sha256(JSON.stringify({ profile, files, requirements: cited }));
  return { lockVersion: LOCK_VERSION, profile, hash, files, requirements: cited };
}

/** What of a profile is not as its lock has it, each as a clause; empty: nothing. */
export function changesSince(lock: ProfileLock, now: ProfileLock): readonly string[] {
  return [
    ...changed(lock.files, now.files),
    ...changed(lock.requirements, now.requirements).map((one) => `requirement ${one}`),
    ...(lock.profile === now.profile ? [] : [`it is the lock of ${lock.profile}`]),
    ...(lock.hash === hashOf(lock) ? [] : ['its hash is not that of what it lists']),
  ];
}

/** Renders the lock as it stands in its file. */
export function renderLock(lock: ProfileLock): string {
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

function hashOf({ profile, files, requirements }: ProfileLock): string {
  return sha256(JSON.stringify({ profile, files, requirements }));
}

/** Where it stands and which checks name it is no part of what it demands. */
function meaningOf({ id, level, statement, confidence, sources }: Requirement): string {
  return JSON.stringify({ id, level, statement, confidence, sources });
}

type Hashes = Readonly<Record<string, string>>;

function changed(locked: Hashes, now: Hashes): readonly string[] {
  const names = [...new Set([...Object.keys(locked), ...Object.keys(now)])];
  return names.flatMap((name) => {
    const [was, is] = [locked[name], now[name]];
    if (was === is) return [];
    if (was === undefined) return [`${name} is new`];
    return is === undefined ? [`${name} is gone`] : [`${name} is changed`];
  });
}

function sorted(entries: readonly (readonly [string, string])[]): Hashes {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
