// The nonce of an attempt of a load: 26 characters a-z2-7, of which the last seven are its number in the
// schedule, so that an event of the backend finds its attempt without a table of all of them.

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const DIGITS = 7;

/** How long the part is that all attempts of a load share. */
export const PREFIX_LENGTH = 26 - DIGITS;

/** The nonce of the attempt with this number, which is below 32 to the 7th. */
export function loadNonce(prefix: string, number: number): string {
  let digits = '';
  for (let rest = number, at = 0; at < DIGITS; at += 1, rest = Math.floor(rest / 32)) {
    digits = `${ALPHABET[rest % 32]}${digits}`;
  }
  return `${prefix}${digits}`;
}

/** The number of the attempt that a nonce is of; undefined for one of another load, or none. */
export function numberOfNonce(prefix: string, nonce: string): number | undefined {
  if (!nonce.startsWith(prefix) || nonce.length !== prefix.length + DIGITS) return undefined;
  let number = 0;
  for (const digit of nonce.slice(prefix.length)) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    number = number * 32 + value;
  }
  return number;
}
