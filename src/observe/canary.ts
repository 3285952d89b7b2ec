// Events of our own, put where the backend's events go: that one does not come through tells a sink that lost it from a
// platform that never delivered.
import { execa } from 'execa';
import type { Clock } from '../base/clock.ts';
import { visible } from '../base/visible.ts';
import type { EventRecord } from '../probe/event-record.ts';

/** The command of a target that puts one there. */
export interface CanaryCommand {
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  /** Working directory. */
  readonly directory: string;
}

/** Puts canaries into a sink. */
export interface CanarySender {
  /** As a sentence names it. */
  readonly name: string;
  /** Resolves when the command has ended: with undefined, or with what became of it, as the end of a sentence. Never rejects. */
  put(id: string): Promise<string | undefined>;
}

/** The command gets the id as `WS_ASSAY_CANARY` and the record, a line of JSON, on standard input. */
export function createCanarySender(
  { command, directory }: CanaryCommand,
  clock: Pick<Clock, 'wallMs'>,
): CanarySender {
  const [program = '', ...args] = command;
  return {
    name: `the command ${command.join(' ')}`,
    put: async (id) => {
      const record: EventRecord = {
        v: 1,
        type: 'CANARY',
        phase: 'started',
        at: clock.wallMs(),
        nonce: id,
      };
      const done = await execa(program, args, {
        cwd: directory,
        env: { WS_ASSAY_CANARY: id },
        input: `${JSON.stringify(record)}\n`,
        reject: false,
        stdout: 'ignore',
        timeout: PATIENCE_MS,
      });
      if (!done.failed) return undefined;
      const last = done.stderr.trim().split('\n').at(-1) ?? '';
      return `${howItFailed(done)}${last === '' ? '' : `; it said: ${visible(last)}`}`;
    },
  };
}

const PATIENCE_MS = 10_000;

function howItFailed({
  exitCode,
  timedOut,
  originalMessage,
}: {
  readonly exitCode?: number | undefined;
  readonly timedOut: boolean;
  readonly originalMessage?: string | undefined;
}): string {
  if (timedOut) return `did not end within ${PATIENCE_MS / 1000} s`;
  if (exitCode !== undefined) return `ended with exit code ${exitCode}`;
  return `could not be run: ${originalMessage ?? 'it was ended by a signal'}`;
}
