// Judges a set of fields of which each becomes known at its own time.
import type { Json } from '../base/json.ts';
import type { Fields } from '../scenario/model.ts';
import { type FieldMatcher, fieldMatchers, holds, type Known, valueOf } from './field.ts';
import { type Outcome, pending, type Settled, type Sight, settled } from './outcome.ts';
import type { Sighted } from './view.ts';
import type { Limit } from './window.ts';

/** What to judge. */
export interface FieldsQuestion {
  readonly fields: Fields;
  /** `handshake`, `closed`, `answers.postToConnection`: leads the keys of `actual`. */
  readonly root: string;
  /** What is not known then counts as not there. */
  readonly limit: Limit;
  readonly records: readonly Sighted[];
  readonly sourceOf: (records: readonly Sighted[]) => (field: string) => Known;
  /** What was seen, in half a sentence. */
  readonly describe: (records: readonly Sighted[]) => string;
  /** Fields of which that tells the value; the others are added where they do not match. */
  readonly told: readonly string[];
  /** What to say of fields that never became known. */
  readonly unknown: string;
}

/** Broken with the first known field that does not match; held when all are known and match. */
export function judgeFields(question: FieldsQuestion): Outcome {
  const { fields, limit } = question;
  const records = question.records.filter(({ seenUs }) => seenUs < limit.certainUs);
  const source = question.sourceOf(records);
  const matchers = fieldMatchers(fields);
  const known = matchers.filter((matcher) => valueOf(matcher, source).known);
  const wrong = known.filter((matcher) => !holds(matcher, source));
  const sight = sightOf({ question, records, source });
  if (wrong.length > 0) return settled('broken', withValues(sight(wrong), question));
  if (known.length === matchers.length) return settled('held', sight(matchers));
  return pending(limit.untilUs, whenDue({ matchers, source, sight, unknown: question.unknown }));
}

/** `the answer was 101 Switching Protocols, 4 ms after the request; subprotocol was "a"`. */
function withValues(sight: Sight, { root, told }: FieldsQuestion): Sight {
  const untold = Object.entries(sight.actual).flatMap(([key, value]) => {
    const field = key.slice(root.length + 1);
    if (told.includes(field)) return [];
    return [value === null ? `there was no ${field}` : `${field} was ${brief(value)}`];
  });
  return { ...sight, message: [sight.message, ...untold].join('; ') };
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > BRIEF ? `${text.slice(0, BRIEF - 1)}…` : text;
}

const BRIEF = 80;

function whenDue(input: {
  readonly matchers: readonly FieldMatcher[];
  readonly source: (field: string) => Known;
  readonly sight: (matchers: readonly FieldMatcher[]) => Sight;
  readonly unknown: string;
}): Settled {
  const { matchers, source, sight, unknown } = input;
  const wrong = matchers.filter((matcher) => !holds(matcher, source));
  if (wrong.length === 0) return settled('held', sight(matchers));
  const seen = sight(wrong);
  return settled('broken', { ...seen, message: `${unknown}; ${seen.message}` });
}

function sightOf(input: {
  readonly question: FieldsQuestion;
  readonly records: readonly Sighted[];
  readonly source: (field: string) => Known;
}): (matchers: readonly FieldMatcher[]) => Sight {
  const { question, records, source } = input;
  return (matchers) => {
    const values = matchers.map((matcher) => ({ matcher, ...valueOf(matcher, source) }));
    const entries = values.map(
      ({ matcher, value }) => [`${question.root}.${matcher.label}`, value ?? null] as const,
    );
    const actual: Readonly<Record<string, Json>> = Object.fromEntries(entries);
    const evidence = [...new Set(values.flatMap((value) => value.evidence))];
    return { message: question.describe(records), actual, evidence };
  };
}
