// Bytes as evidence: JSON, bounded, and without secrets.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isSecretHeader, type Redactor } from '../base/redact.ts';
import type { HeaderField, Payload, ResponseHead } from './transcript.ts';

// What is longer than this is cut, in bytes.
const KEPT_WHOLE_BYTES = 64 * 1024;

// What is kept of that, in bytes.
const KEPT_OF_LONGER_BYTES = 8 * 1024;

/** Captures bytes: text where they are valid UTF-8, else hexadecimal; secrets are replaced. */
export function capturePayload(bytes: Uint8Array, redactor: Redactor): Payload {
  return capture(bytes, (text) => redactor.text(text));
}

/** Captures an HTTP head: secrets are also recognised by the name of their header. */
export function captureHead(bytes: Uint8Array, redactor: Redactor): Payload {
  return capture(bytes, (text) => redactHead(text, redactor));
}

/** The head without its secrets. */
export function redactResponse(head: ResponseHead, redactor: Redactor): ResponseHead {
  const headers = head.headers.map(
    ([name, value]): HeaderField => [redactor.text(name), redactor.header(name, value)],
  );
  return { ...head, phrase: redactor.text(head.phrase), headers };
}

function capture(bytes: Uint8Array, redact: (text: string) => string): Payload {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isText = isUtf8(view);
  // Redacted before it is cut: half a secret would not be recognised.
  const encoding = isText ? 'utf8' : 'latin1';
  const kept = Buffer.from(redact(view.toString(encoding)), encoding);
  const form = isText ? 'utf8' : 'hex';
  if (view.length <= KEPT_WHOLE_BYTES) return payload(view.length, kept.toString(form), isText);
  const sha256 = createHash('sha256').update(view).digest('hex');
  const end = isText ? characterStart(kept, KEPT_OF_LONGER_BYTES) : KEPT_OF_LONGER_BYTES;
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
