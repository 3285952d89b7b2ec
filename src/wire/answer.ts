// Reads and judges the answer to an upgrade request: interim heads, the final head, and the body of
// a refusal. Pure: bytes in, events out.

import { judgeAnswer, type Violation } from './handshake.ts';
import { type Body, type BodyReader, createBodyReader } from './http-body.ts';
import { createHeadParser, type ParsedHead } from './http-head.ts';
import type { ResponseHead } from './transcript.ts';
import type { Offer } from './upgrade-request.ts';

// How an answer that came is to be read.
type AnswerOutcome = 'opened' | 'refused' | 'invalid';

/** What was read. */
export type AnswerEvent =
  | { readonly kind: 'interim'; readonly head: ResponseHead; readonly raw: Buffer }
  | {
      readonly kind: 'response';
      readonly outcome: AnswerOutcome;
      readonly head: ResponseHead;
      readonly raw: Buffer;
      readonly violations: readonly Violation[];
      /** After a valid 101: the beginning of the frames. */
      readonly rest: Buffer;
    }
  /** After a refusal, exactly once. */
  | { readonly kind: 'body'; readonly body: Body };

/** Reads one answer. */
export interface AnswerReader {
  push(bytes: Uint8Array): readonly AnswerEvent[];
  /** No more will be read: the connection has ended, or time is up (`finished: false`). */
  end(finished: boolean): readonly AnswerEvent[];
  /** What was read of a head that is not complete. */
  pending(): Buffer;
}

// What is kept of the body of a refusal, in bytes.
const REFUSAL_BODY_BYTES = 8 * 1024;

/** A reader for the answer to a request that offered this. */
export function createAnswerReader(offer: Offer): AnswerReader {
  const parser = createHeadParser();
  let body: BodyReader | undefined;
  let bodyTold = false;
  const tellBody = (): readonly AnswerEvent[] => {
    if (body?.done !== true || bodyTold) return [];
    bodyTold = true;
    return [{ kind: 'body', body: body.result() }];
  };
  const readHead = (parsed: ParsedHead): readonly AnswerEvent[] => {
    const { head, raw, rest } = parsed;
    if (parsed.kind === 'interim') return [{ kind: 'interim', head, raw }];
    // Of a head that was not read to its end nothing is missing for certain.
    const unreadable = parsed.violations.some((violation) => UNREADABLE.has(violation));
    const judged = unreadable ? [] : judgeAnswer(head, offer);
    const violations = [...parsed.violations, ...judged];
    const outcome = unreadable ? 'invalid' : outcomeOf(head, violations);
    const event: AnswerEvent = { kind: 'response', outcome, head, raw, violations, rest };
    if (outcome !== 'refused') return [event];
    body = createBodyReader(head, offer.method, REFUSAL_BODY_BYTES);
    body.push(rest);
    return [event, ...tellBody()];
  };
  return {
    push: (bytes) => {
      if (body === undefined) return parser.push(bytes).flatMap(readHead);
      body.push(bytes);
      return tellBody();
    },
    end: (finished) => {
      if (body === undefined) return [];
      if (finished) body.end();
      if (!finished && !bodyTold) {
        bodyTold = true;
        return [{ kind: 'body', body: body.result() }];
      }
      return tellBody();
    },
    pending: () => parser.pending(),
  };
}

// A refusal need not be tidy.
function outcomeOf(head: ResponseHead, violations: readonly Violation[]): AnswerOutcome {
  if (head.status !== 101) return 'refused';
  return violations.length === 0 ? 'opened' : 'invalid';
}

/** Violations after which reading is pointless: not HTTP, or too much of it. */
export const UNREADABLE: ReadonlySet<Violation> = new Set<Violation>([
  'not-http',
  'head-too-large',
  'too-many-headers',
  'too-many-interim',
]);
