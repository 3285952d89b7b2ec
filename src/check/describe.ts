// Says in a few words what a condition asks for: `status 401 or 403`, `no event $disconnect`.
import type { Json } from '../base/json.ts';
import { formatRate } from '../base/rate.ts';
import type {
  Among,
  Condition,
  EstimateSpec,
  EventQuantity,
  Fields,
  Matcher,
  Moment,
  Quantity,
  Threshold,
} from '../scenario/model.ts';
import { fieldMatchers } from './field.ts';
import { ms } from './ms.ts';
import { percent } from './percent.ts';

/** What a condition asks for, as short text. */
export function describeCondition(condition: Condition | Threshold | EstimateSpec): string {
  switch (condition.kind) {
    case 'estimate':
      return describeEstimate(condition);
    case 'threshold':
      return describeThreshold(condition);
    case 'handshake':
      return describeFields(condition.fields);
    case 'closed':
      return `closed with ${describeFields(condition.fields)}`;
    case 'received':
      return describeQuantity(condition.want, 'message');
    case 'frames':
      return describeQuantity(condition.want, 'frame');
    case 'events':
      return describeEvents(condition.want);
    case 'answers':
      return describeAnswers(condition.want);
    case 'order':
      return texts(condition.moments).join(', then ');
    case 'never':
      return describeNever(condition);
    case 'elapsed':
      return `${condition.to.text} ${describeMs(condition.ms)} after ${condition.from.text}`;
    case 'between': {
      const [from, to] = condition.paths;
      return `${to.text} ${describeMs(condition.ms)} after ${from.text}`;
    }
    case 'same':
      return `the same ${texts(condition.paths).join(' and ')}`;
    case 'distinct':
      return condition.paths.length === 1
        ? `a different ${texts(condition.paths).join()} for each`
        : `all different: ${texts(condition.paths).join(', ')}`;
    case 'record':
      return `${texts(condition.paths).join(', ')}, recorded`;
    default:
      return condition;
  }
}

/** What an estimate of the limiter must be. */
function describeEstimate({ of, want }: EstimateSpec): string {
  switch (of) {
    case 'kind':
      return `limited by a ${describeMatcher(want)}`;
    case 'rate':
      return `limited to ${describeRate(want)}`;
    case 'burst':
      return `a burst of ${describeMatcher(want)}`;
    case 'recovery':
      return `a full burst again ${describeMs(want)} later`;
    default:
      return of;
  }
}

function describeRate(want: Matcher): string {
  return describeMatcher(want, (value) =>
    typeof value === 'number' ? formatRate(value) : quote(value),
  );
}

/** What a threshold asks for: `at least 95% with at least 1 event $disconnect (95% confidence)`. */
function describeThreshold({ statistic, of, among, during }: Threshold): string {
  const phases = during === undefined ? '' : `, during ${during.join(' and ')}`;
  const narrowed = `${among === undefined ? '' : `, among those ${describeAmong(among)}`}${phases}`;
  switch (statistic.kind) {
    case 'share': {
      const exact = statistic.want.is !== undefined;
      const sure = exact ? '' : ` (${percent(statistic.confidence)} confidence)`;
      return `${describeShare(statistic.want)} with ${describeCondition(of)}${narrowed}${sure}`;
    }
    case 'count':
      return `${describeMatcher(statistic.want)} with ${describeCondition(of)}${narrowed}`;
    case 'rate':
      return `${describeRate(statistic.want)} with ${describeCondition(of)}${narrowed}`;
    case 'percentile': {
      const span = of.kind === 'elapsed' ? `${of.from.text} to ${of.to.text}` : of.kind;
      return `${statistic.name} of ${span} ${describeMs(statistic.want)}${narrowed}`;
    }
    default:
      return statistic;
  }
}

function describeShare(want: Matcher): string {
  return describeMatcher(want, (value) => (typeof value === 'number' ? percent(value) : ''));
}

function describeAmong({ handshake, endings }: Among): string {
  return [
    handshake === undefined ? [] : [`with ${describeFields(handshake)}`],
    endings === undefined ? [] : [`ended by ${either(endings)}`],
  ]
    .flat()
    .join(' and ');
}

/** What a matcher asks for: `401 or 403`, `at least 400 and at most 499`. */
export function describeMatcher(matcher: Matcher, write: (value: Json) => string = quote): string {
  const { is, not, oneOf, absent, gte, lte, contains, schema } = matcher;
  const parts = [
    is === undefined ? [] : [`${write(is)}${tolerance(matcher, write)}`],
    not === undefined ? [] : [`not ${describeMatcher(not, write)}`],
    oneOf === undefined ? [] : [either(oneOf.map(write))],
    absent === undefined ? [] : [absent ? 'absent' : 'present'],
    gte === undefined ? [] : [`at least ${write(gte)}${tolerance(matcher, write)}`],
    lte === undefined ? [] : [`at most ${write(lte)}${tolerance(matcher, write)}`],
    matcher.matches === undefined ? [] : [`matching /${matcher.matches}/`],
    contains === undefined ? [] : [`containing ${write(contains)}`],
    schema === undefined ? [] : ['valid against its schema'],
  ];
  return parts.flat().join(' and ');
}

function describeFields(fields: Fields): string {
  return fieldMatchers(fields).map(describeField).join(', ');
}

function describeField({ label, matcher }: { label: string; matcher: Matcher }): string {
  return `${label} ${describeMatcher(matcher)}`;
}

function describeEventFields(fields: Fields): string {
  // Keys are paths, and below a path stands a matcher (language 2.7).
  return Object.entries(fields)
    .map(([label, matcher]) => describeField({ label, matcher }))
    .join(', ');
}

function describeEvents(want: Readonly<Record<string, EventQuantity | undefined>>): string {
  return Object.entries(want)
    .flatMap(([invocation, quantity]) =>
      quantity === undefined ? [] : [describeQuantity(quantity, `event ${invocation}`)],
    )
    .join(', ');
}

function describeQuantity(
  want: Quantity & { readonly schema?: Json | undefined },
  noun: string,
): string {
  const fields = noun.startsWith('event') ? describeEventFields : describeFields;
  const parts = [
    want.count === undefined ? [] : [describeCount(want.count, noun)],
    want.each === undefined ? [] : [`each ${noun} with ${fields(want.each)}`],
    want.some === undefined ? [] : [`some ${noun} with ${fields(want.some)}`],
    want.none === undefined ? [] : [`no ${noun} with ${fields(want.none)}`],
    want.schema === undefined ? [] : [`each ${noun} valid against its schema`],
  ].flat();
  return parts.length === 0 ? `any number of ${noun}` : parts.join(', ');
}

function describeCount(matcher: Matcher, noun: string): string {
  if (matcher.is === 0 && Object.keys(matcher).length === 1) return `no ${noun}`;
  const text = describeMatcher(matcher);
  const counted = matcher.is === 1 ? noun : noun.replace(/^\w+/, '$&s');
  return matcher.is === undefined ? `${text} ${counted}` : `exactly ${text} ${counted}`;
}

function describeAnswers(want: Readonly<Record<string, Fields>>): string {
  return Object.entries(want)
    .map(([call, fields]) => `${call} answered with ${describeFields(fields)}`)
    .join(', ');
}

function describeNever({ moment, side }: Extract<Condition, { kind: 'never' }>): string {
  const never = `no ${moment.text}`;
  return side === undefined ? never : `${never} ${side.kind} ${side.moment.text}`;
}

function describeMs(matcher: Matcher): string {
  return describeMatcher(matcher, (value) =>
    typeof value === 'number' ? ms(value * 1000) : quote(value),
  );
}

function texts(named: readonly (Moment | { readonly text: string })[]): readonly string[] {
  return named.map(({ text }) => text);
}

function tolerance(matcher: Matcher, write: (value: Json) => string): string {
  const width = matcher.tolerance;
  if (width === undefined) return '';
  return width.kind === 'share' ? ` ± ${width.value * 100}%` : ` ± ${write(width.value)}`;
}

function either(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

// A plain word needs no quotes.
function quote(value: Json): string {
  if (typeof value === 'string' && /^[\w.$:/-]+$/.test(value)) return value;
  return JSON.stringify(value);
}
