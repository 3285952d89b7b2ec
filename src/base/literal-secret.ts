// Credentials that somebody wrote into a file as they are. A message about another mistake in the same
// line must not print them, into a log of CI for example.
import { isSecretHeader, isSecretParameter } from './redact.ts';

/** A text without the credentials in it. */
export interface Hidden {
  /** As long as the text was, with `*` for each character of a credential. */
  readonly text: string;
  /** Hides the same credentials in something that was said about the text. */
  hide(said: string): string;
}

/** Finds credentials by the names of headers and parameters; variables in their place stay. */
export function hideLiteralSecrets(text: string): Hidden {
  const values = new Set<string>();
  const stars = (value: string): string =>
    value
      .split(VARIABLE)
      .map((part) => {
        if (part.startsWith('${')) return part;
        if (part.trim().length >= MIN_LENGTH) values.add(part.trim());
        return part.replaceAll(/\S/g, '*');
      })
      .join('');
  const hidden = text
    .replaceAll(KEY_AND_VALUE, (whole, lead: string, key: string, value: string) => {
      if (!isSecretHeader(key) && !isSecretParameter(key)) return whole;
      const quote = /^["']/.exec(value)?.[0] ?? '';
      const scheme = SCHEME.exec(value.slice(quote.length))?.[0] ?? '';
      const shown = `${quote}${scheme}`;
      const inner = value.slice(shown.length).replace(/["']$/, '');
      const tail = value.slice(shown.length + inner.length);
      return `${lead}${shown}${stars(inner)}${tail}`;
    })
    .replaceAll(PARAMETER, (whole, lead: string, key: string, value: string) =>
      isSecretParameter(key) ? `${lead}${stars(value)}` : whole,
    )
    .replaceAll(URL_PASSWORD, (_, lead: string, value: string) => `${lead}${stars(value)}@`);
  const longestFirst = [...values].toSorted((a, b) => b.length - a.length);
  return {
    text: hidden,
    hide: (said) => longestFirst.reduce((rest, value) => rest.replaceAll(value, '***'), said),
  };
}

// Shorter ones would hide half of every message.
const MIN_LENGTH = 4;
// RFC 9110 section 11.1: the scheme of a credential is none itself.
const SCHEME = /^(?:Bearer|Basic|Digest|Negotiate|Token|ApiKey)[ \t]+/i;
const VARIABLE = /(\$\{[^}\n]*\})/;

// `Authorization: Bearer abc`, `"x-api-key": "abc"`; not a mapping or a list.
const KEY_AND_VALUE =
  /(["']?\b([A-Za-z][\w-]{0,63})["']?[ \t]*:[ \t]+)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s"'{}[\],#&*|>](?:\$\{[^}\n]*\}|[^,}\]\n])*)/g;
const PARAMETER = /([?&]([^=&#\s"'<>]{1,64})=)((?:\$\{[^}\n]*\}|[^&#\s"'<>])*)/g;
const URL_PASSWORD =
  /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@"'<>]{0,256}:)((?:\$\{[^}\n]*\}|[^\s/?#@"'<>]){1,1024})@/gi;
