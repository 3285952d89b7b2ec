// What is wrong in a template, and where in its text.

/** A template that cannot be read, or that cannot be rendered to its end. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Offset in the text of the template. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Line and column of an offset, both from 1. */
export function placeIn(
  text: string,
  at: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
