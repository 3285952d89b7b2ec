// `$disconnect` of a load by way of ending: attempts and events into the ledger that counts them.

import type { BlindSpan } from '../load/blind-span.ts';
import { createDeliveryLedger } from '../load/delivery-ledger.ts';
import type { LoadSighting } from '../observe/backend.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { DeliveryResult } from '../result/load-result.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CanaryBook } from './load-canaries.ts';

/** The account of one load. */
export interface LoadDelivery {
  take(batch: readonly LoadAttempt[]): void;
  event(
    this: void,
    number: number,
    sighting: Pick<LoadSighting, 'type' | 'atUs' | 'invocationId'>,
  ): void;
  /** Canaries, in milliseconds from the instant `zero`. */
  readonly canaries: CanaryBook;
  /** When the sink was seen not to pass on what it is given; canaries on their way count. */
  readonly blind: (nowMs: number) => readonly BlindSpan[];
  /** When the observer could not see. */
  gap(span: BlindSpan): void;
  result(nowMs: number): DeliveryResult;
}

const CONFIDENCE = 0.95;

/** Opens one. `zero.us`: the instant from which attempts count, once it is known. */
export function createLoadDelivery({
  endings,
  deadlineMs,
  zero,
}: {
  readonly endings: LoadSpec['endings'];
  readonly deadlineMs: number;
  readonly zero: { readonly us: number };
}): LoadDelivery {
  const ledger = createDeliveryLedger({ deadlineMs, confidence: CONFIDENCE, exact: false });
  return {
    take: (batch) => {
      for (const { number, outcome, ending, closingMs, endedByUs } of batch) {
        const opened = outcome === 'opened' && !Number.isNaN(closingMs);
        const how = endedByUs ? (endings[ending]?.kind ?? 'close') : 'server';
        const refused = outcome === 'refused' || outcome === 'invalid';
        ledger.end({ number, opened, refused, ending: how, endedMs: closingMs });
      }
    },
    event: (number, { type, atUs, invocationId }) => {
      if (type !== 'CONNECT' && type !== 'DISCONNECT') return;
      const atMs = (atUs - zero.us) / 1000;
      ledger.event({ number, type, atMs, delivery: invocationId });
    },
    canaries: { sent: ledger.canarySent, seen: ledger.canarySeen },
    blind: ledger.blind,
    gap: ledger.gap,
    result: ledger.result,
  };
}
