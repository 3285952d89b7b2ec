// The seconds of a load, merged where there are more of them than anybody can see or read.
import type { LoadSecond } from '../result/load-result.ts';

/** Some seconds of a load as one. Numbers of attempts are per second. */
export interface LoadBin {
  /** Its start. */
  readonly atMs: number;
  readonly seconds: number;
  readonly offered: number;
  readonly opened: number;
  /** By status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Transport errors, time-outs and attempts that were never sent. */
  readonly failed: number;
  readonly unsent: number;
  readonly open: number;
  /** The highest of its seconds. */
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly latenessP99Ms: number | undefined;
  readonly delivered: number | undefined;
}

/** At most `limit` bins of equally many seconds. */
export function loadBins(seconds: readonly LoadSecond[], limit: number): readonly LoadBin[] {
  const each = Math.max(1, Math.ceil(seconds.length / limit));
  return Array.from({ length: Math.ceil(seconds.length / each) }, (_, at) =>
    binOf(seconds.slice(at * each, (at + 1) * each)),
  );
}

function binOf(of: readonly LoadSecond[]): LoadBin {
  const sum = (value: (one: LoadSecond) => number): number =>
    of.reduce((all, one) => all + value(one), 0) / of.length;
  const highest = (value: (one: LoadSecond) => number | undefined): number | undefined => {
    const known = of.flatMap((one) => value(one) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const statuses = [...new Set(of.flatMap(({ refused }) => Object.keys(refused)))].toSorted();
  const isObserved = of.some(({ delivered }) => delivered !== undefined);
  return {
    atMs: of[0]?.atMs ?? 0,
    seconds: of.length,
    offered: sum(({ offered }) => offered),
    opened: sum(({ opened }) => opened),
    refused: Object.fromEntries(
      statuses.map((status) => [status, sum(({ refused }) => refused[status] ?? 0)]),
    ),
    failed: sum(({ failed, timedOut }) => timedOut + total(failed)),
    unsent: sum(({ unsent }) => unsent),
    open: of.at(-1)?.open ?? 0,
    p50Ms: highest(({ p50Ms }) => p50Ms),
    p90Ms: highest(({ p90Ms }) => p90Ms),
    p99Ms: highest(({ p99Ms }) => p99Ms),
    latenessP99Ms: highest(({ latenessP99Ms }) => latenessP99Ms),
    delivered: isObserved ? sum(({ delivered = 0 }) => delivered) : undefined,
  };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}
