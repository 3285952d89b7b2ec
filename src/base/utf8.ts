// Files that are read as text. Node replaces what is no UTF-8 silently, and a name that was replaced is another name.
import { isUtf8 } from 'node:buffer';

/** Where the first byte stands that is no UTF-8, 1-based, the column in UTF-16 units; `undefined` when all is. */
export function notUtf8(
  bytes: Buffer,
): { readonly line: number; readonly column: number } | undefined {
  if (isUtf8(bytes)) return undefined;
  const replaced = Buffer.from(bytes.toString('utf8'));
  let good = bytes.findIndex((byte, index) => byte !== replaced[index]);
  if (good === -1) good = bytes.length;
  // The first bytes of a character may be right and the character broken.
  while (!isUtf8(bytes.subarray(0, good))) good--;
  const lines = bytes.subarray(0, good).toString('utf8').split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
