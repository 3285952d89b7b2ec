// Values that the evidence does not hold whole. What was redacted all looks alike, and of what was too
// long only the beginning was kept: a comparison would say something that nobody knows.
import type { Json } from '../base/json.ts';

/** Thrown where a conclusion would rest on what the evidence does not hold. */
export class HiddenValue extends Error {
  readonly reason: 'REDACTED' | 'TRUNCATED';

  constructor(reason: 'REDACTED' | 'TRUNCATED', message: string) {
    super(message);
    this.reason = reason;
  }
}

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
