// A text with small repairs, and where each place of it stands in the text that the user wrote.

/** Replaces `remove` characters at an offset of the original text. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
  /** `variable`: read the value as it was written; `doubtful`: nobody knows what was meant. */
  readonly value?: 'variable' | 'doubtful';
}

/** A repaired text. */
export interface EditedText {
  readonly text: string;
  /** The offset in the original for one in `text`. */
  originOf(offset: number): number;
  /** What the repairs between two offsets of the original say about the value there. */
  valueBetween(from: number, to: number): Edit['value'];
}

/** Applies edits that do not overlap; of several at one place the later given comes last. */
export function applyEdits(original: string, edits: readonly Edit[]): EditedText {
  const sorted = edits.toSorted((a, b) => a.at - b.at);
  let text = '';
  let from = 0;
  for (const { at, remove, insert } of sorted) {
    text += original.slice(from, Math.max(from, at)) + insert;
    from = Math.max(from, at + remove);
  }
  text += original.slice(from);
  return {
    text,
    originOf: (offset) => originOf(offset, sorted),
    valueBetween: (start, end) =>
      sorted.find(({ at, value }) => value !== undefined && at >= start && at <= end)?.value,
  };
}

function originOf(offset: number, sorted: readonly Edit[]): number {
  let shift = 0;
  for (const { at, remove, insert } of sorted) {
    const begins = at + shift;
    // What follows directly on something taken away begins behind it.
    if (insert === '' ? offset < begins : offset <= begins) break;
    if (offset < begins + insert.length) return at + Math.min(offset - begins, remove);
    shift += insert.length - remove;
  }
  return offset - shift;
}
