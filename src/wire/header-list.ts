// Header values that are lists (RFC 9110 section 5.6.1), as Connection, Sec-WebSocket-Protocol and
// Sec-WebSocket-Extensions are.
//
//   list    = [ element ] *( OWS "," OWS [ element ] )     commas inside "…" do not separate
//   element = name *( OWS ";" OWS parameter )
import { isUtf8 } from 'node:buffer';
import type { HeaderField } from './transcript.ts';

/** The values of all headers called `name` (any spelling), in order. */
export function headerValues(headers: readonly HeaderField[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** The elements of a list; empty ones are left out, "a recipient MUST parse and ignore" them. */
export function splitList(value: string): readonly string[] {
  return splitOutsideQuotes(value, ',').filter((element) => element !== '');
}

/** The names in a list of extensions, without their parameters. */
export function extensionNames(value: string): readonly string[] {
  return splitList(value).map((element) => splitOutsideQuotes(element, ';')[0] ?? '');
}

function splitOutsideQuotes(value: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, value.slice(start)].map((part) => trimSpace(part));
}

/** Removes spaces and tabs around `text`, and nothing else that JavaScript calls white space. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start += 1;
  while (end > start && isSpace(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Decodes header text that was read as latin1: UTF-8 where it is that, else one character a byte. */
export function decodeField(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}
