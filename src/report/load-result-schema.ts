// The shape of a saved LoadResult, as far as reports rely on it; open as the whole result is.
import { z } from 'zod';

const text = z.string();
const number = z.number();
const count = z.number().nonnegative();

const distribution = z.looseObject({
  count,
  minMs: number,
  maxMs: number,
  meanMs: number,
  p50Ms: number,
  p90Ms: number,
  p95Ms: number,
  p99Ms: number,
  p999Ms: number,
  histogram: text,
});

const attempts = {
  offered: count,
  started: count,
  unsent: count,
  opened: count,
  refused: z.record(text, count),
  failed: z.record(text, count),
  timedOut: count,
  aborted: count,
};

const second = z.looseObject({
  ...attempts,
  atMs: number,
  open: count,
  p50Ms: number.exactOptional(),
  p90Ms: number.exactOptional(),
  p99Ms: number.exactOptional(),
  latenessP99Ms: number.exactOptional(),
  delivered: count.exactOptional(),
});

const share = { held: count, samples: count, low: number, high: number };

const stratum = z.looseObject({
  ending: text,
  ended: count,
  onTime: count,
  late: count,
  missing: count,
  indeterminate: count,
  duplicated: count,
  outOfOrder: count,
  onTimeShare: z.looseObject(share),
  ladder: z.array(z.looseObject({ ...share, deadlineMs: number })),
  survival: z.looseObject({
    p50: number.optional(),
    p90: number.optional(),
    p99: number.optional(),
  }),
  designEffect: number,
});

const estimate = z.looseObject({ value: number, low: number, high: number });

const throttle = z.looseObject({
  kind: z.enum([
    'token-bucket',
    'fixed-window',
    'sliding-log',
    'concurrency-cap',
    'none',
    'inconclusive',
  ]),
  because: z.array(text),
  rate: estimate.exactOptional(),
  burst: estimate.exactOptional(),
  recoveryMs: estimate.exactOptional(),
  windowMs: estimate.exactOptional(),
  refusalsCostTokens: z.union([z.boolean(), z.literal('unknown')]),
  residual: number.exactOptional(),
  accepts: z.array(z.tuple([number, number])),
  fit: z
    .looseObject({ fromMs: number, toMs: number, intercept: number, slopePerS: number })
    .exactOptional(),
});

/** A load. */
export const loadResultSchema = z.looseObject({
  startedAt: text,
  durationMs: number,
  plan: z.looseObject({
    arrivals: z.enum(['even', 'poisson']),
    seed: text,
    openForMs: number,
    endings: z.array(z.looseObject({ share: number, ending: text })),
    tls: z.looseObject({ used: z.boolean(), resumed: count, full: count }),
  }),
  total: z.looseObject(attempts),
  phases: z.array(z.looseObject({ ...attempts, name: text, startMs: number, endMs: number })),
  seconds: z.array(second),
  latency: z.record(text, distribution),
  refusals: z.array(
    z.looseObject({
      status: number,
      count,
      statusText: text,
      headers: z.array(z.looseObject({ name: text, value: text })),
      body: text,
      retryAfter: z.looseObject({ min: number, max: number }).exactOptional(),
    }),
  ),
  ends: z.record(text, count),
  messages: z.looseObject({ sent: count, received: count, pongs: count }),
  peakOpen: count,
  generator: z.looseObject({
    workers: count,
    precise: z.boolean(),
    lateness: distribution,
    connectLag: distribution.exactOptional(),
    loop: z.looseObject({ p50Ms: number, p99Ms: number, maxMs: number }),
    cpu: z.array(number),
    cpuSeconds: number,
    peakRssBytes: number,
    limits: z.array(text),
  }),
  delivery: z
    .looseObject({
      deadlineMs: number,
      watchedMs: number,
      plateau: z.boolean(),
      strata: z.array(stratum),
      orphaned: count,
      canaries: z.looseObject({ sent: count, seen: count }),
      gaps: z.array(z.looseObject({ fromMs: number, toMs: number, why: text })),
    })
    .exactOptional(),
  reconciled: z.looseObject({ at: text, missingBefore: count, missing: count }).exactOptional(),
  throttle: throttle.exactOptional(),
  endedEarly: text.exactOptional(),
});
