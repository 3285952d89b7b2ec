// Judges how many of something came and what of them: messages, frames, events. One walk through
// time, so that the same records always give the same conclusion at the same instant, however often
// and however early the question is asked.
import type { Json } from '../base/json.ts';
import type { Matcher, Quantity } from '../scenario/model.ts';
import { type FieldMatcher, holds, type Known, valueOf } from './field.ts';
import { HiddenValue } from './hidden.ts';
import { breakpoints, matches } from './matcher.ts';
import { ms } from './ms.ts';
import { type Outcome, pending, type Settled, type Sight, settled } from './outcome.ts';
import type { Limit } from './window.ts';

/** One of what is counted. */
export interface Item {
  readonly seq: number;
  readonly seenUs: number;
  readonly source: (field: string) => Known;
}

/** What is asked of the items. */
export interface QuantityQuestion {
  readonly want: Quantity;
  /** How the keys of `each`, `some` and `none` are read. */
  readonly toMatchers: (fields: NonNullable<Quantity['each']>) => readonly FieldMatcher[];
  /** What is wrong with an item beyond its fields; empty for nothing. */
  readonly flaws: (item: Item) => readonly string[];
  /** True if `flaws` may find something: like `each`, that implies at least one. */
  readonly inspects: boolean;
  /** In order of `seenUs`. */
  readonly items: readonly Item[];
  /** How an item is called: `message`, `frame`, `event $disconnect`. */
  readonly noun: string;
  /** Leads the keys of `actual`. */
  readonly root: string;
  /** What else the reader of a flaw should know, as one clause. */
  readonly remark?: string | undefined;
  /** From what times in messages count, or undefined. */
  readonly causeUs: number | undefined;
  readonly presence: Limit;
  readonly absence: (sinceUs: number) => Limit;
}

/** Judges a quantity. */
export function judgeQuantity(question: QuantityQuestion): Outcome {
  const judge = stateJudge(question);
  const { items } = question;
  let sinceUs: number | undefined;
  for (let count = 0; ; count += 1) {
    const state = judge(count);
    if (state.kind === 'final') return conclude(question, count, state.flaw);
    if (state.flaw !== undefined) sinceUs = undefined;
    else sinceUs ??= items[count - 1]?.seenUs ?? -Infinity;
    const limit = sinceUs === undefined ? question.presence : question.absence(sinceUs);
    const next = items[count];
    if (next === undefined || limit.certainUs <= next.seenUs) {
      const lateUs = next === undefined ? undefined : next.seenUs - limit.certainUs;
      const late = lateness(question, { lateUs, count });
      return pending(limit.untilUs, conclude({ ...question, remark: late }, count, state.flaw));
    }
  }
}

/** What the items so far come to: a flaw or none, and whether more items may change that. */
interface State {
  readonly kind: 'final' | 'open';
  /** Put into words only for the state that is reported. */
  readonly flaw: (() => Flaw) | undefined;
}

interface Flaw {
  readonly message: string;
  readonly items: readonly Item[];
  readonly actual: Readonly<Record<string, Json>>;
  /** It cannot be told whether it is one. */
  readonly hidden?: HiddenValue | undefined;
}

function stateJudge(question: QuantityQuestion): (count: number) => State {
  const { want, items } = question;
  const each = question.toMatchers(want.each ?? {});
  const some = question.toMatchers(want.some ?? {});
  const none = want.none === undefined ? undefined : question.toMatchers(want.none);
  const everyOne = want.each !== undefined || question.inspects;
  // Asked for 0, 1, 2, … items: only the last of them is new.
  let found = false;
  // One that cannot be judged may be the one that is waited for; another may come yet.
  let hidden: HiddenValue | undefined;
  return (count) => {
    const item = items[count - 1];
    const flaw = item === undefined ? undefined : itemFlaw(item, { question, each, none });
    if (flaw !== undefined) return { kind: 'final', flaw: () => flaw };
    if (item !== undefined && !found) {
      const fits = fitsAll(some, item);
      if (fits instanceof HiddenValue) hidden = fits;
      else found = fits;
    }
    const seen = (): readonly Item[] => items.slice(0, count);
    const counting = countState(want.count, count);
    const wrongCount = (): Flaw => countFlaw(question, seen());
    if (counting === 'never') return { kind: 'final', flaw: wrongCount };
    if (counting === 'no' || (everyOne && count === 0)) return { kind: 'open', flaw: wrongCount };
    if (want.some !== undefined && !found) {
      return { kind: 'open', flaw: () => ({ ...someFlaw(question, some, seen()), hidden }) };
    }
    const mayChange = everyOne || none !== undefined || counting !== 'always';
    return { kind: mayChange ? 'open' : 'final', flaw: undefined };
  };
}

function fitsAll(some: readonly FieldMatcher[], { source }: Item): boolean | HiddenValue {
  try {
    return some.every((matcher) => holds(matcher, source));
  } catch (thrown) {
    if (thrown instanceof HiddenValue) return thrown;
    throw thrown;
  }
}

function itemFlaw(
  item: Item,
  by: {
    readonly question: QuantityQuestion;
    readonly each: readonly FieldMatcher[];
    readonly none: readonly FieldMatcher[] | undefined;
  },
): Flaw | undefined {
  const { question, each, none } = by;
  const wrong = each.filter((matcher) => !holds(matcher, item.source));
  if (wrong.length > 0) return mismatch(question, item, wrong);
  if (none?.every((matcher) => holds(matcher, item.source)) === true) {
    const message = `${one(question)} came that must not${after(question, item)}`;
    return { message, items: [item], actual: valuesOf(question, item, none) };
  }
  const [flaw] = question.flaws(item);
  if (flaw === undefined) return undefined;
  const message = `${one(question)} does not satisfy its schema: ${flaw}`;
  const actual = { [`${question.root}.schema`]: [...question.flaws(item)] };
  return { message, items: [item], actual };
}

function mismatch(question: QuantityQuestion, item: Item, wrong: readonly FieldMatcher[]): Flaw {
  const [first] = wrong;
  const value = first === undefined ? undefined : valueOf(first, item.source).value;
  const said = value === undefined ? 'was not there' : `was ${JSON.stringify(value)}`;
  const message = `${first?.label ?? ''} of ${one(question)} ${said}${after(question, item)}`;
  return { message, items: [item], actual: valuesOf(question, item, wrong) };
}

function valuesOf(
  question: QuantityQuestion,
  item: Item,
  matchers: readonly FieldMatcher[],
): Readonly<Record<string, Json>> {
  const entries = matchers.map((matcher) => {
    const { value } = valueOf(matcher, item.source);
    return [`${question.root}.${matcher.label}`, value ?? null] as const;
  });
  return entries.length === 0 ? { [`${question.root}.count`]: 1 } : Object.fromEntries(entries);
}

function countFlaw(question: QuantityQuestion, seen: readonly Item[]): Flaw {
  const last = seen.at(-1);
  const when = last === undefined ? '' : `, the last${after(question, last)}`;
  return {
    message: `${counted(seen.length, question.noun)} came${when}`,
    items: seen,
    actual: { [`${question.root}.count`]: seen.length },
  };
}

function someFlaw(
  question: QuantityQuestion,
  some: readonly FieldMatcher[],
  seen: readonly Item[],
): Flaw {
  const last = seen.at(-1);
  const message =
    last === undefined
      ? `no ${question.noun} came`
      : `${counted(seen.length, question.noun)} came, but not the one waited for`;
  const closest = last === undefined ? {} : valuesOf(question, last, some);
  return { message, items: seen, actual: { [`${question.root}.count`]: seen.length, ...closest } };
}

function conclude(
  question: QuantityQuestion,
  count: number,
  flaw: (() => Flaw) | undefined,
): Settled {
  if (flaw !== undefined) return concludeFlaw(question, flaw());
  return settled('held', sightOf(countFlaw(question, question.items.slice(0, count))));
}

function concludeFlaw(question: QuantityQuestion, flaw: Flaw): Settled {
  const { hidden } = flaw;
  if (hidden === undefined) return settled('broken', sightOf(remarked(question, flaw)));
  return { ...sightOf(flaw), state: 'errored', reason: hidden.reason, message: hidden.message };
}

function remarked({ remark }: QuantityQuestion, flaw: Flaw): Flaw {
  return remark === undefined ? flaw : { ...flaw, message: `${flaw.message}; ${remark}` };
}

/** What came when it no longer counted, before what else is to be known. */
function lateness(
  { noun, remark }: QuantityQuestion,
  { lateUs, count }: { readonly lateUs: number | undefined; readonly count: number },
): string | undefined {
  if (lateUs === undefined) return remark;
  const article = noun.startsWith('e') ? 'an' : 'a';
  const late = `${count === 0 ? article : 'another'} ${noun} came ${ms(lateUs)} too late`;
  return remark === undefined ? late : `${late}; ${remark}`;
}

function sightOf({ message, items, actual }: Flaw): Sight {
  return { message, actual, evidence: items.map(({ seq }) => seq) };
}

function one({ noun }: QuantityQuestion): string {
  return noun.startsWith('e') ? `an ${noun}` : `a ${noun}`;
}

function counted(count: number, noun: string): string {
  if (count === 0) return `no ${noun}`;
  return count === 1 ? `1 ${noun}` : `${count} ${noun.replace(/^\w+/, '$&s')}`;
}

function after({ causeUs }: QuantityQuestion, item: Item): string {
  if (causeUs === undefined) return '';
  const us = item.seenUs - causeUs;
  return us < 0 ? ` ${ms(-us)} before its cause` : ` ${ms(us)} after its cause`;
}

/** Whether a count satisfies, and whether a greater one may say otherwise. */
type CountState = 'always' | 'yes' | 'no' | 'never';

function countState(matcher: Matcher | undefined, count: number): CountState {
  if (matcher === undefined) return 'always';
  const now = matches(count, matcher);
  const later = laterAnswers(matcher, count);
  if (later === undefined || later.some((answer) => answer !== now)) return now ? 'yes' : 'no';
  return now ? 'always' : 'never';
}

// Between two breakpoints a matcher says the same of all numbers, so a few counts stand for all.
function laterAnswers(matcher: Matcher, count: number): readonly boolean[] | undefined {
  const points = breakpoints(matcher);
  const beyond = points?.flatMap((point) => {
    const near = Math.floor(point);
    return [near - 1, near, near + 1, near + 2];
  });
  return beyond?.filter((other) => other > count).map((other) => matches(other, matcher));
}
