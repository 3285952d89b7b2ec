// Bytes as a reader sees them: text where they are text, else hexadecimal; cut, and it is said.
import { visible } from '../base/visible.ts';
import type { EvidenceRecord } from '../result/evidence.ts';

/** Bytes of a record, as the evidence keeps them. */
export type RecordPayload = Extract<EvidenceRecord, { kind: 'body' }>['body'];

/** The first `limit` characters of the content, control characters made visible. */
export function payloadText(payload: RecordPayload, limit: number, keepNewlines = false): string {
  const raw = payload.text ?? spaced(payload.hex ?? '', limit);
  const shown = visible(cut(raw, limit), keepNewlines);
  const whole = shown.length > 0 && raw.length <= limit && payload.truncated !== true;
  if (whole || payload.bytes === 0) return shown;
  return `${shown}… (${payload.bytes} bytes in all)`;
}

/** `text` without what lies beyond `limit` UTF-16 units; never half a character. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
}

function spaced(hex: string, limit: number): string {
  const head = hex.slice(0, limit);
  return `0x ${head.replaceAll(/(..)(?=.)/g, '$1 ')}`;
}
