// One attempt of a load held against a condition. Only numbers are left of it, so the sentence says
// what they are.

import type { Json } from '../base/json.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import type { Condition, Ending, Fields, Invocation, Matcher, Moment } from '../scenario/model.ts';
import { fieldMatchers } from './field.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';

/** An attempt with what the backend was called for it. */
export interface LoadSample {
  readonly attempt: LoadAttempt;
  /** The name of the phase it was due in. */
  readonly phase: string;
  /** The way in which it was to end. */
  readonly ending: Ending | 'abort';
  /** Instants of the backend's events in ms, ascending. */
  readonly events: Readonly<Partial<Record<Invocation, readonly number[]>>>;
  /** Until when the backend was watched, in ms. */
  readonly watchedMs: number;
  /** Why what the backend was told of it is not known. */
  readonly blind?: string | undefined;
}

/** How exactly the backend's instants are known. */
export interface LoadClocks {
  /** They are another clock's. */
  readonly isPlatform: boolean;
  /** How far that may be off; undefined: not known. */
  readonly boundMs: number | undefined;
}

/** What is concluded about one attempt. */
export interface SampleOutcome {
  readonly state: 'held' | 'broken' | 'inconclusive' | 'errored';
  readonly message: string;
  /** With the last two. */
  readonly reason?: string;
}

/** How it is called in findings: `attempt 17`. */
export function labelOf({ attempt }: LoadSample): string {
  return `attempt ${attempt.number}`;
}

interface Asking {
  readonly withinMs: number | undefined;
  readonly clocks: LoadClocks;
}

/** Judges one attempt. */
export function judgeSample(
  condition: Condition,
  sample: LoadSample,
  asking: Asking,
): SampleOutcome {
  switch (condition.kind) {
    case 'handshake':
      return judgeFields(condition.fields, handshakeOf(sample.attempt), answerText(sample.attempt));
    case 'closed':
      return judgeClosed(condition.fields, sample.attempt);
    case 'events':
      return judgeEvents(condition.want, sample, asking);
    case 'elapsed':
      return judgeElapsed(condition, sample, asking.clocks);
    default:
      throw new Error(`nothing of a load is kept for ${condition.kind}`);
  }
}

/** True where the handshake of an attempt came out like this. */
export function isAnsweredBy(fields: Fields, { attempt }: LoadSample): boolean {
  return judgeFields(fields, handshakeOf(attempt), '').state === 'held';
}

type Values = Readonly<Record<string, Json | undefined>>;

function handshakeOf({ outcome, status, subprotocol }: LoadAttempt): Values {
  return { outcome, status: status === 0 ? undefined : status, subprotocol };
}

function closedOf({ closedBy, closedHow, closeCode }: LoadAttempt): Values {
  return { by: closedBy, how: closedHow, code: closeCode };
}

function judgeFields(fields: Fields, values: Values, message: string): SampleOutcome {
  const all = fieldMatchers(fields).every(({ field, matcher }) => matches(values[field], matcher));
  return { state: all ? 'held' : 'broken', message };
}

function answerText({ outcome, status }: LoadAttempt): string {
  if (status !== 0) return `the answer was ${status}`;
  return outcome === 'timeout' ? 'there was no answer in time' : `it was ${outcome}`;
}

// k6 before 1.5 does not tell a close frame with 1000 from a reset.
function judgeClosed(fields: Fields, attempt: LoadAttempt): SampleOutcome {
  const { closedBy, closedHow } = attempt;
  const isAsked = fieldMatchers(fields).some(({ field }) => field !== 'by');
  if (closedBy === undefined || closedHow !== undefined || !isAsked)
    return judgeFields(fields, closedOf(attempt), closedText(attempt));
  const message = `closed by the ${closedBy}, and what sent the load does not tell how`;
  return { state: 'inconclusive', reason: 'END_NOT_TOLD', message };
}

function closedText({ closedBy, closedHow, closeCode }: LoadAttempt): string {
  if (closedBy === undefined) return 'it was not closed while it was watched';
  const code = closeCode === undefined ? '' : `, code ${closeCode}`;
  return `closed by the ${closedBy}${closedHow === undefined ? '' : ` with a ${closedHow}`}${code}`;
}

/** From the cause of an invocation the watch for it counts. */
function causeMs(invocation: Invocation, attempt: LoadAttempt): number {
  if (invocation !== '$disconnect') return attempt.sentMs;
  // What never opened ends with its answer.
  return attempt.outcome === 'opened' ? attempt.closingMs : attempt.answeredMs;
}

const EVENT_MS = 10_000;

function judgeEvents(
  want: Extract<Condition, { kind: 'events' }>['want'],
  sample: LoadSample,
  { withinMs = EVENT_MS, clocks }: Asking,
): SampleOutcome {
  const { attempt, blind } = sample;
  const told: string[] = [];
  let isUnsure: string | undefined;
  for (const [name, quantity] of Object.entries(want)) {
    // The keys of `want` are invocations.
    const invocation = name as Invocation;
    const { count } = quantity;
    const counted = countEvents(invocation, sample, { withinMs, clocks });
    told.push(`${counted.least} event${counted.least === 1 ? '' : 's'} ${name}`);
    if (count === undefined) continue;
    // What was not seen may have come; what was seen came.
    if (blind !== undefined && mayChange(count, counted.least))
      return { state: 'errored', reason: 'OBSERVER_GAP', message: blind };
    const verdicts = new Set<boolean>();
    for (let n = counted.least; n <= counted.most; n += 1) verdicts.add(matches(n, count));
    const watched = sample.watchedMs - causeMs(invocation, attempt);
    const isOpen = watched < withinMs - SLACK_MS && mayChange(count, counted.most);
    if (!verdicts.has(true) && !isOpen) return { state: 'broken', message: told.join(', ') };
    if (verdicts.size > 1) isUnsure ??= `the platform's clock is too vague for ${name}`;
    if (isOpen) {
      isUnsure ??= `it was watched for ${ms(Math.max(0, watched) * 1000)} and not for ${ms(withinMs * 1000)}`;
    }
  }
  if (isUnsure === undefined) return { state: 'held', message: told.join(', ') };
  return { state: 'inconclusive', reason: 'NOT_WATCHED', message: isUnsure };
}

// The watch is looked at in steps.
const SLACK_MS = 1;

/** Whether more events could make a matcher change its mind. */
function mayChange(count: Matcher, seen: number): boolean {
  const points = (breakpoints(count) ?? []).filter((point) => point >= seen);
  const later = [...points.map(Math.floor), ...points.map((point) => Math.floor(point) + 1)];
  return later.some((n) => n > seen && matches(n, count) !== matches(seen, count));
}

interface Counted {
  readonly least: number;
  readonly most: number;
}

function countEvents(
  invocation: Invocation,
  { attempt, events }: LoadSample,
  { withinMs, clocks }: { readonly withinMs: number; readonly clocks: LoadClocks },
): Counted {
  const cause = causeMs(invocation, attempt);
  const vague = clocks.isPlatform ? (clocks.boundMs ?? Infinity) : 0;
  const afterMs = (events[invocation] ?? []).map((at) => at - cause);
  // Without a cause there is no end to the watch.
  if (Number.isNaN(cause)) return { least: afterMs.length, most: afterMs.length };
  return {
    least: afterMs.filter((after) => after + vague <= withinMs).length,
    most: afterMs.filter((after) => after - vague <= withinMs).length,
  };
}

/** From one moment to another in ms; Infinity where an end cannot come, or was not seen to come. */
export interface SampleTime {
  readonly least: number;
  readonly most: number;
  readonly vague?: 'CENSORED' | 'CLOCK_BOUND' | 'OBSERVER_GAP';
}

const NEVER: SampleTime = { least: Infinity, most: Infinity, vague: 'CENSORED' };

/** The time between two moments of an attempt, as closely as it is known. */
export function timeOf(
  { from, to }: { readonly from: Moment; readonly to: Moment },
  sample: LoadSample,
  clocks: LoadClocks,
): SampleTime {
  const [start, end] = [instantOf(from, sample), instantOf(to, sample)];
  const isUnseen = (moment: Moment, at: number): boolean =>
    sample.blind !== undefined && isOfBackend(moment) && Number.isNaN(at);
  if (isUnseen(from, start) || isUnseen(to, end))
    return { least: 0, most: Infinity, vague: 'OBSERVER_GAP' };
  if (Number.isNaN(start)) return NEVER;
  if (Number.isNaN(end)) return missing(to, start, sample);
  const apart = end - start;
  const crosses = clocks.isPlatform && isOfBackend(from) !== isOfBackend(to);
  const bound = crosses ? (clocks.boundMs ?? Infinity) : 0;
  // What came before its beginning did not come after it.
  if (apart + bound < 0) return NEVER;
  const vague = bound === 0 ? {} : { vague: 'CLOCK_BOUND' as const };
  return { least: Math.max(0, apart - bound), most: Math.max(0, apart + bound), ...vague };
}

function missing(to: Moment, start: number, sample: LoadSample): SampleTime {
  const { attempt, watchedMs } = sample;
  const ended = to.of.kind === 'connection' && ENDS.has(to.of.name);
  if (isOfBackend(to) || ended) {
    return { least: Math.max(0, watchedMs - start), most: Infinity, vague: 'CENSORED' };
  }
  if (attempt.outcome !== 'timeout') return NEVER;
  // It was given up when its time was over.
  const until = Number.isNaN(attempt.closedMs) ? attempt.startMs : attempt.closedMs;
  return { least: Math.max(0, until - start), most: Infinity, vague: 'CENSORED' };
}

const ENDS: ReadonlySet<string> = new Set(['closing', 'closed']);

function isOfBackend({ of }: Moment): boolean {
  return of.kind === 'invocation';
}

function instantOf({ of }: Moment, { attempt, events }: LoadSample): number {
  if (of.kind === 'invocation') return events[of.invocation]?.[0] ?? Number.NaN;
  if (of.kind === 'call') return Number.NaN;
  switch (of.name) {
    case 'connecting':
      return attempt.dueMs;
    case 'connected':
      return attempt.connectedMs;
    case 'secured':
      return attempt.securedMs;
    case 'sent':
      return attempt.sentMs;
    case 'firstByte':
      return attempt.firstByteMs;
    case 'answered':
      return attempt.answeredMs;
    case 'opened':
      return attempt.outcome === 'opened' ? attempt.answeredMs : Number.NaN;
    case 'closing':
      return attempt.closingMs;
    case 'closed':
      return attempt.closedMs;
    default:
      return Number.NaN;
  }
}

function judgeElapsed(
  condition: Extract<Condition, { kind: 'elapsed' }>,
  sample: LoadSample,
  clocks: LoadClocks,
): SampleOutcome {
  const time = timeOf(condition, sample, clocks);
  const { least, most, vague } = time;
  const points = breakpoints(condition.ms) ?? [];
  const between = points.filter((point) => point > least && point < most);
  const verdicts = [least, ...between, most].map((value) => matches(value, condition.ms));
  const message =
    most === Infinity
      ? `${condition.to.text} never came`
      : `${condition.to.text} came ${ms(least * 1000)} after ${condition.from.text}`;
  if (least === Infinity || !verdicts.includes(true)) return { state: 'broken', message };
  if (!verdicts.includes(false) && most !== Infinity) return { state: 'held', message };
  return { state: 'inconclusive', reason: vague ?? 'CENSORED', message };
}
