// Days and periods of usage, in UTC, as texts `YYYY-MM-DD`: they compare as dates do.

/** How a quota repeats. */
export interface QuotaPeriod {
  readonly Period: 'DAY' | 'WEEK' | 'MONTH';
  /** Days after Sunday, or after the first of the month. */
  readonly Offset: number;
}

/** The UTC day of an instant. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

/** The first day of the period that `day` is in. */
export function periodStart(day: string, { Period, Offset }: QuotaPeriod): string {
  const at = Date.parse(day);
  if (Period === 'DAY') return day;
  if (Period === 'WEEK') {
    const since = (new Date(at).getUTCDay() - Offset + 7) % 7;
    return dayOf(at - since * DAY_MS);
  }
  const first = `${day.slice(0, 8)}${String(Offset + 1).padStart(2, '0')}`;
  // Every month has a 28th, the last day on which a period may begin.
  return first <= day ? first : monthBefore(first);
}

/** All days from one to the other, both included; none when they are in the wrong order. */
export function daysFrom(start: string, end: string): readonly string[] {
  const from = Date.parse(start);
  const count = Math.max(0, Math.round((Date.parse(end) - from) / DAY_MS) + 1);
  return Array.from({ length: count }, (_, index) => dayOf(from + index * DAY_MS));
}

/** True for a day that there is, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(at) && dayOf(at) === text;
}

const DAY_MS = 86_400_000;

function monthBefore(day: string): string {
  const date = new Date(Date.parse(day));
  date.setUTCMonth(date.getUTCMonth() - 1);
  return dayOf(date.getTime());
}
