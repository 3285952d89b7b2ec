// UTF-8 validation of text that comes in pieces (RFC 3629), failing at the first byte that no valid
// text can have there.
import { isUtf8 } from 'node:buffer';

/** Validates one text piece by piece. */
export interface Utf8Validator {
  /** The index in `bytes` of the first byte that makes the text invalid; -1 while it is valid. */
  push(bytes: Uint8Array): number;
  /** True when the text may end here: no character is incomplete. */
  readonly complete: boolean;
}

/** Starts validating a text. */
export function createUtf8Validator(): Utf8Validator {
  let state: Expectation = START;
  return {
    get complete() {
      return state === START;
    },
    push: (bytes) => {
      // The whole piece at once where that is possible: a hundred times faster.
      if (state === START && isUtf8(bytes)) return -1;
      for (const [index, byte] of bytes.entries()) {
        const next = step(state, byte);
        if (next === undefined) return index;
        state = next;
      }
      return -1;
    },
  };
}

// How many continuation bytes are to come, and the range of the next one: RFC 3629 section 4 is a
// table of first bytes, each with the range of its second byte; this excludes overlong forms,
// surrogates and what is beyond U+10FFFF.
interface Expectation {
  readonly left: number;
  readonly low: number;
  readonly high: number;
}

const START: Expectation = { left: 0, low: 0, high: 0 };

function step(state: Expectation, byte: number): Expectation | undefined {
  if (state.left === 0)
    return byte < 0x80 ? START : LEADS.find(([from, to]) => byte >= from && byte <= to)?.[2];
  if (byte < state.low || byte > state.high) return undefined;
  return state.left === 1 ? START : { left: state.left - 1, low: 0x80, high: 0xbf };
}

const LEADS: readonly (readonly [from: number, to: number, then: Expectation])[] = [
  [0xc2, 0xdf, { left: 1, low: 0x80, high: 0xbf }],
  [0xe0, 0xe0, { left: 2, low: 0xa0, high: 0xbf }],
  [0xe1, 0xec, { left: 2, low: 0x80, high: 0xbf }],
  [0xed, 0xed, { left: 2, low: 0x80, high: 0x9f }],
  [0xee, 0xef, { left: 2, low: 0x80, high: 0xbf }],
  [0xf0, 0xf0, { left: 3, low: 0x90, high: 0xbf }],
  [0xf1, 0xf3, { left: 3, low: 0x80, high: 0xbf }],
  [0xf4, 0xf4, { left: 3, low: 0x80, high: 0x8f }],
];
