// `ws-assay certify`: runs a frozen profile and writes a bundle that anybody can verify; or says why that would be
// worth nothing.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { createRedactor } from '../../base/redact.ts';
import { visible } from '../../base/visible.ts';
import { MANIFEST, SIGNATURE } from '../../certify/manifest.ts';
import { changesSince } from '../../certify/profile-lock.ts';
import { NO_VERSION, refusalsOf } from '../../certify/refusal.ts';
import { signManifest } from '../../certify/signature.ts';
import type { Certificate, CertifiedInputs, CheckTally } from '../../result/certificate.ts';
import type { RunResult } from '../../result/run-result.ts';
import { checkBundle, knownProfile, makeBundle, writeBundle } from '../bundle.ts';
import { executeRun } from '../execute-run.ts';
import { type FrozenProfile, readProfile } from '../frozen-profile.ts';
import type { Io } from '../io.ts';
import { type LoadCliOptions, loadDriver } from '../load-driver.ts';
import { readText } from '../read-text.ts';
import { planRun, type RunPlan } from '../run-plan.ts';
import type { TargetOptions } from '../target-choice.ts';

/** Options of the command. Those that would make a certificate worthless are there to be refused. */
export interface CertifyOptions
  extends Omit<TargetOptions, 'sign'>,
    Pick<LoadCliOptions, 'allowHost' | 'workers'> {
  readonly profile: string;
  readonly out?: string;
  readonly seed?: string;
  /** PEM file of an Ed25519 key. */
  readonly sign?: string;
  readonly tag?: readonly string[];
  readonly excludeTag?: readonly string[];
  readonly tier?: string;
  readonly var?: readonly string[];
  readonly baseline?: string | boolean;
}

/** Resolves with 0 certified, 1 not certified, 2 refused; 3, 4 or 130 where the run is not complete. */
export async function certifyCommand(
  io: Io,
  selection: readonly string[],
  options: CertifyOptions,
): Promise<number> {
  demandWhole(selection, options);
  const profile = await readProfile(io, options.profile);
  demandUnchanged(profile);
  const pem = options.sign === undefined ? undefined : readText(resolve(io.cwd, options.sign));
  if (pem !== undefined) signed(Buffer.from(''), pem, options.sign ?? '');
  const redactor = createRedactor();
  const { profile: _, baseline: __, sign: ___, ...asked } = options;
  const plan = await planRun(io, [options.profile], {
    options: { ...asked, tag: [], excludeTag: [], var: [], tier: 'hours', failOn: 'must' },
    redactor,
    carriesLoads: true,
    loadsBaseline: false,
  });
  demandVersion(plan);
  if (options.out !== undefined) demandEmpty(resolve(io.cwd, options.out));
  const execution = {
    options: {
      failOn: 'must',
      reporter: 'console',
      junitDialect: 'ci',
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    },
    redactor,
    loads: loadDriver(io, options, redactor),
  } as const;
  const { result, code } = await executeRun(io, plan, execution);
  if (result === undefined) return code;
  const refusals = refusalsOf(result, options.profile);
  if (refusals.length > 0) return sayRefused(io, refusals, code);
  const inputs = redactor.json(inputsOf(plan, profile));
  return bundled(io, { result, profile, inputs, pem, options });
}

interface Certifying {
  readonly result: RunResult;
  readonly profile: FrozenProfile;
  readonly inputs: CertifiedInputs;
  readonly pem: string | undefined;
  readonly options: CertifyOptions;
}

function bundled(io: Io, { result, profile, inputs, pem, options }: Certifying): number {
  const known = knownProfile(profile);
  const { files, certificate } = makeBundle(result, known, inputs);
  // What its own verifier would not accept is not handed out.
  const { problems } = checkBundle(files, known);
  if (problems.length > 0) {
    const lines = problems.slice(0, SHOWN).map(({ place, message }) => `${place}: ${message}.`);
    return sayRefused(io, ['It could not be verified:', ...lines], 3);
  }
  const { name, version } = certificate.implementation;
  const folder = `${name}-${version}-${options.profile}-${result.runId}`.replaceAll(
    /[^\w.@+-]/g,
    '_',
  );
  const out = resolve(io.cwd, options.out ?? join('certificates', folder));
  demandEmpty(out);
  const manifest = files[MANIFEST] ?? Buffer.from('');
  const signature =
    pem === undefined ? {} : { [SIGNATURE]: signed(manifest, pem, options.sign ?? '') };
  writeBundle(out, { ...files, ...signature });
  io.stderr(describeCertificate(certificate));
  io.stderr(`Bundle ${visible(shorten(io, out))}\n`);
  return certificate.verdict === 'certified' ? 0 : 1;
}

const SHOWN = 10;

/** @throws {ToolError} CERTIFICATE_REFUSED */
function demandWhole(selection: readonly string[], options: CertifyOptions): void {
  const { tag = [], excludeTag = [], tier, var: vars = [], baseline, fault = [] } = options;
  const filters = [
    ...selection,
    ...tag.map((one) => `--tag ${one}`),
    ...excludeTag.map((one) => `--exclude-tag ${one}`),
    ...(tier === undefined ? [] : [`--tier ${tier}`]),
  ];
  if (filters.length > 0) throw refused(`${filters.join(' ')} would leave checks out.`);
  if (vars.length > 0) throw refused(`--var ${vars.join(' --var ')} would ask something else.`);
  if (baseline !== undefined && baseline !== true)
    throw refused(
      'A baseline would excuse deviations. The own one of the target is not used either.',
    );
  if (fault.length > 0)
    throw refused(
      `--fault ${fault.join(' --fault ')}: a gateway with a fault is not what it would name.`,
    );
}

/** @throws {ToolError} CERTIFICATE_REFUSED */
function demandUnchanged({ locked, now, suite }: FrozenProfile): void {
  if (locked === undefined) throw refused(`${suite.name} has no suite.lock.json.`);
  const changes = changesSince(locked, now);
  if (changes.length === 0) return;
  const few = changes.slice(0, SHOWN).join('; ');
  const more = changes.length > SHOWN ? `; and ${changes.length - SHOWN} more` : '';
  throw refused(`${suite.name} is not as it was frozen: ${few}${more}.`);
}

/** @throws {ToolError} CERTIFICATE_REFUSED */
function demandVersion({ target }: RunPlan): void {
  if (target.preview.version !== undefined) return;
  throw new ToolError('CERTIFICATE_REFUSED', `No certificate: ${NO_VERSION}`, {
    hint: 'Write version: into targets/<name>/target.yaml. A bare --url has none.',
  });
}

function refused(why: string): ToolError {
  return new ToolError('CERTIFICATE_REFUSED', `No certificate: ${why}`, {
    hint: 'A certificate is about a whole frozen profile. ws-assay run takes any selection.',
  });
}

/** @throws {ToolError} USAGE */
function demandEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new ToolError('USAGE', `${folder} is not empty.`, {
    hint: 'A bundle gets a folder of its own: nothing else may be in it.',
  });
}

function sayRefused(io: Io, reasons: readonly string[], code: number): number {
  io.stderr(`\nNo certificate:\n${reasons.map((one) => `  ${visible(one)}\n`).join('')}`);
  // Whatever else it found: what was not tested, or came to nothing, is what keeps it from a verdict.
  if (code !== 0 && code !== 1) return code;
  return reasons.every((one) => one.includes('(inconclusive)')) ? 4 : 3;
}

/** @throws {ToolError} FILE_INVALID */
function signed(manifest: Uint8Array, pem: string, file: string): Uint8Array {
  const made = signManifest(manifest, pem);
  if ('signature' in made) return Buffer.from(made.signature);
  throw new ToolError('FILE_INVALID', `${file} cannot sign: ${made.problem}.`, {
    hint: 'openssl genpkey -algorithm ed25519 -out key.pem makes one.',
  });
}

/** Of the variables only those that the profile asks for: the others are nobody's business. */
function inputsOf(
  { features, target: { preview } }: RunPlan,
  { texts }: FrozenProfile,
): CertifiedInputs {
  const vars = Object.entries(preview.vars).filter(([name]) =>
    texts.some((text) => text.includes(`\${${name}`)),
  );
  return {
    features: [...features].toSorted(),
    limits: preview.limits,
    vars: Object.fromEntries(vars),
  };
}

/** The certificate as lines for a person. */
export function describeCertificate(certificate: Certificate): string {
  const { verdict, implementation, profile, parts, reasons } = certificate;
  const word = verdict === 'certified' ? 'Certified' : 'Not certified';
  const rows = parts.map(({ name, status, core, extended }) => {
    const held = `core ${heldOf(core)}, extended ${heldOf(extended)}`;
    return `  ${name.padEnd(16)} ${status.padEnd(13)} ${held}`;
  });
  const taken = certificate.notRecomputed.map(
    (id) =>
      `  ${id}: its thresholds over attempts are as the run says; a result keeps none to judge again`,
  );
  const lines = [
    '',
    `${word}: ${implementation.name} ${implementation.version}, ${profile.name}`,
    ...rows,
    ...reasons.map((reason) => `  ${reason}`),
    ...taken,
  ];
  return `${lines.map((line) => visible(line)).join('\n')}\n`;
}

/** Of the checks that apply and are judged; core that does not apply is lacking. */
function heldOf({ passed, total, notApplicable, recorded }: CheckTally): string {
  const lacking = notApplicable === 0 ? '' : `, ${notApplicable} not applicable`;
  return `${passed} of ${total - notApplicable - recorded}${lacking}`;
}

function shorten(io: Io, path: string): string {
  const short = relative(io.cwd, path);
  return short.startsWith('..') ? path : short;
}
