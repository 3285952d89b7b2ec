// The file that all scripts import.
import { fileURLToPath } from 'node:url';
import { LIBRARY_FILE } from './script.ts';

/** Where it stands in this package: with the scenarios, from `src` and from `dist` alike. */
export function libraryPath(): string {
  return fileURLToPath(new URL(`../../scenarios/load/${LIBRARY_FILE}`, import.meta.url));
}
