// The embedded gateway starts while scenarios are still being read: each takes most of a second, and neither needs the other.
import type { Station } from '../run/station.ts';
import type { ChosenTarget } from './target-choice.ts';

/** A station that is opened before it is known what will be run on it. */
export interface EarlyStart {
  /** Begins to open it where that is our own gateway; another program is started only for a plan that is valid. */
  readonly begin: (target: ChosenTarget) => void;
  /**
   * The station, once; undefined where none was begun. Rejects with what opening it rejects with; `signal` ends what is
   * still being opened.
   */
  readonly take: (signal: AbortSignal) => Promise<Station> | undefined;
  /** Closes what nobody has taken. Never rejects. */
  readonly drop: () => Promise<void>;
}

/** Nothing is started yet. The signal that `open` gets aborts when what it opens is no longer wanted. */
export function earlyStart(
  open: (target: ChosenTarget, signal: AbortSignal) => Promise<Station>,
): EarlyStart {
  const unwanted = new AbortController();
  let opening: Promise<Station> | undefined;
  const give = (): Promise<Station> | undefined => {
    const given = opening;
    opening = undefined;
    return given;
  };
  return {
    begin: (target) => {
      if (target.preview.launch?.gateway === undefined) return;
      opening = open(target, unwanted.signal);
      // Who takes it is told; until then nobody listens.
      opening.catch(() => {});
    },
    take: (signal) => {
      const taken = give();
      if (taken === undefined) return undefined;
      return abortingWith(signal, { opening: taken, abort: () => unwanted.abort() });
    },
    drop: async () => {
      const left = give();
      if (left === undefined) return;
      unwanted.abort();
      const station = await left.catch(() => undefined);
      await station?.close();
    },
  };
}

async function abortingWith(
  signal: AbortSignal,
  { opening, abort }: { readonly opening: Promise<Station>; readonly abort: () => void },
): Promise<Station> {
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await opening;
  } finally {
    // An open station is closed by who has it.
    signal.removeEventListener('abort', abort);
  }
}
