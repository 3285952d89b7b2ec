// Code that stands in a template, written to files so that it can be loaded.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TemplateFunction } from './function.ts';

/** Writes the code of functions that have theirs in the template. */
export function writeInlineCode(functions: readonly TemplateFunction[]): void {
  for (const { inline } of functions) {
    if (inline === undefined || isWritten(inline)) continue;
    mkdirSync(dirname(inline.file), { recursive: true });
    writeFileSync(inline.file, inline.text);
  }
}

function isWritten({ file, text }: { readonly file: string; readonly text: string }): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
