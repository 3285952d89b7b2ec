// A bundle as a folder: made of a run, written, read again, held against the profile as it is known here.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ToolError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { visibleJson } from '../base/visible.ts';
import { bundleResult } from '../certify/bundle-result.ts';
import { parseCertificate, renderCertificateJson } from '../certify/certificate-file.ts';
import { makeCertificate } from '../certify/make-certificate.ts';
import {
  type BundleFiles,
  CERTIFICATE,
  MANIFEST,
  type Manifest,
  makeManifest,
  RESULT,
} from '../certify/manifest.ts';
import {
  type BundleProblem,
  type KnownProfile,
  type OpenedBundle,
  verifyBundle,
} from '../certify/verify-bundle.ts';
import { renderBadgeJson, renderBadgeSvg } from '../report/badge.ts';
import { renderCertificate } from '../report/certificate.tsx';
import { parseRunResult } from '../report/json.ts';
import type { Certificate, CertifiedInputs } from '../result/certificate.ts';
import type { RunResult } from '../result/run-result.ts';
import type { FrozenProfile } from './frozen-profile.ts';

/** Every file of the bundle of a run, and its certificate. */
export function makeBundle(
  run: RunResult,
  profile: KnownProfile,
  inputs: CertifiedInputs,
): { readonly files: BundleFiles; readonly certificate: Certificate } {
  // As it will be read: what JSON leaves out is not there.
  const result = JSON.parse(visibleJson(bundleResult(run))) as RunResult;
  const certificate = makeCertificate(result, profile, inputs);
  const files = bytesOf({
    [CERTIFICATE]: renderCertificateJson(certificate),
    [RESULT]: `${visibleJson(result)}\n`,
    ...renderingsOf(certificate),
  });
  const manifest = makeManifest(files, result.cases);
  const text = `${JSON.stringify(manifest, undefined, 1)}\n`;
  return { files: { ...files, ...bytesOf({ [MANIFEST]: text }) }, certificate };
}

/** Everything that is wrong with a bundle. Never throws for what is in it. */
export function checkBundle(
  files: BundleFiles,
  profileOf: KnownProfile,
): { readonly problems: readonly BundleProblem[]; readonly opened: OpenedBundle | undefined } {
  const opened = openBundle(files);
  if ('problem' in opened) return { problems: [opened.problem], opened: undefined };
  const problems = verifyBundle(opened, profileOf, renderingsOf(opened.certificate));
  return { problems, opened };
}

/** Reads what has to be read before anything can be said. */
export function openBundle(files: BundleFiles): OpenedBundle | { readonly problem: BundleProblem } {
  const texts = [MANIFEST, CERTIFICATE, RESULT].map((name) => {
    const bytes = files[name];
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  });
  const [manifestText, certificateText, resultText] = texts;
  if (manifestText === undefined) return unreadable(MANIFEST, 'is not there');
  if (certificateText === undefined) return unreadable(CERTIFICATE, 'is not there');
  if (resultText === undefined) return unreadable(RESULT, 'is not there');
  const manifest = parseManifest(manifestText);
  if (manifest === undefined) return unreadable(MANIFEST, 'is not what a manifest is');
  const certificate = parseCertificate(certificateText);
  if ('problem' in certificate) return unreadable(CERTIFICATE, certificate.problem);
  const result = parseRunResult(resultText);
  if (result.kind === 'problem') return unreadable(RESULT, result.message);
  return { files, manifest, certificate: certificate.certificate, result: result.result };
}

/** A profile as verifying needs it. */
export function knownProfile(profile: FrozenProfile): KnownProfile {
  const { suite, now, scenarios, requirements } = profile;
  return {
    suite,
    hash: now.hash,
    scenarios,
    requirements,
    levelOf: ({ level, requirement }) =>
      level ??
      (requirement === undefined ? undefined : requirements.get(requirement)?.level) ??
      'must',
  };
}

/**
 * Reads every file of a folder.
 *
 * @throws {ToolError} FILE_UNREADABLE
 */
export function readBundle(folder: string): BundleFiles {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new ToolError('FILE_UNREADABLE', `${folder} is no folder.`, {
      hint: 'Give the folder that ws-assay certify has written.',
    });
  }
  const found = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = found
    .filter((one) => !one.isDirectory())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1));
  return Object.fromEntries(paths.toSorted().map((name) => [name, readOne(join(folder, name))]));
}

/**
 * Writes them into a folder, which is made.
 *
 * @throws {ToolError} REPORT_NOT_WRITABLE
 */
export function writeBundle(folder: string, files: BundleFiles): void {
  try {
    makeFolder(folder);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write to ${folder}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Choose another folder with --out.',
    });
  }
}

function renderingsOf(certificate: Certificate): Readonly<Record<string, string>> {
  return {
    'index.html': renderCertificate(certificate),
    'badge.json': renderBadgeJson(certificate),
    'badge.svg': renderBadgeSvg(certificate),
  };
}

function bytesOf(texts: Readonly<Record<string, string>>): BundleFiles {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, 'utf8')]),
  );
}

function readOne(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${path}: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
}

function unreadable(place: string, message: string): { readonly problem: BundleProblem } {
  return { problem: { place, message } };
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isOne =
      typeof value === 'object' &&
      value !== null &&
      'manifestVersion' in value &&
      value.manifestVersion === 1 &&
      'files' in value &&
      isRecord(value.files) &&
      Object.values(value.files).every(isRecord) &&
      'cases' in value &&
      isRecord(value.cases);
    return isOne ? (value as unknown as Manifest) : undefined; // hashes are compared as they are
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
