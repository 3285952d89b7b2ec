// Text in lines of a width.

const NARROWEST = 30;

/** Breaks a text at its spaces; a word that is too long stands alone. Never narrower than 30 columns. */
export function wrapped(text: string, columns: number): readonly string[] {
  const width = Math.max(NARROWEST, columns);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
