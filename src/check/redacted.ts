// Values that were redacted when the evidence was captured. All of them look alike, so a comparison
// with one would say something that nobody knows.
import type { Json } from '../base/json.ts';

/** Thrown where a conclusion would rest on a value that was redacted. */
export class RedactedValue extends Error {}

/** True for a text of which nothing is left. */
export function isRedacted(value: Json | undefined): boolean {
  return typeof value === 'string' && WHOLE.test(value);
}

/** True for a value of which some part was redacted. */
export function hasRedacted(value: Json | undefined): boolean {
  return value !== undefined && PART.test(JSON.stringify(value));
}

// What the redactor leaves; repeated headers are joined by commas.
const WHOLE = /^\[redacted(?::[^\]]*)?\](?:, \[redacted(?::[^\]]*)?\])*$/;
const PART = /\[redacted(?::[^\]]*)?\]/;
