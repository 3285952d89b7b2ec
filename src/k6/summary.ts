// What k6 says at the end of a run, in the three forms that it has: of `--summary-export`, of `handleSummary`, and of both
// with `--new-machine-readable-summary` (k6 1.5 and newer).
// https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/
import { z } from 'zod';

/** One summary. */
export interface K6Summary {
  readonly form: 'summary-export' | 'handleSummary' | 'machine-readable';
  /** By name, those with tags among them: `ws_sessions{status:429}`. */
  readonly metrics: ReadonlyMap<string, K6Values>;
  /** As k6 judged them; undefined: this form has none. */
  readonly thresholds: readonly K6Judged[] | undefined;
  readonly durationMs: number | undefined;
  /** Of k6. */
  readonly version: string | undefined;
  /** The text of the script that was run. */
  readonly script: string | undefined;
}

/** `count`, `rate`, `med`, `p(99)`, …; times in ms. */
export type K6Values = Readonly<Record<string, number>>;

/** A threshold that k6 has judged. */
export interface K6Judged {
  readonly metric: string;
  readonly expression: string;
  readonly held: boolean;
}

/** Reads a summary; undefined of what is none. */
export function readSummary(text: string): K6Summary | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const machine = MACHINE.safeParse(value);
  if (machine.success) return ofMachine(machine.data);
  const handled = HANDLED.safeParse(value);
  if (handled.success) return ofHandled(handled.data);
  const exported = EXPORTED.safeParse(value);
  return exported.success ? ofExport(exported.data) : undefined;
}

// A percentile that its script did not ask for is null.
const values = z.record(z.string(), z.unknown());

const MACHINE = z.looseObject({
  version: z.string(),
  config: z.looseObject({
    duration: z.number().exactOptional(),
    script: z.string().exactOptional(),
  }),
  metadata: z.looseObject({ k6_version: z.string().exactOptional() }).exactOptional(),
  results: z.looseObject({ metrics: z.array(z.looseObject({ name: z.string(), values })) }),
});

const HANDLED = z.looseObject({
  state: z.looseObject({ testRunDurationMs: z.number() }),
  metrics: z.record(
    z.string(),
    z.looseObject({
      values,
      thresholds: z.record(z.string(), z.looseObject({ ok: z.boolean() })).exactOptional(),
    }),
  ),
});

const EXPORTED = z.looseObject({
  metrics: z.record(
    z.string(),
    z.looseObject({ thresholds: z.record(z.string(), z.boolean()).exactOptional() }),
  ),
});

function ofMachine({ config, metadata, results }: z.infer<typeof MACHINE>): K6Summary {
  const { duration, script } = config;
  return {
    form: 'machine-readable',
    metrics: new Map(results.metrics.map((one) => [one.name, numbersOf(one.values)])),
    thresholds: undefined,
    durationMs: duration === undefined ? undefined : duration * 1000,
    version: metadata?.k6_version,
    script,
  };
}

function ofHandled({ state, metrics }: z.infer<typeof HANDLED>): K6Summary {
  const all = Object.entries(metrics);
  return {
    form: 'handleSummary',
    metrics: new Map(all.map(([name, one]) => [name, numbersOf(one.values)])),
    thresholds: all.flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([expression, { ok }]) => ({ metric, expression, held: ok })),
    ),
    durationMs: state.testRunDurationMs,
    version: undefined,
    script: undefined,
  };
}

// Here true is a threshold that was crossed (grafana/k6-docs#30).
function ofExport({ metrics }: z.infer<typeof EXPORTED>): K6Summary {
  const all = Object.entries(metrics);
  return {
    form: 'summary-export',
    metrics: new Map(all.map(([name, one]) => [name, numbersOf(one)])),
    thresholds: all.flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([expression, crossed]) => ({
        metric,
        expression,
        held: !crossed,
      })),
    ),
    durationMs: undefined,
    version: undefined,
    script: undefined,
  };
}

function numbersOf(all: Readonly<Record<string, unknown>>): K6Values {
  const entries = Object.entries(all).flatMap(([name, value]) =>
    typeof value === 'number' && Number.isFinite(value)
      ? [[name.replace(/^p(\d+)$/, 'p($1)'), value] as const]
      : [],
  );
  return Object.fromEntries(entries);
}
