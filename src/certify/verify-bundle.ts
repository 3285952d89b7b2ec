// Whether a bundle is what it says: nothing in it was touched since its manifest, its run has answered all that the
// profile asks, every finding follows from its records, and everything else follows from the findings. Pure.
import type { Certificate } from '../result/certificate.ts';
import type { RunResult } from '../result/run-result.ts';
import { countVerdicts } from '../result/summary.ts';
import type { Requirement } from '../scenario/requirement.ts';
import { firstDifference } from './first-difference.ts';
import { type GoldenScenario, goldenList, type LevelOf } from './golden-list.ts';
import { type CertifiedProfile, makeCertificate } from './make-certificate.ts';
import {
  type BundleFiles,
  CERTIFICATE,
  MANIFEST,
  type Manifest,
  makeManifest,
  mismatches,
  RESULT,
  SIGNATURE,
} from './manifest.ts';
import { refusalsOf } from './refusal.ts';
import { verifyCase } from './verify-case.ts';

/** What is wrong, and where. */
export interface BundleProblem {
  /** `badge.json`, `result.json: connect/throws#not-opened`. */
  readonly place: string;
  readonly message: string;
}

/** A bundle that could be read. */
export interface OpenedBundle {
  /** All of its files, as they are. */
  readonly files: BundleFiles;
  readonly manifest: Manifest;
  readonly result: RunResult;
  readonly certificate: Certificate;
}

/** What it is held against: the profile as it is known here. */
export interface KnownProfile extends CertifiedProfile {
  readonly scenarios: readonly GoldenScenario[];
  readonly requirements: ReadonlyMap<string, Requirement>;
  readonly levelOf: LevelOf;
}

/**
 * All that is wrong; empty: nothing. `rendered`: what follows from the certificate, by the name of its file.
 */
export function verifyBundle(
  bundle: OpenedBundle,
  profile: KnownProfile,
  rendered: Readonly<Record<string, string>>,
): readonly BundleProblem[] {
  const { certificate } = bundle;
  const touched = wholeness(bundle);
  if (certificate.profile.hash !== profile.hash)
    return [...touched, otherProfile(certificate, profile)];
  return [
    ...touched,
    ...strangers(bundle, rendered),
    ...findings(bundle, profile),
    ...conclusions(bundle, profile),
    ...renderings(bundle, rendered),
  ];
}

function wholeness({ files, manifest, result }: OpenedBundle): readonly BundleProblem[] {
  const { [MANIFEST]: _, [SIGNATURE]: __, ...listed } = files;
  return mismatches(manifest, makeManifest(listed, result.cases));
}

function otherProfile(
  { profile: said }: Certificate,
  { suite, hash }: KnownProfile,
): BundleProblem {
  const message = `says the hash ${said.hash}, and ${suite.name} has ${hash} here: what it was judged by is not known, and nothing can be judged again`;
  return { place: 'certificate.json: profile.hash', message };
}

/** The run against the list of all that had to be asked, and against its own records. */
function findings(
  { result, certificate: { inputs } }: OpenedBundle,
  { scenarios, levelOf, requirements }: KnownProfile,
): readonly BundleProblem[] {
  const golden = goldenList(scenarios, inputs, levelOf);
  const asked = new Map(golden.cases.map((one) => [one.id, one]));
  const there = new Set(result.cases.map(({ id }) => id));
  const about = { features: new Set(inputs.features), levelOf };
  return [
    ...golden.invalid.map((message) => ({ place: 'certificate.json: inputs', message })),
    ...[...asked.keys()]
      .filter((id) => !there.has(id))
      .map((id) => at(id, 'is asked by the profile and not there')),
    ...doubled(result),
    ...result.cases.flatMap((one) => {
      const found = asked.get(one.id);
      return found === undefined
        ? [at(one.id, 'is not asked by the profile')]
        : verifyCase(one, found, about).map(({ check, message }) =>
            at(`${one.id}${check}`, message),
          );
    }),
    ...Object.entries(result.requirements).flatMap(([id, { level, statement }]) => {
      const known = requirements.get(id);
      const same = known?.level === level && known.statement === statement;
      return same ? [] : [at(`requirements.${id}`, 'is not what the profile has')];
    }),
  ];
}

function doubled({ cases }: RunResult): readonly BundleProblem[] {
  const ids = cases.map(({ id }) => id);
  return ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => at(id, 'is there twice'));
}

/** What follows from the findings: counts, refusals, the certificate. */
function conclusions(
  { result, certificate }: OpenedBundle,
  profile: KnownProfile,
): readonly BundleProblem[] {
  const { inputs } = certificate;
  const counts = countVerdicts(result.cases.flatMap((one) => one.findings));
  const miscounted = firstDifference(counts, result.counts);
  const expected = makeCertificate(result, profile, inputs);
  const unlike = firstDifference(expected, certificate);
  const undeclared = result.target.features.filter((one) => !inputs.features.includes(one));
  return [
    ...(miscounted === undefined ? [] : [at(`counts.${miscounted.path}`, told(miscounted))]),
    ...refusalsOf(result, profile.suite.name).map((message) => at('run', message)),
    ...(unlike === undefined
      ? []
      : [{ place: `certificate.json: ${unlike.path}`, message: told(unlike) }]),
    ...undeclared.map((one) => ({
      place: 'certificate.json: inputs.features',
      message: `lacks ${one}, which the target declares`,
    })),
  ];
}

function told({
  expected,
  actual,
}: {
  readonly expected: string;
  readonly actual: string;
}): string {
  return `says ${actual}, and from the evidence follows ${expected}`;
}

function renderings(
  { files }: OpenedBundle,
  rendered: Readonly<Record<string, string>>,
): readonly BundleProblem[] {
  return Object.entries(rendered).flatMap(([place, text]) => {
    const found = files[place];
    if (found !== undefined && Buffer.from(found).equals(Buffer.from(text))) return [];
    return [{ place, message: 'does not follow from certificate.json' }];
  });
}

/** Hashes that were made anew list them as well. */
function strangers(
  { files, manifest }: OpenedBundle,
  rendered: Readonly<Record<string, string>>,
): readonly BundleProblem[] {
  const known = new Set([MANIFEST, SIGNATURE, CERTIFICATE, RESULT, ...Object.keys(rendered)]);
  return Object.keys(files)
    .filter((name) => !known.has(name) && manifest.files[name] !== undefined)
    .map((place) => ({ place, message: 'is no file of a bundle' }));
}

function at(what: string, message: string): BundleProblem {
  return { place: `result.json: ${what}`, message };
}
