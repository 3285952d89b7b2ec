// Is anybody there? An endpoint that accepts connections and says nothing costs every case its whole
// deadline. Where case after case met nothing but silence, the rest is not driven into it.

import type { CaseResult, RunProblem } from '../result/run-result.ts';
import { type Deferred, deferred } from '../wire/deferred.ts';

/** Watches the cases of one run for silence. */
export interface Hearing {
  /**
   * Why the next case cannot be tested. In doubt it waits for what the cases that are running meet;
   * an endpoint that has spoken before is asked once more first, for it may only have been slow.
   */
  problem(): Promise<RunProblem | undefined>;
  /** A case is being driven; each call is followed by one of `note`. */
  begin(): void;
  /** Takes note of what it met. */
  note(result: Pick<CaseResult, 'findings' | 'records'>): void;
}

/** What a hearing works with. */
export interface HearingOptions {
  /** Asks the endpoint for a sign of life now. */
  readonly isThere: () => Promise<boolean>;
  /** Called once, when silence is believed. */
  readonly tell: (problem: RunProblem) => void;
}

/** What is said of an endpoint that never sent a byte. */
export const NEVER_HEARD = 'The endpoint accepts connections, and never sent a byte.';

/** Starts listening. */
export function newHearing(options: HearingOptions): Hearing {
  return new Ear(options);
}

// Cases in a row without a sign of life.
const SILENT_CASES = 3;

class Ear implements Hearing {
  readonly #options: HearingOptions;
  #heard = false;
  #silent = 0;
  #running = 0;
  #found: RunProblem | undefined;
  #asking: Promise<void> | undefined;
  #noted: Deferred<void> = deferred();

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  async problem(): Promise<RunProblem | undefined> {
    // Also where nothing was heard so far: one that still runs may have been answered.
    while (this.#found === undefined && this.#silent > 0 && this.#running > 0) {
      await this.#noted.promise;
    }
    if (this.#found === undefined && this.#silent >= SILENT_CASES) {
      this.#asking ??= this.#ask();
      await this.#asking;
    }
    return this.#found;
  }

  begin(): void {
    this.#running += 1;
  }

  note(result: Pick<CaseResult, 'findings' | 'records'>): void {
    const sign = signOf(result);
    this.#running -= 1;
    this.#heard ||= sign === 'life';
    if (sign !== undefined) this.#silent = sign === 'life' ? 0 : this.#silent + 1;
    this.#noted.resolve();
    this.#noted = deferred();
  }

  async #ask(): Promise<void> {
    if (this.#heard && (await this.#options.isThere())) this.#silent = 0;
    else this.#believe();
    this.#asking = undefined;
  }

  #believe(): void {
    this.#found = this.#heard
      ? {
          code: 'TARGET_SILENT',
          message: `The endpoint accepts connections, and has sent no byte for ${this.#silent} cases.`,
          hint: 'It answered before: what was the last that it answered?',
        }
      : { code: 'TARGET_SILENT', message: NEVER_HEARD };
    this.#options.tell(this.#found);
  }
}

/**
 * Life: a byte of an answer, an invocation, an answer of the management API. Silence: a request was
 * not answered in time, and that was not what the case asked for.
 */
function signOf({
  findings,
  records,
}: Pick<CaseResult, 'findings' | 'records'>): 'life' | 'silence' | undefined {
  if (records.some(isLife)) return 'life';
  const unanswered = records.some(
    (record) =>
      record.kind === 'failure' && record.outcome === 'timeout' && record.phase === 'firstByte',
  );
  const wanted = findings.every(({ verdict }) => verdict === 'passed' || verdict === 'recorded');
  return unanswered && !wanted ? 'silence' : undefined;
}

function isLife(record: CaseResult['records'][number]): boolean {
  return (
    record.kind === 'firstByte' ||
    // What a scripted probe was told to do is no sign of it.
    (record.kind === 'invocation' && record.planned !== true) ||
    (record.kind === 'answer' && record.status !== undefined)
  );
}
