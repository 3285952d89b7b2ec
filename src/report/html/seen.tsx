// Text from outside on its way into HTML. Preact escapes markup; this makes visible what would
// deceive the reader: control characters, bidirectional controls, zero-width characters.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import type { RecordPayload } from '../payload-text.ts';
import { payloadText } from '../payload-text.ts';
import { STANDING_SIGN, STANDING_WORD, type Standing } from '../standing.ts';

/** Bytes of a payload that are displayed; the JSON report has what was kept. */
const PAYLOAD_LENGTH = 4096;

/** `text` with everything invisible made visible. */
export function Seen({ text }: { readonly text: string }): VNode {
  return <>{visible(text)}</>;
}

/** The same in a fixed-width font. */
export function Code({ text }: { readonly text: string }): VNode {
  return <code>{visible(text)}</code>;
}

/** Bytes, cut at 4 KiB; lines are kept, other control characters are made visible. */
export function Bytes({ payload }: { readonly payload: RecordPayload }): VNode {
  const text = payload.text?.replaceAll('\r\n', '\n');
  const lines = text === undefined ? payload : { ...payload, text };
  const shown = payloadText(lines, PAYLOAD_LENGTH, true);
  // What may be too long for its box is scrolled, by the keyboard as well.
  return <pre {...(isLong(shown) ? { tabIndex: 0 } : {})}>{shown}</pre>;
}

// More than about ten lines in a narrow column.
function isLong(text: string): boolean {
  return text.length > 120 || text.split('\n').length > 10;
}

/** A standing as sign and word; the colour only repeats it. */
export function Badge({ standing }: { readonly standing: Standing }): VNode {
  return (
    <span class={`badge v-${standing}`}>
      <span aria-hidden="true">{STANDING_SIGN[standing]}</span> {STANDING_WORD[standing]}
    </span>
  );
}

/** A link if `url` is http or https, else its text. */
export function Link({ url, text }: { readonly url: string; readonly text: string }): VNode {
  const safe = webUrl(url);
  if (safe === undefined) return <Seen text={url === text ? text : `${text} <${url}>`} />;
  return (
    <a href={safe} rel="noopener noreferrer">
      {visible(text)}
    </a>
  );
}

function webUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
