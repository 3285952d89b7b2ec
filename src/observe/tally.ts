// What an observer saw and could not use: counted, and said once.
import { visible } from '../base/visible.ts';

/** What could not be used, counted by what is wrong with it. */
export interface Tally {
  count(kind: 'other' | 'not-json' | 'invalid', example: string): void;
  /** One sentence for each kind. */
  notices(): readonly string[];
}

/** An empty one. `name` is that of the observer, `words` what it reads: one, and many. */
export function createTally(name: string, [one, many]: readonly [string, string]): Tally {
  const seen = new Map<string, { count: number; readonly example: string }>();
  return {
    count: (kind, example) => {
      const known = seen.get(kind) ?? { count: 0, example: visible(example.slice(0, 120)) };
      known.count += 1;
      seen.set(kind, known);
    },
    notices: () =>
      [...seen].flatMap(([kind, { count, example }]) => {
        // Lines about something else are what a log is full of.
        if (kind === 'other') return [];
        const what = kind === 'not-json' ? 'not JSON' : 'no event record';
        const lines = count === 1 ? `1 ${one} was` : `${count} ${many} were`;
        return [`Of ${name}, ${lines} ${what}; the first: ${example}`];
      }),
  };
}
