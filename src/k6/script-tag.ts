// Which script results are of: what its points carry as tags.
import { basename } from 'node:path';
import { ToolError } from '../base/errors.ts';
import { readLines } from './follow.ts';
import { readPoint } from './point.ts';

/** What an exported script writes on each point. */
export interface ScriptTag {
  /** `load/rush@0123456789ab`: the scenario and what its schedule is. */
  readonly text: string;
  readonly id: string;
  readonly nonce: string;
  readonly seed: string;
}

/**
 * Reads it; all files must be of one script.
 *
 * @throws {ToolError} FILE_INVALID
 */
export async function tagOfFiles(files: readonly string[]): Promise<ScriptTag> {
  let first: { readonly file: string; readonly tag: ScriptTag } | undefined;
  for (const file of files) {
    const tag = await tagOf(file);
    first ??= { file, tag };
    if (JSON.stringify(tag) === JSON.stringify(first.tag)) continue;
    throw new ToolError(
      'FILE_INVALID',
      `${basename(file)} is of ${tag.text}, and ${basename(first.file)} of ${first.tag.text}: they are not one load.`,
      { hint: 'Give the files of all runners of one run of one exported script.' },
    );
  }
  if (first === undefined) throw new ToolError('USAGE', 'No file was given.');
  return first.tag;
}

async function tagOf(file: string): Promise<ScriptTag> {
  let found: ScriptTag | undefined;
  let attempts = 0;
  let lines = 0;
  await readLines(file, (line) => {
    lines += 1;
    const point = readPoint(line);
    if (typeof point !== 'object') return lines < MOST_LINES || attempts > 0;
    attempts += 1;
    const { assay: text, nonce, seed } = point.tags;
    if (text !== undefined && nonce !== undefined && seed !== undefined) {
      found = { text, id: text.slice(0, text.lastIndexOf('@')), nonce, seed };
    }
    return found === undefined && attempts < MOST_ATTEMPTS;
  });
  if (found !== undefined) return found;
  throw foreign(file, attempts);
}

// An exported script writes it on every point.
const MOST_ATTEMPTS = 1000;
const MOST_LINES = 1_000_000;

function foreign(file: string, attempts: number): ToolError {
  const name = basename(file);
  if (attempts > 0) {
    return new ToolError(
      'FILE_INVALID',
      `${name} is of a script that ws-assay did not write: its attempts belong to no schedule.`,
      { hint: 'Export a scenario (ws-assay export k6) and run that script.' },
    );
  }
  return new ToolError('FILE_INVALID', `${name} has no attempt to connect that k6 measured.`, {
    hint: 'Give what k6 run --out json=FILE wrote, or a whole summary (--summary-export).',
  });
}
