// Values as they stand in a script.
import type { Piece } from './request.ts';

/** Pieces as an expression. */
export function expression(pieces: readonly Piece[]): string {
  if (pieces.length === 0) return "''";
  const parts = pieces.map((piece) => {
    switch (piece.kind) {
      case 'text':
        return quoted(piece.text);
      case 'nonce':
        return 'nonce(NONCE, number)';
      default:
        return `env(${quoted(piece.name)})`;
    }
  });
  return parts.join(' + ');
}

const WORD = /^[A-Za-z_]\w*$/;

/** A value as a literal, keys without quotes where they need none. */
export function written(value: unknown, depth = 0): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = '  '.repeat(depth + 1);
  const end = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object')) {
      return `[${value.map((one) => written(one)).join(', ')}]`;
    }
    return `[\n${value.map((one) => `${inner}${written(one, depth + 1)},\n`).join('')}${end}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const lines = entries.map(
    ([key, one]) => `${inner}${WORD.test(key) ? key : quoted(key)}: ${written(one, depth + 1)},\n`,
  );
  return `{\n${lines.join('')}${end}}`;
}

/** A text in single quotes. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `'${inner}'`;
}
