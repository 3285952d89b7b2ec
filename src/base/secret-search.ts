// Replaces secrets in text. A pattern of all spellings of all secrets is slow to match, and nearly every text holds none:
// so only a text in which six characters of some spelling stand is held against it.
import { ANCHOR_LENGTH, type Spelling } from './secret-spelling.ts';

/** A spelling of a secret, and what is written instead. */
export interface Hiding extends Spelling {
  readonly hidden: string;
}

/** Makes the replacement for these, the longest first: where two begin at the same place, the first wins. */
export function createSecretSearch(hidings: readonly Hiding[]): (text: string) => string {
  const mayHold = createAnchorFilter(hidings.flatMap(({ anchor }) => anchor ?? []));
  const all = replacement(hidings);
  const withoutAnchor = replacement(hidings.filter(({ anchor }) => anchor === undefined));
  return (text) => (mayHold(text) ? all(text) : withoutAnchor(text));
}

function replacement(hidings: readonly Hiding[]): (text: string) => string {
  if (hidings.length === 0) return (text) => text;
  const pattern = new RegExp(hidings.map(({ source }) => source).join('|'), 'g');
  let wholes: readonly (readonly [RegExp, string])[] | undefined;
  const hiddenFor = (found: string): string => {
    wholes ??= hidings.map(({ source, hidden }) => [new RegExp(`^(?:${source})$`), hidden]);
    return wholes.find(([whole]) => whole.test(found))?.[1] ?? '[redacted]';
  };
  return (text) => text.replace(pattern, hiddenFor);
}

// Six characters make one number, five bits each, which are the same for both cases of a letter; other characters
// share their bits, which costs a look in vain.
function createAnchorFilter(anchors: readonly string[]): (text: string) => boolean {
  const windows = new Set(anchors.map((anchor) => windowAfter(0, anchor)));
  const first = new Uint8Array(2 ** 16);
  for (const window of windows) first[slotOf(window)] = 1;
  return (text) => {
    let window = 0;
    for (let at = 0; at < text.length; at++) {
      window = ((window << 5) | (text.charCodeAt(at) & 31)) & MASK;
      if (first[slotOf(window)] === 1 && windows.has(window)) return true;
    }
    return false;
  };
}

const MASK = 2 ** (5 * ANCHOR_LENGTH) - 1;

function windowAfter(start: number, text: string): number {
  return Array.from(text).reduce(
    (window, character) => ((window << 5) | (character.charCodeAt(0) & 31)) & MASK,
    start,
  );
}

function slotOf(window: number): number {
  return (window ^ (window >>> 14)) & 0xffff;
}
