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

/** A verdict on all texts that are those of `bytes` with the right accept value at `at`. */
interface Remembered extends Omit<JudgedAnswer, 'rest'> {
  readonly bytes: Buffer;
  readonly at: number;
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
    const bytes = Buffer.from(text.slice(0, length), 'latin1');
    known.unshift({ bytes, at, head, violations, subprotocol });
    if (known.length > MOST_TEXTS) known.pop();
  };
  return {
    read: (bytes, asked) => {
      for (const one of known) {
        if (isAlike(one, bytes, asked.accept)) return withRest(one, bytes);
      }
      const parser = createHeadParser();
      const judged = judgeBytes(parser, bytes, asked);
      if (judged === undefined) return parser;
      learn(bytes.toString('latin1'), asked.accept, judged, judged.rest.length);
      return judged;
    },
  };
}

// Accept values are equally long; the one that is right this time is put into what is remembered.
function isAlike({ bytes: own, at }: Remembered, bytes: Buffer, accept: string): boolean {
  if (bytes.length < own.length) return false;
  own.write(accept, at, 'latin1');
  return bytes.length === own.length
    ? bytes.equals(own)
    : bytes.subarray(0, own.length).equals(own);
}

function withRest(one: Remembered, bytes: Buffer): JudgedAnswer {
  const { bytes: own, head, violations, subprotocol } = one;
  const rest = bytes.length === own.length ? NOTHING : bytes.subarray(own.length);
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
