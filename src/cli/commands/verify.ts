// `ws-assay verify`: whether a bundle is what it says. Everything is drawn again from its evidence.
import { resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { visible, visibleJson } from '../../base/visible.ts';
import { type BundleFiles, MANIFEST, SIGNATURE } from '../../certify/manifest.ts';
import { verifySignature } from '../../certify/signature.ts';
import type { BundleProblem } from '../../certify/verify-bundle.ts';
import { checkBundle, knownProfile, openBundle, readBundle } from '../bundle.ts';
import { readProfile } from '../frozen-profile.ts';
import type { Io } from '../io.ts';
import { readText } from '../read-text.ts';
import { describeCertificate } from './certify.ts';

/** Options of the command. */
export interface VerifyOptions {
  /** PEM file of the public key that has to have signed it. */
  readonly key?: string;
  readonly json?: boolean;
}

/** Resolves with 0 where it is, whatever its verdict; with 1 where not. */
export async function verifyCommand(
  io: Io,
  given: string,
  { key, json = false }: VerifyOptions,
): Promise<number> {
  const files = readBundle(resolve(io.cwd, given));
  const { signed, problems: unsigned } = checkSignature(io, files, key);
  const { problems: found, certificate } = await check(io, files);
  const problems = [...unsigned, ...found];
  const isHonest = problems.length === 0;
  if (json) {
    const { verdict, implementation, profile } = certificate ?? {};
    io.stdout(`${visibleJson({ isHonest, signed, verdict, implementation, profile, problems })}\n`);
  } else {
    const lines = problems.map(({ place, message }) => `${visible(place)}: ${visible(message)}\n`);
    io.stdout(lines.join(''));
    if (certificate !== undefined && isHonest) io.stdout(describeCertificate(certificate));
    if (certificate !== undefined) io.stdout(otherTool(certificate.tool.version, io.version));
    io.stdout(
      isHonest
        ? `Verified: everything follows from its evidence. ${SIGNED[signed]}\n`
        : lostText(problems),
    );
  }
  return isHonest ? 0 : 1;
}

const SIGNED = {
  no: 'It is not signed: who made it is not known.',
  unchecked: 'It is signed; --key <public key> checks by whom.',
  yes: 'It is signed with this key.',
} as const;

function lostText(problems: readonly BundleProblem[]): string {
  return `Not verified: ${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} wrong.\n`;
}

/** Judges, words and pages may differ between versions. */
function otherTool(made: string, here: string): string {
  if (made === here) return '';
  return `Made by ws-assay ${visible(made)}, and this is ${here}: what differs may be the tool's. Verify with the version that made it.\n`;
}

interface Signed {
  readonly signed: keyof typeof SIGNED;
  readonly problems: readonly BundleProblem[];
}

/** @throws {ToolError} FILE_UNREADABLE, FILE_INVALID for the key */
function checkSignature(io: Io, files: BundleFiles, key: string | undefined): Signed {
  const signature = files[SIGNATURE];
  if (key === undefined)
    return { signed: signature === undefined ? 'no' : 'unchecked', problems: [] };
  const pem = readText(resolve(io.cwd, key));
  const manifest = files[MANIFEST] ?? Buffer.from('');
  const text = signature === undefined ? '' : Buffer.from(signature).toString('utf8');
  const checked = verifySignature(manifest, text, pem);
  if ('problem' in checked) throw new ToolError('FILE_INVALID', `${key}: ${checked.problem}.`);
  if (checked.isRight) return { signed: 'yes', problems: [] };
  const message =
    signature === undefined ? 'is not there' : `is not that of ${key} over ${MANIFEST}`;
  return { signed: 'no', problems: [{ place: SIGNATURE, message }] };
}

async function check(io: Io, files: BundleFiles) {
  const opened = openBundle(files);
  if ('problem' in opened) return { problems: [opened.problem], certificate: undefined };
  const { certificate } = opened;
  const profile = await readProfile(io, certificate.profile.name);
  return { problems: checkBundle(files, knownProfile(profile)).problems, certificate };
}
