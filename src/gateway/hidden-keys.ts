// A configuration file as it may be shown: the values of API keys and access keys are
// secrets.
import { isMap, isNode, isPair, type Node, parseDocument, visit } from 'yaml';

/**
 * The text with everything below `ApiKeys` but `Enabled`, and everything below `Users` but policies
 * and `Status`, replaced by as many asterisks.
 */
export function hideSecrets(text: string): string {
  const { contents } = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  // By UTF-16 units, as the ranges are.
  const hidden = text.split('');
  for (const keys of [...entriesNamed(contents, 'ApiKeys'), ...entriesNamed(contents, 'Users')]) {
    visit(keys, {
      Pair: (_, { key, value }) =>
        HARMLESS.has(String(key)) && isNode(value) ? visit.SKIP : undefined,
      Scalar: (position, { range }) => {
        if (position === 'key' || !range) return;
        for (let at = range[0]; at < range[1]; at++)
          hidden[at] = /\s/.test(text[at] ?? '') ? (text[at] ?? '') : '*';
      },
    });
  }
  return hidden.join('');
}

const HARMLESS = new Set(['Enabled', 'Status', 'PolicyDocument']);

function entriesNamed(contents: unknown, name: string): readonly Node[] {
  if (!isMap(contents)) return [];
  return contents.items.flatMap((item) =>
    isPair(item) && String(item.key) === name && isNode(item.value) ? [item.value] : [],
  );
}
