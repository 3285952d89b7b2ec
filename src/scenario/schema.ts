// What a user may write in a scenario file: the one place. Diagnostics, the editor's JSON Schema and
// docs/scenario-reference.md are made from it.
import * as z from 'zod';
import { checks } from './schema-check.ts';
import { loadSchema, throttleSchema } from './schema-load.ts';
import { steps } from './schema-step.ts';
import { thresholds } from './schema-threshold.ts';
import {
  complaint,
  feature,
  json,
  listOf,
  mapOf,
  object,
  oneWord,
  type Rule,
  sentence,
  withRules,
} from './schema-value.ts';
import { TIERS } from './tier.ts';

/** The name of a variable, an axis or one of its labels. */
export const VARIABLE_NAME = /^[A-Za-z][\w-]*$/;

const variableName = z.string().regex(VARIABLE_NAME, {
  error: complaint({
    what: 'a name for a variable',
    hint: 'write letters, digits, - and _, beginning with a letter',
  }),
});

/** Values by name. */
export const vars = mapOf(json, variableName).meta({ title: 'names and values' });

const axis = z
  .union([listOf(z.union([z.string(), z.number(), z.boolean()]), 1), mapOf(json)], {
    error: complaint({
      what: 'an axis',
      hint: 'write a list of values, or a mapping of labels to values',
    }),
  })
  .meta({ title: 'list of scalars, or mapping of labels to values' });

/** A tag. */
const tag = z
  .string({ error: complaint({ what: 'a tag', hint: 'write a word' }) })
  .regex(/^[\w.:-]+$/, { error: complaint({ what: 'a tag', hint: 'write a word: slow' }) })
  .meta({ title: 'tag' });

const notEmpty =
  (what: string): Rule =>
  (value, found) => {
    if (Object.keys(value).length > 0) return;
    const message = `a scenario without ${what} decides nothing`;
    const hint = `write at least one ${what.slice(0, -1)}`;
    found('', complaint({ code: 'SCN_MISSING_KEY', what: '', message, hint }));
  };

const judges: Rule = (value, found) => {
  if (Object.hasOwn(value, 'checks') || Object.hasOwn(value, 'thresholds')) return;
  const message = '"checks" is missing';
  const hint = 'add checks, or thresholds: a scenario without them decides nothing';
  found('', complaint({ code: 'SCN_MISSING_KEY', what: '', message, hint, wantsKey: true }));
};

/** What drives a scenario. */
const DRIVERS = ['steps', 'load', 'throttle'] as const;

const drives: Rule = (value, found) => {
  const given = DRIVERS.filter((key) => Object.hasOwn(value, key));
  if (given.length === 0) {
    const message = '"steps" is missing';
    const hint = 'add steps, or load or throttle: a scenario does something';
    found('', complaint({ code: 'SCN_MISSING_KEY', what: '', message, hint, wantsKey: true }));
  } else if (given.length > 1) {
    const message = '{keys} exclude one another';
    const hint = 'keep one of them, and write the other into a scenario of its own';
    found('', complaint({ code: 'SCN_ONE_OF', what: '', message, hint, among: given }));
  }
};

/** A scenario file. */
export const scenarioSchema = withRules(
  object({
    title: sentence.describe('the behaviour, as a sentence that is true of a good endpoint'),
    description: sentence.optional().describe('why, quirks, links'),
    tags: listOf(tag).optional().describe('words to select by'),
    vars: vars.optional().describe('defaults of variables'),
    axes: mapOf(axis, variableName)
      .optional()
      .describe('runs the scenario once for each combination of these values'),
    needs: listOf(feature).optional().describe('target features that cannot be derived'),
    isolation: oneWord(['shared', 'exclusive', 'destructive'])
      .optional()
      .describe('what may run beside it on the same target; `shared`'),
    tier: oneWord(TIERS)
      .optional()
      .describe('how long it takes, for `--tier`; by what it waits for, where nothing is said'),
    steps: steps.optional().describe('what to do; steps drive and never judge'),
    load: loadSchema
      .optional()
      .describe('instead of steps: many connections by a schedule, judged by thresholds'),
    throttle: throttleSchema
      .optional()
      .describe('instead of steps: finds out what limits connects, judged by thresholds'),
    checks: withRules(checks, notEmpty('checks'))
      .optional()
      .describe('what must hold, by id; or thresholds'),
    thresholds: withRules(thresholds, notEmpty('thresholds'))
      .optional()
      .describe('what must hold of many connections together, by id; ids are unique across both'),
  }),
  drives,
  judges,
).meta({
  title: 'Scenario, version 1',
  description: 'One behaviour: what to do and what must hold.',
  anyOf: [{ required: ['checks'] }, { required: ['thresholds'] }],
  oneOf: DRIVERS.map((key) => ({ required: [key] })),
});

/** A scenario as it is written. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
