// The manifest of a bundle: the hash of every other file in it, and of every case of its run, so that what was touched
// has a name. Pure.
import type { CaseResult } from '../result/run-result.ts';
import { sha256 } from './profile-lock.ts';

/** The name of the manifest. */
export const MANIFEST = 'manifest.json';

/** The name of what is certified. */
export const CERTIFICATE = 'certificate.json';

/** The name of the run that it rests on. */
export const RESULT = 'result.json';

/** The name of its detached signature. */
export const SIGNATURE = 'manifest.json.sig';

/** The version of its shape. */
const MANIFEST_VERSION = 1;

/** Files of a bundle as bytes, by name. */
export type BundleFiles = Readonly<Record<string, Uint8Array>>;

/** `manifest.json`. Hashes are SHA-256 in lower-case hexadecimal. */
export interface Manifest {
  readonly manifestVersion: typeof MANIFEST_VERSION;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  /** Of each case of `result.json` as JSON without blanks, by id. */
  readonly cases: Readonly<Record<string, string>>;
}

/** Makes the manifest of all other files of a bundle. */
export function makeManifest(files: BundleFiles, cases: readonly CaseResult[]): Manifest {
  const entries = Object.entries(files).map(([name, bytes]) => [
    name,
    { bytes: bytes.length, sha256: sha256(bytes) },
  ]);
  return {
    manifestVersion: MANIFEST_VERSION,
    files: Object.fromEntries(entries),
    cases: Object.fromEntries(cases.map((one) => [one.id, sha256(JSON.stringify(one))])),
  };
}

/** Something that is not as the manifest has it. */
export interface Mismatch {
  /** The name of a file, or `result.json: <case>`. */
  readonly place: string;
  readonly message: string;
}

/** Compares a manifest with the files and cases that are there. */
export function mismatches(manifest: Manifest, now: Manifest): readonly Mismatch[] {
  const files = compare(
    Object.fromEntries(Object.entries(manifest.files).map(([name, one]) => [name, one.sha256])),
    Object.fromEntries(Object.entries(now.files).map(([name, one]) => [name, one.sha256])),
  );
  const cases = compare(manifest.cases, now.cases);
  return [...files, ...cases.map((one) => ({ ...one, place: `result.json: ${one.place}` }))];
}

type Hashes = Readonly<Record<string, string>>;

function compare(listed: Hashes, found: Hashes): readonly Mismatch[] {
  const names = [...new Set([...Object.keys(listed), ...Object.keys(found)])];
  return names.flatMap((place) => {
    const [was, is] = [listed[place], found[place]];
    if (was === is) return [];
    if (was === undefined) return [{ place, message: 'is not in the manifest' }];
    if (is === undefined) return [{ place, message: 'is in the manifest and not there' }];
    return [{ place, message: 'is not what the manifest has: its hash is another one' }];
  });
}
