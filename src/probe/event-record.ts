// Event records: what a backend writes about itself where it cannot be held (docs/probe-contract.md).
import { z } from 'zod';
import type { JsonObject } from '../base/json.ts';
import { type Decoded, decodeJson, jsonObject, reasonsOf } from './invocation.ts';

/** One record. At least once, in any order; `at` is the platform's clock. */
export interface EventRecord {
  readonly v: 1;
  readonly type: 'AUTHORIZER' | 'CONNECT' | 'MESSAGE' | 'DISCONNECT' | 'CANARY';
  readonly phase: 'started' | 'ended';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Present on everything but a CANARY. */
  readonly connectionId?: string | undefined;
  /** Present on a CANARY. */
  readonly nonce?: string | undefined;
  readonly runId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly invocationId?: string | undefined;
  readonly event?: JsonObject | undefined;
  readonly answer?: JsonObject | undefined;
  /** Why a scripted probe did not do what it was told. */
  readonly problem?: string | undefined;
}

/** Decodes one record, a JSON array of them, or one a line (blank lines are skipped). */
export function decodeEventRecords(text: string): Decoded<readonly EventRecord[]> {
  const values = decodeValues(text);
  if (!values.ok) return values;
  const parsed = z.array(RECORD).safeParse(values.value);
  if (!parsed.success) return { ok: false, reasons: reasonsOf(parsed.error) };
  return { ok: true, value: parsed.data };
}

function decodeValues(text: string): Decoded<readonly unknown[]> {
  const whole = decodeJson(text);
  if (whole.ok)
    return { ok: true, value: Array.isArray(whole.value) ? whole.value : [whole.value] };
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return whole;
  const decoded = lines.map((line) => decodeJson(line));
  const reasons = decoded.flatMap((one, index) =>
    one.ok ? [] : one.reasons.map((reason) => `line ${index + 1}: ${reason}`),
  );
  if (reasons.length > 0) return { ok: false, reasons };
  return { ok: true, value: decoded.flatMap((one) => (one.ok ? [one.value] : [])) };
}

const RECORD = z
  .object({
    v: z.literal(1),
    type: z.enum(['AUTHORIZER', 'CONNECT', 'MESSAGE', 'DISCONNECT', 'CANARY']),
    phase: z.enum(['started', 'ended']).default('started'),
    at: z.int(),
    connectionId: z.string().min(1).optional(),
    nonce: z.string().min(1).optional(),
    runId: z.string().optional(),
    requestId: z.string().optional(),
    invocationId: z.string().min(1).optional(),
    event: jsonObject.optional(),
    answer: jsonObject.optional(),
    problem: z.string().optional(),
  })
  .superRefine((record, context) => {
    const key = record.type === 'CANARY' ? 'nonce' : 'connectionId';
    if (record[key] !== undefined) return;
    context.addIssue({ code: 'custom', path: [key], message: `a ${record.type} needs it` });
  });
