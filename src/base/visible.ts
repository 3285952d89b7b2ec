// Text from the network or from a file, on its way to a terminal: nothing in it may act on the
// terminal or change the reading order. Never silent: what is replaced is shown as an escape.

/**
 * Replaces control characters (C0, DEL, C1), bidirectional controls, zero-width characters and lone
 * surrogates by `\u{…}`. Newlines too, unless `keepNewlines`.
 */
export function visible(text: string, keepNewlines = false): string {
  return text
    .toWellFormed()
    .replaceAll(UNSAFE, (char) => (keepNewlines && char === '\n' ? char : escapeChar(char)));
}

/**
 * `value` as JSON with the same characters written as `\uXXXX`: for a parser the same text, and
 * harmless where somebody prints it. `indent` as for `JSON.stringify`.
 */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE, (char) =>
    // Newlines can only be those of the indentation: within a text JSON has escaped them.
    char === '\n' ? char : char.split('').map(escapeUnit).join(''),
  );
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// C0 and DEL to C1; Arabic letter mark; zero width and bidi marks; line/paragraph separators,
// embeddings and overrides; isolates; byte order mark; interlinear and tag characters.
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function escapeChar(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}
