// A calibration as a file: its schema, how it is written, how it is read again.
import * as z from 'zod';
import { messageOf } from '../base/errors.ts';
import type { OtherFile } from '../scenario/generate.ts';
import { CALIBRATION_VERSION, type Calibration } from './calibration.ts';

const place = {
  check: z.string().describe('`<case>#<check>`'),
  axes: z.record(z.string(), z.string()).describe('the conditions: value by axis'),
  path: z.string().describe('which value: `handshake.headers.content-type`, `holds`'),
  observations: z.int().min(1).describe('in how many runs the check was observed'),
};

const seen = z.strictObject({
  value: z.json().optional().describe('left out: there was none'),
  count: z.int().min(1),
});

const observation = z.discriminatedUnion('stability', [
  z.strictObject({ ...place, stability: z.literal('stable'), value: z.json() }),
  z.strictObject({ ...place, stability: z.literal('generated'), value: z.string() }),
  z.strictObject({ ...place, stability: z.literal('unstable'), values: z.array(seen).min(2) }),
]);

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** A calibration file. */
const calibrationSchema = z
  .strictObject({
    $schema: z.string().optional(),
    calibrationVersion: z.literal(CALIBRATION_VERSION),
    tool: z.strictObject({ name: z.literal('ws-assay'), version: z.string() }),
    target: z.strictObject({
      name: z.string(),
      title: z.string(),
      version: z.string().optional().describe('of the implementation'),
      features: z.array(z.string()),
    }),
    recordedAt: z.iso.datetime().describe('when the first run began, in UTC'),
    runs: z.int().min(1),
    suite: z.strictObject({
      name: z.string().optional(),
      version: z.string().optional(),
      hash: hash.describe('SHA-256 over `scenarios`'),
    }),
    scenarios: z
      .record(z.string(), hash)
      .describe('SHA-256 of each scenario that was asked, by id'),
    requirements: z
      .record(
        z.string(),
        z.strictObject({
          level: z.enum(['must', 'should', 'may']),
          statement: z.string(),
          observed: z.array(observation),
        }),
      )
      .describe('what was observed, by requirement'),
    withoutRequirement: z.array(observation).describe('of checks that cite no requirement'),
    unobserved: z
      .array(
        z.strictObject({
          requirement: z.string().optional(),
          check: z.string().optional(),
          reason: z.enum([
            'not-applicable',
            'skipped',
            'errored',
            'inconclusive',
            'failed',
            'not-run',
            'excluded',
          ]),
          message: z.string(),
        }),
      )
      .describe('what could not be observed, and why'),
  })
  .meta({
    title: 'Calibration, version 1',
    description: 'What a target was seen to do where the catalogue leaves it open.',
  });

/** For the generated files. */
export const calibrationFile: OtherFile = {
  name: 'calibration',
  schema: calibrationSchema,
  variables: false,
  sections: [],
};

/** The text of a file. */
export function renderCalibration(calibration: Calibration): string {
  return `${JSON.stringify(calibration, undefined, 1)}\n`;
}

/** Either the calibration or a sentence about what is wrong with the text. Never throws. */
export function parseCalibration(
  text: string,
): { readonly calibration: Calibration } | { readonly problem: string } {
  if (text.length > LONGEST) return { problem: `it is longer than ${LONGEST / 1024 / 1024} MiB` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    return { problem: `it is no JSON: ${messageOf(thrown)}` };
  }
  const parsed = calibrationSchema.safeParse(value);
  // The schema has the shape of the type; it leaves `undefined` open where the type does not.
  if (parsed.success) return { calibration: parsed.data as Calibration };
  const problems = parsed.error.issues.slice(0, SHOWN).map(({ path, message }) => {
    const at = path.map(String).join('.');
    return at === '' ? message : `${at}: ${message}`;
  });
  return { problem: problems.join('; ') };
}

const LONGEST = 16 * 1024 * 1024;
const SHOWN = 5;
