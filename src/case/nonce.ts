// The nonce that marks an attempt, so that the backend's events find it: 26 characters of a-z2-7
// (130 bits). Drawn from the run's seed, so that a run can be repeated exactly.
import type { Random } from '../base/random.ts';

/** Draws a nonce. */
export function drawNonce(random: Random): string {
  return Array.from(random.bytes(26), (byte) => ALPHABET[byte % 32]).join('');
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
