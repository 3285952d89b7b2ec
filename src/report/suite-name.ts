// How a suite is named where people read.
import type { RunResult } from '../result/run-result.ts';

/** `name@version`; a frozen profile has its version in its name already. */
export function suiteName({ name, version }: NonNullable<RunResult['suite']>): string {
  return version === undefined || name.endsWith(`@${version}`) ? name : `${name}@${version}`;
}
