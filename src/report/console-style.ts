// Colour for verdicts; without colour the same text and not one escape sequence.
import pc from 'picocolors';
import { STANDING_SIGN, type Standing } from './standing.ts';

/** Formatters that are the identity when colour is off. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  /** In the colour of a standing. */
  readonly verdict: (standing: Standing, text: string) => string;
  /** The sign of a standing in its colour. */
  readonly sign: (standing: Standing) => string;
}

/** Makes the formatters. */
export function styleOf(color: boolean): Style {
  const { bold, dim, red, yellow, magenta, green, cyan } = pc.createColors(color);
  const paint: Readonly<Record<Standing, (text: string) => string>> = {
    failed: red,
    'unlike-baseline': red,
    warned: yellow,
    errored: magenta,
    inconclusive: magenta,
    known: dim,
    passed: green,
    recorded: cyan,
    skipped: dim,
    'not-applicable': dim,
  };
  return {
    bold,
    dim,
    verdict: (standing, text) => paint[standing](text),
    sign: (standing) => paint[standing](STANDING_SIGN[standing]),
  };
}
