// Bytes as evidence: JSON, bounded, and without secrets.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isSecretHeader, type Redactor } from '../base/redact.ts';
import type { HeaderField, Payload, ResponseHead } from './transcript.ts';

/** How much is kept, in bytes. */
interface Kept {
  /** What is longer is cut. */
  readonly whole: number;
  /** What is kept of that. */
  readonly ofLonger: number;
}

const PLENTY: Kept = { whole: 64 * 1024, ofLonger: 8 * 1024 };
const SCARCE: Kept = { whole: 256, ofLonger: 64 };

/** Captures bytes: text where they are valid UTF-8, else hexadecimal; secrets are replaced. */
export function capturePayload(bytes: Uint8Array, redactor: Redactor): Payload {
  return capture(bytes, (text) => redactor.text(text), PLENTY);
}

/** Captures the beginning of something longer, which may end within a secret. */
export function captureBeginning(bytes: Uint8Array, redactor: Redactor): Payload {
  return { ...capture(bytes, (text) => redactor.cut(text), PLENTY), truncated: true };
}

// What one connection may add up to, in characters of JSON.
const BUDGET = 1024 * 1024;

/** Captures bytes; `redact` in place of the redactor's own `text`. */
export type CapturePayload = (bytes: Uint8Array, redact?: (text: string) => string) => Payload;

/**
 * Captures what comes again and again on one connection. Once that adds up to 1 MiB only the
 * beginnings are kept of what is longer than 256 bytes.
 */
export function createPayloadCapture(redactor: Redactor): CapturePayload {
  let left = BUDGET;
  return (bytes, redact = (text) => redactor.text(text)) => {
    const kept = capture(bytes, redact, left > 0 ? PLENTY : SCARCE);
    // As long as it will be in a report: a control character is six there.
    if (left > 0) left -= JSON.stringify(kept).length;
    return kept;
  };
}

/** Captures an HTTP head: secrets are also recognised by the name of their header. */
export function captureHead(bytes: Uint8Array, redactor: Redactor): Payload {
  return capture(bytes, (text) => redactHead(text, redactor), PLENTY);
}

/** The head without its secrets. */
export function redactResponse(head: ResponseHead, redactor: Redactor): ResponseHead {
  const headers = head.headers.map(
    ([name, value]): HeaderField => [redactor.text(name), redactor.header(name, value)],
  );
  return { ...head, phrase: redactor.text(head.phrase), headers };
}

function capture(bytes: Uint8Array, redact: (text: string) => string, limits: Kept): Payload {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isText = isUtf8(view);
  // Redacted before it is cut: half a secret would not be recognised.
  const encoding = isText ? 'utf8' : 'latin1';
  const kept = Buffer.from(redact(view.toString(encoding)), encoding);
  const form = isText ? 'utf8' : 'hex';
  if (view.length <= limits.whole) return payload(view.length, kept.toString(form), isText);
  const sha256 = createHash('sha256').update(view).digest('hex');
  const end = isText ? characterStart(kept, limits.ofLonger) : limits.ofLonger;
  const beginning = kept.subarray(0, end).toString(form);
  return { ...payload(view.length, beginning, isText), truncated: true, sha256 };
}

function payload(bytes: number, content: string, isText: boolean): Payload {
  return isText ? { bytes, text: content } : { bytes, hex: content };
}

// The last start of a UTF-8 character at or before `at`.
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}

// Line by line, and a folded line belongs to the header that it continues.
function redactHead(text: string, redactor: Redactor): string {
  let secret = false;
  return text.replaceAll(LINE, (line: string) => {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      return secret ? `${line[0]}[redacted]` : redactor.text(line);
    }
    const [, name, space, value] = FIELD.exec(line) ?? [];
    secret = name !== undefined && isSecretHeader(name.trim());
    if (name === undefined || value === undefined) return redactor.text(line);
    return `${redactor.text(name)}:${space}${redactor.header(name.trim(), value)}`;
  });
}

const LINE = /[^\r\n]+/g;
const FIELD = /^([^:]+):([ \t]*)(.*)$/;
