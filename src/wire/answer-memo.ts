// The judgement of an answer, remembered. Servers answer alike but for the accept value; what the parser and
// the judge said of one text they say of the same text with another right accept value in the same place.
// So a load has the verdicts of the conformance client at the price of a look-up.
import { judgeAnswer, selectedSubprotocol, type Violation } from './handshake.ts';
import { createHeadParser, type HeadParser } from './http-head.ts';
import type { ResponseHead } from './transcript.ts';

/** What was asked for: the key, the value that answers it, and what else was offered. */
export interface Asked {
  readonly key: string;
  readonly accept: string;
  readonly subprotocols: readonly string[];
}

/** An answer whose head is complete. */
export interface JudgedAnswer {
  readonly head: ResponseHead;
  readonly violations: readonly Violation[];
  readonly subprotocol: string | undefined;
  /** What followed the head. */
  readonly rest: Uint8Array;
}

/** Reads answers of servers that mostly say the same. */
export interface AnswerMemo {
  /**
   * The first bytes of an answer; a parser to push the rest into where the head is not complete. What is
   * returned does not share memory with `bytes`, but `rest` does.
   */
  read(bytes: Buffer, asked: Asked): JudgedAnswer | HeadParser;
}

// Answers have a date: each second brings a new text.
const MOST_TEXTS = 64;
const HEAD_END = '\r\n\r\n';

const NOTHING = new Uint8Array();

/** A verdict on all texts that are `before`, the right accept value, `after`. */
interface Remembered extends Omit<JudgedAnswer, 'rest'> {
  readonly before: string;
  readonly after: string;
}

/** A memo that remembers nothing yet. All answers it reads are to requests that offer the same. */
export function createAnswerMemo(): AnswerMemo {
  // The latest first: it is the one that comes again.
  const known: Remembered[] = [];
  const learn = (text: string, accept: string, judged: JudgedAnswer, restLength: number): void => {
    const end = text.indexOf(HEAD_END);
    const at = text.indexOf(accept);
    const length = end + HEAD_END.length;
    const isPlain = end !== -1 && at !== -1 && at < end && restLength === text.length - length;
    if (!isPlain) return;
    const { head, violations, subprotocol } = judged;
    const before = text.slice(0, at);
    const after = text.slice(at + accept.length, length);
    known.unshift({ before, after, head, violations, subprotocol });
    if (known.length > MOST_TEXTS) known.pop();
  };
  return {
    read: (bytes, asked) => {
      const text = bytes.toString('latin1');
      const { accept } = asked;
      for (const one of known) {
        const { before, after } = one;
        const length = before.length + accept.length;
        const isKnown =
          text.startsWith(accept, before.length) &&
          text.startsWith(before) &&
          text.startsWith(after, length);
        if (isKnown) return withRest(one, bytes, length + after.length);
      }
      const parser = createHeadParser();
      const judged = judgeBytes(parser, bytes, asked);
      if (judged === undefined) return parser;
      learn(text, accept, judged, judged.rest.length);
      return judged;
    },
  };
}

function withRest(
  { head, violations, subprotocol }: Remembered,
  bytes: Buffer,
  length: number,
): JudgedAnswer {
  const rest = bytes.length === length ? NOTHING : bytes.subarray(length);
  return { head, violations, subprotocol, rest };
}

/** Pushes bytes into a parser and judges the final head, if they complete it. */
export function judgeBytes(
  parser: HeadParser,
  bytes: Uint8Array,
  { key, subprotocols }: Asked,
): JudgedAnswer | undefined {
  const final = parser.push(bytes).find(({ kind }) => kind === 'final');
  if (final === undefined) return undefined;
  const { head, rest } = final;
  const offer = { method: 'GET', keys: [key], subprotocols, extensions: [] };
  const violations = [...final.violations, ...judgeAnswer(head, offer)];
  return { head, violations, subprotocol: selectedSubprotocol(head), rest };
}
