// What one check of `doctor` found, and how all of them are printed.
import pc from 'picocolors';
import { visible } from '../base/visible.ts';
import type { Io } from './io.ts';
import { wrapped } from './wrap.ts';

/** One named check. `warn`: it works, and may surprise; `fail`: nothing can be tested until it is mended. */
export interface Diagnosis {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found, without a full stop. */
  readonly found: string;
  /** What to do, one or more sentences; absent where there is nothing to do. */
  readonly advice?: string;
}

/** A line each, and below it what to do; as wide as the terminal is. */
export function renderDiagnoses(
  diagnoses: readonly Diagnosis[],
  { color, columns }: Io['terminal'],
): string {
  const { green, yellow, red } = pc.createColors(color);
  const paint = { ok: green, warn: yellow, fail: red };
  const width = Math.max(...diagnoses.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 7);
  return diagnoses
    .map(({ check, state, found, advice }) => {
      const head = `${paint[state](state.padEnd(4))} ${check.padEnd(width)}  `;
      const room = columns - indent.length;
      const lines = [
        ...wrapped(visible(found), room),
        ...(advice === undefined ? [] : wrapped(`→ ${visible(advice)}`, room)),
      ];
      return `${head}${lines.join(`\n${indent}`)}\n`;
    })
    .join('');
}

/** `2 fail, 1 warn, 9 ok`. */
export function countStates(diagnoses: readonly Diagnosis[]): string {
  const count = (state: Diagnosis['state']): number =>
    diagnoses.filter((one) => one.state === state).length;
  return (['fail', 'warn', 'ok'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
    .join(', ');
}
