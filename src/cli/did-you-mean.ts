// Did you mean …? What the command line says about a word that is none of those it knows.
import { suggest } from '../scenario/suggest.ts';

/** `Did you mean staging? `, or nothing where no word is close; with a space, so that a sentence may follow. */
export function didYouMean(words: readonly string[], known: Iterable<string>): string {
  const all = [...known];
  const near = words.flatMap((word) => suggest(word, all) ?? []);
  return near.length === 0 ? '' : `Did you mean ${near.join(', ')}? `;
}

/** Commander's own sentence about a value that is none of the choices, with the one that was meant. */
export function withChoice(text: string): string {
  const [, given, choices = ''] =
    /'([^']*)' is invalid[^.]*\. Allowed choices are (.*)\./.exec(text) ?? [];
  if (given === undefined) return text;
  const meant = didYouMean([given], choices.split(', ')).trim();
  return meant === '' ? text : text.replace(/\n/, ` (${meant})\n`);
}
