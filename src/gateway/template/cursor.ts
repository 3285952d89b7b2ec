// Reads the text of a template from left to right.
import { TemplateError } from './template-error.ts';

/** A place in a text that moves on. */
export class Cursor {
  at = 0;
  readonly text: string;
  /** Where the text stands in a longer one, for the places of errors. */
  readonly base: number;

  constructor(text: string, base = 0) {
    this.text = text;
    this.base = base;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** True when the text goes on like that. */
  sees(what: string): boolean {
    return this.text.startsWith(what, this.at);
  }

  /** Goes past it when the text goes on like that. */
  take(what: string): boolean {
    if (!this.sees(what)) return false;
    this.at += what.length;
    return true;
  }

  /** Goes past what a sticky expression matches here, and gives the match. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text) ?? undefined;
    if (match !== undefined) this.at = pattern.lastIndex;
    return match;
  }

  /** True when a sticky expression matches here. */
  looksLike(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  skipBlanks(): void {
    this.match(/\s*/y);
  }

  /** Goes past blanks and `what`, which must be there. */
  demand(what: string, after: string): void {
    this.skipBlanks();
    if (!this.take(what)) throw this.problem(`${what} is missing after ${after}`);
  }

  /** An error here, or at another offset of this text. */
  problem(message: string, at = this.at): TemplateError {
    return new TemplateError(message, this.base + at);
  }
}
