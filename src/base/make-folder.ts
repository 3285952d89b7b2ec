// Makes a folder and what is missing above it, one level at a time. Node's recursive mkdir never
// ends where a file system answers "no such file" although the folder above is there (/proc).
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf } from './errors.ts';

/**
 * Makes `path`, an absolute one, unless it is a folder already.
 *
 * @throws the system's error where that cannot be
 */
export function makeFolder(path: string): void {
  const missing = missingAbove(path);
  for (const folder of missing) makeOne(folder);
  if (!statSync(path).isDirectory()) makeOne(path);
}

/** What is not there, the uppermost first. */
function missingAbove(path: string): readonly string[] {
  if (isThere(path)) return [];
  const above = dirname(path);
  return above === path ? [path] : [...missingAbove(above), path];
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (thrown) {
    // Somebody else was quicker.
    const made = systemCodeOf(thrown) === 'EEXIST' && statSync(folder).isDirectory();
    if (!made) throw thrown;
  }
}
