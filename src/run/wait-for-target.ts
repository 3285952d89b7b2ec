// Waits until a target that is being deployed or started answers: a port that accepts is not enough, since what stands in
// front of a server accepts before it is there.
import { formatDuration } from '../base/duration.ts';
import { ToolError } from '../base/errors.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import { type Knocking, knock } from './knock.ts';

/** For how long, and who is told. */
export interface Waiting {
  readonly forMs: number;
  /** Told once, when it does not answer at once. */
  readonly say: (text: string) => void;
}

// One request takes so long at most; between two there is a pause.
const PATIENCE_MS = 10_000;
const PAUSE_MS = 500;

/**
 * Asks each server of these roles for an upgrade until it gives any answer but 502, 503 and 504.
 *
 * @throws {ToolError} TARGET_UNREACHABLE after `forMs`, with what was seen last
 */
export async function waitForTarget(
  run: Knocking,
  roles: readonly string[],
  { forMs, say }: Waiting,
): Promise<void> {
  const untilUs = run.clock.nowUs() + forMs * 1000;
  let isSaid = false;
  for (const role of oneOfEachServer(run, roles)) {
    for (;;) {
      const leftMs = (untilUs - run.clock.nowUs()) / 1000;
      const reason = await whyNot(run, role, Math.max(PAUSE_MS, Math.min(PATIENCE_MS, leftMs)));
      if (reason === undefined || run.signal.aborted) break;
      if (run.clock.nowUs() + PAUSE_MS * 1000 >= untilUs)
        throw gaveUp(run, role, { forMs, reason });
      if (!isSaid)
        say(`waiting ${formatDuration(forMs)} at most for ${shown(run, role)}: ${reason}`);
      isSaid = true;
      await run.clock.sleep(PAUSE_MS, run.signal);
    }
  }
}

function oneOfEachServer({ station }: Knocking, roles: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const role of roles) {
    const { host } = new URL(urlOf(station, role));
    if (!found.has(host) || role === 'open') found.set(host, role);
  }
  return [...found.values()];
}

function urlOf({ target }: Knocking['station'], role: string): string {
  return target.endpoints[role]?.url ?? '';
}

function shown({ station, redactor }: Knocking, role: string): string {
  return redactor.text(urlOf(station, role));
}

/** Why it does not answer; undefined: it does. */
async function whyNot(run: Knocking, role: string, withinMs: number): Promise<string | undefined> {
  let seen: string | undefined = `no answer within ${formatDuration(Math.round(withinMs))}`;
  await knock(run, role, {
    as: 'wait',
    withinMs,
    sign: (record) => {
      const end = endOf(record);
      if (end !== undefined) seen = end.reason;
      return end !== undefined;
    },
  });
  return seen;
}

/** What says that an attempt is over; without a reason it was answered. */
function endOf(record: EvidenceRecord): { readonly reason: string | undefined } | undefined {
  switch (record.kind) {
    case 'response': {
      const { status } = record.head;
      return { reason: [502, 503, 504].includes(status) ? `it answers ${status}` : undefined };
    }
    case 'failure':
      return { reason: record.message };
    case 'fin':
    case 'reset':
      return { reason: 'it ends the connection without an answer' };
    default:
      return undefined;
  }
}

function gaveUp(
  run: Knocking,
  role: string,
  { forMs, reason }: { readonly forMs: number; readonly reason: string },
): ToolError {
  return new ToolError(
    'TARGET_UNREACHABLE',
    `${shown(run, role)} did not answer within ${formatDuration(forMs)}: ${reason}.`,
    {
      hint: 'Is it being deployed, and is the URL right? --wait-for-target says how long to wait.',
    },
  );
}
