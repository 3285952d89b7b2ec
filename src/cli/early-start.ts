// The embedded gateway starts while scenarios are still being read: each takes most of a second, and neither needs the other.
import type { Station } from '../run/station.ts';
import type { ChosenTarget } from './target-choice.ts';

/** A station that is opened before it is known what will be run on it. */
export interface EarlyStart {
  /** Begins to open it where that is our own gateway; another program is started only for a plan that is valid. */
  readonly begin: (target: ChosenTarget) => void;
  /** The station, once; undefined where none was begun. Rejects with what opening it rejects with. */
  readonly take: () => Promise<Station> | undefined;
  /** Closes what nobody has taken. Never rejects. */
  readonly drop: () => Promise<void>;
}

/** Nothing is started yet. The signal that `open` gets aborts when nobody will take what it opens. */
export function earlyStart(
  open: (target: ChosenTarget, signal: AbortSignal) => Promise<Station>,
): EarlyStart {
  const unwanted = new AbortController();
  let opening: Promise<Station> | undefined;
  const take = (): Promise<Station> | undefined => {
    const taken = opening;
    opening = undefined;
    return taken;
  };
  return {
    begin: (target) => {
      if (target.preview.launch?.gateway === undefined) return;
      opening = open(target, unwanted.signal);
      // Who takes it is told; until then nobody listens.
      opening.catch(() => {});
    },
    take,
    drop: async () => {
      const left = take();
      if (left === undefined) return;
      unwanted.abort();
      const station = await left.catch(() => undefined);
      await station?.close();
    },
  };
}
