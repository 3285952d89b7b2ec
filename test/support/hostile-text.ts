// Text that would act on a terminal, an XML parser, a browser or a renderer of Markdown if it were not
// treated as text.

/** What a browser would act on. */
export const MARKUP = `</script></pre>"'><script>alert('owned')</script><img src=x onerror=alert(1)>`;
/** What a terminal would act on. */
export const ANSI = '\u001b[31mred\u001b[2J\u009b5m';
/** Likewise: the clipboard, a link. */
export const CLIPBOARD =
  '\u001b]52;c;b3duZWQ=\u0007\u001b]8;;http://evil.test\u001b\\click\u001b]8;;\u001b\\';
/** What shows text in another order than it has. */
export const BIDI = '\u202egnp.exe\u2066\u200f\ufeff\u2028';
const XML = ']]> <![CDATA[ &amp; &lol; <!ENTITY x SYSTEM "file:///etc/passwd"> \ufffe';
const CONTROLS = '\u0000\u0008\u000b\u007f\u0085\r\nforged: line';
/** What a renderer of Markdown, or a CI system, would act on. */
export const MARKDOWN =
  '| a | b |\n# title\n[x](javascript:alert(1)) `` ``` ::error::forged\n::set-output name=a::b';
/** Latin-1 in which no byte is valid UTF-8 next to its neighbours, and a lone surrogate in UTF-8. */
export const NOT_UTF8 = '\u00ff\u00fe\u00c0\u00af\u00ed\u00a0\u0080';

/** Everything at once. */
export const ALL = [MARKUP, ANSI, CLIPBOARD, BIDI, XML, CONTROLS, MARKDOWN].join(' ');
/** The bytes of the text and some that are no UTF-8, a character a byte. */
export const latin1 = (text: string): string =>
  Buffer.from(text, 'utf8').toString('latin1') + NOT_UTF8;
/** Without what would end a line of HTTP. */
export const line = (text: string): string => latin1(text).replaceAll(/[\r\n]/g, ' ');

/** All control characters but the newline, and what reorders text. */
export const ACTIVE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;
