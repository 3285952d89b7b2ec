// Did you mean …? Edit distance with transpositions, forgiving about case.

/** The candidate that `word` was probably meant to be; undefined when none is close. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(fold(word), fold(candidate));
    const allowed = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= allowed && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `did you mean "x"?`, else the list of what is allowed. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const meant = suggest(word, candidates);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  const [only, ...others] = candidates;
  if (only === undefined) return '';
  return others.length === 0 ? `write "${only}"` : `write one of: ${candidates.join(', ')}`;
}

function fold(text: string): string {
  return text.slice(0, MAX_LENGTH).toLowerCase().replaceAll(/[-_ ]/g, '');
}

// Longer words are compared by their beginning; the cost is quadratic.
const MAX_LENGTH = 64;

/** Optimal string alignment: insert, delete, replace, swap neighbours. */
function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(twoBack, j - 2) + 1);
      row.push(least);
    }
    [twoBack, previous] = [previous, row];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
