// The token that a probe shows. Drawn for each run, compared without telling how much of it was right.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits in base64url, 43 characters. */
export function drawToken(): string {
  return randomBytes(32).toString('base64url');
}

/** True when `shown` is `token`; takes the same time whatever differs, lengths included. */
export function tokenMatches(shown: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(shown ?? ''), digest(token)) && shown !== undefined;
}

/** What stands behind `Bearer` in an Authorization header. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
