// A place in a file that a user wrote. Lines and columns are 1-based; columns count UTF-16 units.

/** Where something stands, so that a message can point at it. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** UTF-16 units that are underlined; at least 1. */
  readonly length: number;
}

/** Writes `file:line:column`, the form that terminals and editors turn into a link. */
export function formatPlace(span: SourceSpan): string {
  return `${span.file}:${span.line}:${span.column}`;
}
