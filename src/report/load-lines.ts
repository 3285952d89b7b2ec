// A load in a few lines of text: for the terminal, JUnit and Markdown.
import { formatRate } from '../base/rate.ts';
import type {
  AttemptCounts,
  DeliveryStratum,
  Distribution,
  Estimate,
  LoadResult,
  ThrottleResult,
} from '../result/load-result.ts';
import { formatUs } from './count.ts';

/** One fact of a load. */
export interface LoadFact {
  readonly label: string;
  readonly text: string;
}

/** What a load came to, most important first; nothing in it is escaped yet. */
export function loadFacts(load: LoadResult): readonly LoadFact[] {
  return [
    { label: 'attempts', text: countsText(load.total) },
    ...load.phases
      .filter(() => load.phases.length > 1)
      .map((phase) => ({ label: `phase ${phase.name}`, text: countsText(phase) })),
    ...LATENCIES.flatMap(([key, label]) => {
      const times = load.latency[key];
      return times === undefined || times.count === 0 ? [] : [{ label, text: timesText(times) }];
    }),
    { label: 'open at a time', text: `${number(load.peakOpen)} at most` },
    ...endsFact(load),
    ...messagesFact(load),
    ...load.refusals.map(({ status, count, statusText, retryAfter }) => ({
      label: `refused ${status}`,
      text: `${number(count)} with ${status} ${statusText}${retryText(retryAfter)}`,
    })),
    ...deliveryFacts(load),
    ...reconciledFact(load),
    ...(load.throttle === undefined ? [] : throttleFacts(load.throttle)),
    ...generatorFacts(load),
    ...(load.endedEarly === undefined ? [] : [{ label: 'ended early', text: load.endedEarly }]),
  ];
}

/** `12,345`. */
export function number(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** A number of a chart: of few things also a part of one. */
export function amount(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : number(value);
}

/** Milliseconds as a reader wants them. */
export function msText(ms: number): string {
  return formatUs(ms * 1000);
}

// The names of `LoadResult.latency` and what a reader calls them.
const LATENCIES = [
  ['intended', 'due to open'],
  ['upgrade', 'start to open'],
  ['refusal', 'start to refusal'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
  ['close', 'closing to closed'],
] as const;

function countsText({
  offered,
  opened,
  refused,
  failed,
  timedOut,
  aborted,
  unsent,
}: AttemptCounts): string {
  const parts = [
    `${number(offered)} offered`,
    `${number(opened)} opened`,
    ...Object.entries(refused).map(([status, count]) => `${number(count)} refused ${status}`),
    ...Object.entries(failed).map(([kind, count]) => `${number(count)} failed (${kind})`),
    ...(timedOut === 0 ? [] : [`${number(timedOut)} timed out`]),
    ...(aborted === 0 ? [] : [`${number(aborted)} aborted on purpose`]),
    ...(unsent === 0 ? [] : [`${number(unsent)} never sent`]),
  ];
  return parts.join(' · ');
}

function timesText({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs, count }: Distribution): string {
  const high = count >= 1000 ? ` · p99.9 ${msText(p999Ms)}` : '';
  return `p50 ${msText(p50Ms)} · p90 ${msText(p90Ms)} · p99 ${msText(p99Ms)}${high} · max ${msText(maxMs)}`;
}

function endsFact({ ends }: LoadResult): readonly LoadFact[] {
  const all = Object.entries(ends).filter(([, count]) => count > 0);
  if (all.length === 0) return [];
  return [{ label: 'ended', text: all.map(([how, n]) => `${number(n)} ${how}`).join(' · ') }];
}

function messagesFact({ messages }: LoadResult): readonly LoadFact[] {
  const { sent, received, pongs } = messages;
  if (sent + received + pongs === 0) return [];
  const text = `${number(sent)} sent · ${number(received)} received · ${number(pongs)} pongs`;
  return [{ label: 'messages', text }];
}

function retryText(retryAfter: { readonly min: number; readonly max: number } | undefined): string {
  if (retryAfter === undefined) return '';
  const { min, max } = retryAfter;
  return `, Retry-After ${min === max ? min : `${min} to ${max}`} s`;
}

function reconciledFact({ reconciled }: LoadResult): readonly LoadFact[] {
  if (reconciled === undefined) return [];
  const { at, missing, missingBefore } = reconciled;
  const text = `${at}: ${number(missingBefore)} were missing when it ended, ${number(missing)} are now`;
  return [{ label: 'reconciled', text }];
}

function deliveryFacts({ delivery }: LoadResult): readonly LoadFact[] {
  if (delivery === undefined) return [];
  const { canaries, orphaned, plateau, gaps } = delivery;
  return [
    ...delivery.strata.map((stratum) => ({
      label: `told of ${stratum.ending}`,
      text: stratumText(stratum),
    })),
    ...(orphaned === 0
      ? []
      : [{ label: 'orphaned', text: `${number(orphaned)} $connect of which no 101 was seen` }]),
    ...(canaries.sent === 0
      ? []
      : [{ label: 'canaries', text: `${canaries.seen} of ${canaries.sent} came through` }]),
    ...(plateau ? [] : [{ label: 'watch', text: 'events were still coming when it ended' }]),
    ...gaps.map(({ fromMs, toMs, why }) => ({
      label: 'gap',
      text: `${msText(fromMs)} to ${msText(toMs)}: ${why}`,
    })),
  ];
}

function stratumText(stratum: DeliveryStratum): string {
  const { ended, onTime, late, missing, indeterminate, duplicated, outOfOrder, survival } = stratum;
  const { low, high } = stratum.onTimeShare;
  const parts = [
    `${number(onTime)} of ${number(ended)} on time (95% interval ${share(low)} to ${share(high)})`,
    ...some(late, 'late'),
    ...some(missing, 'missing'),
    ...some(indeterminate, 'not known'),
    ...some(duplicated, 'twice'),
    ...some(outOfOrder, 'out of order'),
    ...(survival.p99 === undefined ? [] : [`p99 ${msText(survival.p99)}`]),
  ];
  return parts.join(' · ');
}

function some(count: number, word: string): readonly string[] {
  return count === 0 ? [] : [`${number(count)} ${word}`];
}

/** `99.62%`. */
export function share(value: number): string {
  return `${Number((value * 100).toFixed(2))}%`;
}

function throttleFacts(throttle: ThrottleResult): readonly LoadFact[] {
  const { kind, because, rate, burst, recoveryMs, refusalsCostTokens } = throttle;
  const told = (label: string, one: Estimate | undefined, write: (value: number) => string) =>
    one === undefined
      ? []
      : [{ label, text: `${write(one.value)} (${write(one.low)} to ${write(one.high)})` }];
  return [
    { label: 'limiter', text: [kind, ...because].join('; ') },
    ...told('limited to', rate, formatRate),
    ...told('burst', burst, (value) => String(Number(value.toFixed(1)))),
    ...told('full again', recoveryMs, msText),
    ...(kind === 'none' || kind === 'inconclusive'
      ? []
      : [{ label: 'refusals', text: costText(refusalsCostTokens) }]),
  ];
}

function costText(cost: boolean | 'unknown'): string {
  if (cost === 'unknown') return 'whether they cost tokens could not be told';
  return cost ? 'cost tokens, too' : 'cost nothing';
}

function generatorFacts({ generator }: LoadResult): readonly LoadFact[] {
  const { workers, lateness, cpu, loop, limits } = generator;
  const busiest = share(Math.max(0, ...cpu));
  const text = `${workers} worker${workers === 1 ? '' : 's'} · lateness p99 ${msText(lateness.p99Ms)} · CPU ${busiest} · event loop p99 ${msText(loop.p99Ms)}`;
  return [
    { label: 'generator', text },
    ...limits.map((limit) => ({ label: 'bottleneck', text: limit })),
  ];
}
