// A line of k6's JSON output, as far as it is about attempts. Two kinds of lines: definitions of metrics, and points.
// https://grafana.com/docs/k6/latest/results-output/real-time/json/

/** One point of one of the metrics that an import reads. */
export interface K6Point {
  readonly metric: K6Metric;
  /** Milliseconds since the epoch, with fractions: k6 writes nanoseconds. */
  readonly atMs: number;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
  /** What the library told beside it, as JSON; undefined of a script of somebody else's. */
  readonly told: string | undefined;
}

/** The metrics that are read; all others are passed over. */
export type K6Metric = 'ws_connecting' | 'assay_attempts' | 'dropped_iterations';

/** A point; or that the line is about something else, or is no line of k6's. */
export type K6Line = K6Point | 'other' | 'broken';

// Looked for in the text first: of a million lines most are about something else, and need not be parsed.
const WANTED = /"(?:ws_connecting|assay_attempts|dropped_iterations)"/;

/** Reads one line. */
export function readPoint(line: string): K6Line {
  if (!WANTED.test(line)) return isWhole(line) ? 'other' : 'broken';
  let value: Written;
  try {
    value = JSON.parse(line) as Written;
  } catch {
    return 'broken';
  }
  const { type, metric, data } = value;
  if (type === 'Metric') return 'other';
  if (type !== 'Point' || typeof data?.time !== 'string') return 'broken';
  const atMs = timeOf(data.time);
  if (Number.isNaN(atMs) || typeof data.value !== 'number') return 'broken';
  return {
    metric: metric as K6Metric, // one of those that were looked for
    atMs,
    value: data.value,
    tags: data.tags ?? {},
    told: data.metadata?.['assay'],
  };
}

interface Written {
  readonly type?: string;
  readonly metric?: string;
  readonly data?: {
    readonly time?: string;
    readonly value?: number;
    readonly tags?: Readonly<Record<string, string>>;
    readonly metadata?: Readonly<Record<string, string>>;
  };
}

// k6 writes an object a line; one that is cut does not end as one.
function isWhole(line: string): boolean {
  return line.startsWith('{"') && line.endsWith('}');
}

/** RFC 3339 with up to nine digits of a second, which Date cuts to three. */
function timeOf(text: string): number {
  const ms = Date.parse(text);
  const [, digits = ''] = /\.(\d+)/.exec(text) ?? [];
  return ms + Number(`0.${digits.slice(3) || '0'}`);
}
