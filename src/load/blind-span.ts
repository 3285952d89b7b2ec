// When the observer could not see, or was seen not to: what is missing from then proves nothing.

/** Times in milliseconds from the start of the load. */
export interface BlindSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
}

/** Events that we put into the sink ourselves. */
export interface Canaries {
  sent(id: string, atMs: number): void;
  seen(id: string): void;
  counts(): { readonly sent: number; readonly seen: number };
  /** From the last canary that was seen before a missing one to the first that was seen after it. */
  blind(nowMs: number): readonly BlindSpan[];
}

/** None yet. */
export function createCanaries(): Canaries {
  const sent = new Map<string, number>();
  const seen = new Set<string>();
  return {
    sent: (id, atMs) => sent.set(id, atMs),
    seen: (id) => {
      if (sent.has(id)) seen.add(id);
    },
    counts: () => ({ sent: sent.size, seen: seen.size }),
    blind: (nowMs) => {
      const spans: BlindSpan[] = [];
      let lastMs = 0;
      let missing = 0;
      const close = (toMs: number): void => {
        const what = missing === 1 ? 'a canary' : `${missing} canaries`;
        if (missing > 0) spans.push({ fromMs: lastMs, toMs, why: `${what} did not come through` });
        missing = 0;
        lastMs = toMs;
      };
      for (const [id, atMs] of [...sent].toSorted(([, a], [, b]) => a - b)) {
        if (seen.has(id)) close(atMs);
        else missing += 1;
      }
      close(nowMs);
      return spans;
    },
  };
}

/** The first span that touches a stretch of time, ends included. */
export function blindIn(
  spans: readonly BlindSpan[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): BlindSpan | undefined {
  return spans.find((span) => span.fromMs <= toMs && span.toMs >= fromMs);
}
