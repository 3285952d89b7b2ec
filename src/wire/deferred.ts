// A promise that is settled from outside, once.

/** A promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  /** True when this call settled it, false when it was settled before. */
  resolve(value: T): boolean;
}

/** An unsettled promise. */
export function deferred<T>(): Deferred<T> {
  let settle = (_value: T): void => {};
  let settled = false;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return {
    promise,
    resolve: (value) => {
      if (settled) return false;
      settled = true;
      settle(value);
      return true;
    },
  };
}
