// What is wrong in a template, and where; and what is only worth knowing.
import { codeFrame } from '../../base/code-frame.ts';
import { formatPlace, type SourceSpan } from '../../base/source-span.ts';

/** A mistake, or something that is not served, and its place. */
export interface TemplateProblem {
  readonly span: SourceSpan;
  readonly message: string;
  /** What to do about it, in few words. */
  readonly hint?: string | undefined;
}

/** Something that works here and may not on AWS, or the other way round. */
export type TemplateNote = TemplateProblem;

/** Collects what is found. */
export class Findings {
  readonly problems: TemplateProblem[] = [];
  readonly notes: TemplateNote[] = [];
  readonly #known = new Set<string>();

  /** Reports a problem, once for each place and message. */
  problem(span: SourceSpan, message: string, hint?: string): void {
    this.#add(this.problems, { span, message, hint });
  }

  /** Keeps a note, once for each place and message. */
  note(span: SourceSpan, message: string, hint?: string): void {
    this.#add(this.notes, { span, message, hint });
  }

  #add(list: TemplateProblem[], { span, message, hint }: TemplateProblem): void {
    const short = message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message;
    const key = `${formatPlace(span)} ${short}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    list.push({ span, message: short, hint });
  }
}

/** Longer messages quote something that nobody reads. */
const LONGEST = 400;

/** A problem as a person reads it: place, message, the line itself, and what to do. */
export function describeTemplateProblem(problem: TemplateProblem, text: string): string {
  const { span, message, hint = '' } = problem;
  return `${formatPlace(span)} - error GATEWAY_CONFIG: ${message}\n\n${codeFrame(text, span, hint)}`;
}

/** A note in one line. */
export function describeTemplateNote({ span, message, hint }: TemplateNote): string {
  return `${formatPlace(span)} - note: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** In the order of the file. */
export function inOrder<T extends TemplateProblem>(found: readonly T[]): readonly T[] {
  return found.toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column);
}
