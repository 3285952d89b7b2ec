// Colour for verdicts; without colour the same text and not one escape sequence.
import pc from 'picocolors';
import type { Verdict } from '../result/finding.ts';
import { VERDICT_SIGN } from './verdict-word.ts';

/** Formatters that are the identity when colour is off. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  /** In the colour of a verdict. */
  readonly verdict: (verdict: Verdict, text: string) => string;
  /** The sign of a verdict in its colour. */
  readonly sign: (verdict: Verdict) => string;
}

/** Makes the formatters. */
export function styleOf(color: boolean): Style {
  const { bold, dim, red, yellow, magenta, green, cyan } = pc.createColors(color);
  const paint: Readonly<Record<Verdict, (text: string) => string>> = {
    failed: red,
    warned: yellow,
    errored: magenta,
    inconclusive: magenta,
    passed: green,
    recorded: cyan,
    skipped: dim,
    'not-applicable': dim,
  };
  return {
    bold,
    dim,
    verdict: (verdict, text) => paint[verdict](text),
    sign: (verdict) => paint[verdict](VERDICT_SIGN[verdict]),
  };
}
