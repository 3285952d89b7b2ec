// Secrets that are looked for afterwards.
import { randomBytes } from 'node:crypto';
import type { Ran } from './assay.ts';

/** A secret with characters that each encoding writes in its own way. */
export const canary = (name: string): string => `${name}+/${randomBytes(9).toString('hex')}~=`;

/** Every way in which a server, or a report, may write a text. */
export function spellings(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret);
  const bytes = Buffer.from(secret);
  return [
    secret,
    percent,
    percent.replaceAll(/%../g, (hex) => hex.toLowerCase()),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    secret.replaceAll('&', '&amp;'),
    secret.replaceAll('/', String.raw`\/`),
  ];
}

/** Where one of the secrets stands in what a run wrote, and in which spelling. */
export function leaks(ran: Ran, secrets: readonly string[]): readonly string[] {
  const places: readonly (readonly [string, string])[] = [
    ['stdout', ran.stdout],
    ['stderr', ran.stderr],
    ...Object.entries(ran.files).map(([path, bytes]) => [path, bytes.toString('latin1')] as const),
    ...Object.entries(ran.files).map(([path, bytes]) => [path, bytes.toString('utf8')] as const),
  ];
  return [
    ...new Set(
      places.flatMap(([place, text]) =>
        secrets.flatMap((secret) =>
          spellings(secret)
            .map((spelling, i) => (text.includes(spelling) ? `${place}: ${secret} as ${i}` : ''))
            .filter((one) => one !== ''),
        ),
      ),
    ),
  ];
}
