// Limiters as models: what each would have decided. State is kept from call to call; times ascend.

/** Decides on an attempt at an instant, in milliseconds. */
export type Limiter = (atMs: number) => boolean;

/** Full at the first attempt. `rate` in tokens per second; what a refusal costs in tokens. */
export function tokenBucket(model: {
  readonly rate: number;
  readonly burst: number;
  readonly refusalCost: number;
}): Limiter {
  let level = model.burst;
  let lastMs: number | undefined;
  return (atMs) => {
    const refill = ((atMs - (lastMs ?? atMs)) / 1000) * model.rate;
    level = Math.min(model.burst, level + refill);
    lastMs = atMs;
    if (level < 1) {
      level = Math.max(0, level - model.refusalCost);
      return false;
    }
    level -= 1;
    return true;
  };
}

/** So many in each window; one begins at `phaseMs`. */
export function fixedWindow(model: Window & { readonly phaseMs: number }): Limiter {
  let window = -Infinity;
  let used = 0;
  return (atMs) => {
    const now = Math.floor((atMs - model.phaseMs) / model.windowMs);
    if (now > window) used = 0;
    window = now;
    if (used >= model.limit) return false;
    used += 1;
    return true;
  };
}

/** So many within the last `windowMs`, at any instant. */
export function slidingLog(model: Window): Limiter {
  const log: number[] = [];
  let oldest = 0;
  return (atMs) => {
    while ((log[oldest] ?? Infinity) <= atMs - model.windowMs) oldest += 1;
    if (log.length - oldest >= model.limit) return false;
    log.push(atMs);
    return true;
  };
}

/** So many in this window and what is left of the one before it, taken as spread evenly. */
export function slidingCounter(model: Window & { readonly phaseMs: number }): Limiter {
  let window = -Infinity;
  let before = 0;
  let used = 0;
  return (atMs) => {
    const place = (atMs - model.phaseMs) / model.windowMs;
    const now = Math.floor(place);
    if (now > window) {
      before = now === window + 1 ? used : 0;
      used = 0;
    }
    window = now;
    if (before * (1 - (place - now)) + used >= model.limit) return false;
    used += 1;
    return true;
  };
}

/** So many open at once, each for `lifetimeMs` of the attempt. */
export function concurrencyCap(cap: number, lifetimeMs: (atMs: number) => number): Limiter {
  let open: number[] = [];
  let soonest = Infinity;
  return (atMs) => {
    if (soonest <= atMs) {
      open = open.filter((endMs) => endMs > atMs);
      soonest = Math.min(...open);
    }
    if (open.length >= cap) return false;
    const endMs = atMs + lifetimeMs(atMs);
    open.push(endMs);
    soonest = Math.min(soonest, endMs);
    return true;
  };
}

interface Window {
  readonly limit: number;
  readonly windowMs: number;
}
