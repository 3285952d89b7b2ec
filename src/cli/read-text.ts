// A file that the command line names, as text.
import { readFileSync } from 'node:fs';
import { messageOf, ToolError } from '../base/errors.ts';

/**
 * Reads it as UTF-8.
 *
 * @throws {ToolError} FILE_UNREADABLE, with `hint` where there is one
 */
export function readText(file: string, hint?: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new ToolError('FILE_UNREADABLE', `Cannot read ${file}: ${messageOf(thrown)}.`, {
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
