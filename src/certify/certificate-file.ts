// A certificate as a file: its schema, and how it is read again.
import * as z from 'zod';
import { messageOf } from '../base/errors.ts';
import { visibleJson } from '../base/visible.ts';
import { CERTIFICATE_VERSION, type Certificate } from '../result/certificate.ts';
import type { OtherFile } from '../scenario/generate.ts';

const count = z.int().nonnegative();

const tally = z.strictObject({
  total: count,
  passed: count,
  failed: count,
  warned: count,
  recorded: count,
  notApplicable: count,
});

const named = z.strictObject({
  check: z.string().describe('`<case>#<check>`'),
  part: z.string(),
  isCore: z.boolean(),
  verdict: z.string(),
  message: z.string(),
  requirement: z.string().optional(),
});

const certificateSchema = z
  .strictObject({
    certificateVersion: z.literal(CERTIFICATE_VERSION),
    verdict: z.enum(['certified', 'not-certified']),
    reasons: z.array(z.string()).describe('why it is not certified; empty where it is'),
    profile: z.strictObject({
      name: z.string(),
      title: z.string(),
      hash: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('SHA-256 of all that the profile rests on'),
    }),
    implementation: z.strictObject({
      name: z.string(),
      title: z.string(),
      version: z.string(),
      launched: z.boolean(),
      insecure: z.boolean().describe('TLS was not verified'),
    }),
    parts: z.array(
      z.strictObject({
        name: z.string(),
        title: z.string(),
        status: z.enum(['passed', 'failed', 'partial', 'not-supported']),
        core: tally,
        extended: tally,
      }),
    ),
    deviations: z.array(named).describe('every check that failed, and every SHOULD not met'),
    notApplicable: z.record(z.string(), count).describe('checks by the feature that kept them out'),
    tool: z.strictObject({ name: z.literal('ws-assay'), version: z.string() }),
    environment: z.strictObject({ node: z.string(), platform: z.string(), arch: z.string() }),
    runId: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: z.number(),
    command: z.string().describe('the exact command, redacted'),
    seed: z.string(),
    inputs: z
      .strictObject({
        features: z.array(z.string()),
        limits: z.record(z.string(), z.number()),
        vars: z.record(z.string(), z.json()),
      })
      .describe('what the target told the plan'),
    notRecomputed: z.array(z.string()).describe('cases whose thresholds cannot be judged again'),
  })
  .meta({
    title: 'Certificate, version 1',
    description: 'What a run of a frozen profile says of an implementation.',
  });

/** For the generated files. */
export const certificateFile: OtherFile = {
  name: 'certificate',
  schema: certificateSchema,
  variables: false,
  sections: [],
};

/** The text of a file. */
export function renderCertificateJson(certificate: Certificate): string {
  return `${visibleJson(certificate, 2)}\n`;
}

/** Either the certificate or what is wrong with the text. Never throws. */
export function parseCertificate(
  text: string,
): { readonly certificate: Certificate } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { problem: `it is no JSON: ${messageOf(thrown)}` };
  }
  const parsed = certificateSchema.safeParse(value);
  // The schema has the shape of the type; it leaves `undefined` open where the type does not.
  if (parsed.success) return { certificate: parsed.data as Certificate };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}` };
}
