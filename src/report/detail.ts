// One finding in full as labelled lines of safe text, for terminals and for the body of a JUnit
// failure. HTML has its own components.
import type { Json } from '../base/json.ts';
import { formatPlace } from '../base/source-span.ts';
import { visible } from '../base/visible.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { Citation } from '../result/run-result.ts';
import { formatUs } from './count.ts';
import type { Entry } from './entry.ts';
import { cut, payloadText } from './payload-text.ts';
import { connectionName, recordLine } from './record-line.ts';
import { isTurningPoint, selectRecords } from './timeline.ts';

/** A label and the lines beside it, at least one. Control characters are already made visible. */
export interface DetailRow {
  readonly label: string;
  readonly lines: readonly string[];
}

/** What a reader needs to understand `entry` and to do it again. */
export function detailRows(entry: Entry): readonly DetailRow[] {
  const { finding, of } = entry;
  const rows: readonly DetailRow[] = [
    { label: 'requirement', lines: requirementLines(entry) },
    { label: 'source', lines: (entry.requirement?.sources ?? []).flatMap(citationLines) },
    { label: 'expected', lines: finding.expected === '' ? [] : [finding.expected] },
    { label: 'actual', lines: [finding.message, ...actualLines(finding.actual)] },
    { label: 'baseline', lines: baselineLines(entry) },
    { label: 'reason', lines: finding.reason === undefined ? [] : [finding.reason] },
    { label: 'refusal', lines: entry.refusals },
    { label: 'target', lines: of.targetDied === undefined ? [] : [`died: ${of.targetDied}`] },
    { label: 'where', lines: [formatPlace(finding.span)] },
    { label: 'timeline', lines: timelineLines(entry) },
    { label: 'rerun', lines: [of.rerun] },
  ];
  return rows
    .filter(({ lines }) => lines.length > 0)
    .map(({ label, lines }) => ({ label, lines: lines.map(safeLine) }));
}

function baselineLines({ finding: { baseline } }: Entry): readonly string[] {
  if (baseline === undefined) return [];
  const { message, entry } = baseline;
  const issue = entry.issue === undefined ? '' : ` (${entry.issue})`;
  return [
    message,
    `${formatPlace(entry.span)}, until ${entry.expires}: ${entry.reason}${issue}`,
    ...actualLines(entry.actual),
  ];
}

/** `handshake.status = 101`, one line a value, long ones cut. */
export function actualLines(actual: Readonly<Record<string, Json>>): readonly string[] {
  return Object.entries(actual).map(([path, value]) => `${path} = ${jsonLine(value)}`);
}

function safeLine(line: string): string {
  return visible(line.length > LINE_LENGTH ? `${cut(line, LINE_LENGTH)}…` : line);
}

const LINE_LENGTH = 2000;
const VALUE_LENGTH = 300;
const TIMELINE_ROOM = 10;
const PREVIEW_LENGTH = 80;

function jsonLine(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= VALUE_LENGTH ? text : `${cut(text, VALUE_LENGTH)}…`;
}

function requirementLines({ finding, requirement }: Entry): readonly string[] {
  if (finding.requirement === undefined) return [];
  const level = `${finding.requirement} (${finding.level})`;
  return requirement === undefined ? [level] : [level, requirement.statement];
}

function citationLines({ title, url, quote, note }: Citation): readonly string[] {
  const head = url === undefined ? title : `${title} <${url}>`;
  const said = quote === undefined ? note : `“${quote}”`;
  return said === undefined ? [head] : [head, said];
}

// The records that decided; without any, the turning points.
function timelineLines({ of, finding }: Entry): readonly string[] {
  const deciding = new Set(finding.evidence);
  const candidates = of.records.filter(
    (record) => deciding.has(record.seq) || isTurningPoint(record),
  );
  const { shown, left } = selectRecords(candidates, finding.evidence, TIMELINE_ROOM);
  const lines = shown.map((record) => recordText(entryTime(of, record), record, of));
  return left === 0 ? lines : [...lines, `… ${left} more in the HTML report`];
}

function entryTime(of: Entry['of'], record: EvidenceRecord): string {
  return `+${formatUs(record.atUs - of.startedAtUs)}`.padStart(10);
}

function recordText(time: string, record: EvidenceRecord, of: Entry['of']): string {
  const { lane, what, payload } = recordLine(record);
  const name = connectionName(record, of.connections);
  const shown = payload !== undefined && payload.bytes > 0 && !TOLD_IN_FULL.has(record.kind);
  const preview = shown ? ` | ${payloadText(payload, PREVIEW_LENGTH)}` : '';
  return `${time}  ${lane.padEnd(7)}  ${name === '' ? '' : `${name}  `}${what}${preview}`;
}

// Their line says what their bytes begin with.
const TOLD_IN_FULL: ReadonlySet<EvidenceRecord['kind']> = new Set([
  'request',
  'interim',
  'response',
]);
