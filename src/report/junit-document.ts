// A JUnit XML document by junit-report-builder, with what the builder lacks or gets wrong made good:
//
//   * its cdata() splits only the first `]]>` of a text: two of them break the file
//   * no `line`, no message on `skipped`, `skipped` on the root (invalid for Jenkins' xUnit schema)
//   * times as bare JS numbers (`1e-7`), timestamps in local time, empty names left out
//   * several results on one test case, test cases outside a suite: neither can be said here
//
// Text is made safe first and so never holds U+2060. With U+2060 we mark, in what we hand to the
// builder, the places that are completed in what it returns: no text from outside can forge a mark.

import type { Builder } from 'junit-report-builder';
import junitReportBuilder from 'junit-report-builder';
import { visible } from '../base/visible.ts';
import { cut } from './payload-text.ts';

/**
 * `ci`: with `file`, `line` and properties on test cases, for GitLab, GitHub, Azure, Jenkins' junit
 * plugin. `xunit-strict`: valid for junit-10.xsd, the schema of Jenkins' xUnit plugin.
 */
export type JUnitDialect = 'ci' | 'xunit-strict';

/** How a test case came out; exactly one of these. */
export type JUnitOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly message: string }
  | {
      readonly kind: 'failure' | 'error';
      readonly type: string;
      readonly message: string;
      /** Several lines. */
      readonly body: string;
    };

/** One test case. Nothing in it needs to be escaped. */
export interface JUnitCase {
  readonly className: string;
  readonly name: string;
  readonly seconds: number;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly outcome: JUnitOutcome;
  /** Lines of `system-out`. */
  readonly output: readonly string[];
  /** Files that belong to it; GitLab shows those of failed test cases. */
  readonly attachments: readonly string[];
}

/** One suite with at least one test case. */
export interface JUnitSuite {
  readonly name: string;
  /** ISO 8601 in UTC. */
  readonly timestamp: string;
  readonly seconds: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly JUnitCase[];
}

/** The document as text. Names of test cases are unique within their class name. */
export function junitDocument(suites: readonly JUnitSuite[], dialect: JUnitDialect): string {
  const builder = newBuilder().name('ws-assay');
  const taken = new Set<string>();
  for (const suite of suites) addSuite(builder, suite, dialect, taken);
  return complete(builder.build(), dialect);
}

// Text that XML 1.0 can carry and that a reader is not deceived by: control characters, ANSI,
// bidirectional controls, U+FFFE, U+FFFF become `\u{…}`.
function xmlSafe(text: string, keepNewlines = false): string {
  return visible(text, keepNewlines).replaceAll(
    /[\ufffe\uffff]/g,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  );
}

const MARK = '\u2060';

// The package is CommonJS whose typings say `export default`; at run time the import is the builder
// itself: a singleton, of which only `newBuilder` may be used.
function newBuilder(): Builder {
  return (junitReportBuilder as unknown as Builder).newBuilder();
}

function addSuite(
  builder: Builder,
  { name, timestamp, seconds, properties, cases }: JUnitSuite,
  dialect: JUnitDialect,
  taken: Set<string>,
): void {
  const suite = builder
    .testSuite()
    .name(nameOf(name))
    .timestamp(utcStamp(timestamp))
    .time(roundSeconds(seconds));
  for (const [key, value] of Object.entries(properties))
    suite.property(nameOf(key), xmlSafe(value));
  for (const one of cases) addCase(suite.testCase(), one, dialect, taken);
}

type TestCase = ReturnType<Builder['testCase']>;

function addCase(test: TestCase, one: JUnitCase, dialect: JUnitDialect, taken: Set<string>): void {
  const className = nameOf(one.className);
  test
    .className(className)
    .name(uniqueName(className, nameOf(one.name), taken))
    .time(roundSeconds(one.seconds));
  if (dialect === 'ci') addExtras(test, one);
  addOutcome(test, one.outcome);
  const output = outputOf(one);
  if (output !== '') test.standardOutput(output);
}

function addExtras(test: TestCase, { file, line, properties }: JUnitCase): void {
  if (file !== undefined) test.file(`${xmlSafe(file)}${line === undefined ? '' : MARK + line}`);
  for (const [key, value] of Object.entries(properties)) test.property(nameOf(key), xmlSafe(value));
}

function addOutcome(test: TestCase, outcome: JUnitOutcome): void {
  switch (outcome.kind) {
    case 'passed':
      return;
    case 'skipped':
      test.skipped();
      return;
    case 'failure':
      test.failure(messageOf(outcome.message), xmlSafe(outcome.type));
      test.stacktrace(cdata(bodyOf(outcome)));
      return;
    case 'error':
      test.error(messageOf(outcome.message), xmlSafe(outcome.type), cdata(bodyOf(outcome)));
  }
}

// GitLab reads the body, Azure DevOps the attribute: the message stands in both.
function bodyOf({ message, body }: { readonly message: string; readonly body: string }): string {
  return body === '' ? message : `${message}\n\n${body}`;
}

function outputOf({ outcome, output, attachments }: JUnitCase): string {
  const skipped = outcome.kind === 'skipped' ? `${MARK}${messageOf(outcome.message)}${MARK}` : '';
  const failed = outcome.kind === 'failure' || outcome.kind === 'error';
  const files = failed ? attachments.map((path) => `[[ATTACHMENT|${path}]]`) : [];
  return skipped + cdata([...output, ...files].map((line) => `${line}\n`).join(''));
}

function cdata(text: string): string {
  return xmlSafe(text, true).replaceAll(']]>', `]]${MARK}>`);
}

function complete(built: string, dialect: JUnitDialect): string {
  const text = built
    .replaceAll(LINE, (_, file: string, line: string) => `file="${file}" line="${line}"`)
    .replaceAll(SKIPPED, (_, message: string, output: string) => skippedElement(message, output))
    .replaceAll(`]]${MARK}>`, ']]]]><![CDATA[>');
  const root = dialect === 'ci' ? text : text.replace(ROOT_SKIPPED, '$1');
  return `${root}\n`;
}

const LINE = /\bfile="([^"\u2060]*)\u2060(\d+)"/g;
const ROOT_SKIPPED = /(<testsuites [^>]*?) skipped="\d+"/;
// `<skipped/>` and the output that follows it, which begins with the marked message.
const SKIPPED =
  /<skipped\/>\s*<system-out>\s*<!\[CDATA\[\u2060([^\u2060]*)\u2060((?:(?!\]\]>)[^])*)\]\]>\s*<\/system-out>/g;

function skippedElement(message: string, output: string): string {
  const text = message.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
  const out = output === '' ? '' : `<system-out><![CDATA[${output}]]></system-out>`;
  return `<skipped message="${text}">${text}</skipped>${out}`;
}

// One line of moderate length; an empty one would be left out by the builder.
function messageOf(message: string): string {
  if (message === '') return 'no message';
  return xmlSafe(message.length > MESSAGE_LENGTH ? `${cut(message, MESSAGE_LENGTH)}…` : message);
}

const MESSAGE_LENGTH = 500;

function nameOf(name: string): string {
  return xmlSafe(name.trim() === '' ? '(unnamed)' : name);
}

function uniqueName(className: string, name: string, taken: Set<string>): string {
  let unique = name;
  for (let copy = 2; taken.has(`${className}\n${unique}`); copy++) unique = `${name} (${copy})`;
  taken.add(`${className}\n${unique}`);
  return unique;
}

// At most three decimals and never an exponent: `(\.[0-9]{0,3})?` in the schema.
function roundSeconds(seconds: number): number {
  const sane = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 1e9) : 0;
  return Number(sane.toFixed(3));
}

// A text, because the builder prints a Date in local time without a zone.
function utcStamp(timestamp: string): string {
  const date = new Date(timestamp);
  const valid = Number.isNaN(date.getTime()) ? new Date(0) : date;
  return valid.toISOString().slice(0, 19);
}
