// Follows a log group of CloudWatch Logs from where it ends now. Lines come late and in any order: what was read is known by its
// id, and the time before the newest line is read again now and then.
import { messageOf, ToolError } from '../base/errors.ts';
import {
  ANSWER_WITHIN_MS,
  type LoggedLine,
  type LogLink,
  type LogSource,
  linkToLogs,
  nameOfGroup,
} from './cwlogs-link.ts';
import type { Observer, Watch } from './observer.ts';
import { createSight } from './sight.ts';
import { createTally } from './tally.ts';

/**
 * Follows a log group.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be read
 */
export async function observeLogs(source: LogSource, watch: Watch): Promise<Observer> {
  const { clock } = watch;
  const name = nameOfGroup(source);
  const sight = createSight(clock, {
    knownWithinMs: POLL_MS + ANSWER_WITHIN_MS,
    // Whoever writes there does not depend on us: what we missed is there when we come back.
    isHealable: true,
    afterMs: 0,
  });
  const link = await linkToLogs(source, clock);
  const reader = createReader(source, { link, watch });
  await reader.skip(clock.wallMs()).catch((thrown: unknown) => {
    link.close();
    throw unreadable(name, thrown);
  });
  const closing = new AbortController();
  let failure: string | undefined;
  let sweptUs = clock.nowUs();

  const look = async (isSweep: boolean): Promise<void> => {
    const askedUs = clock.nowUs();
    try {
      await reader.read(isSweep ? source.overlapMs : Math.min(FRESH_MS, source.overlapMs));
      if (isSweep) sweptUs = askedUs;
      sight.sawAll(askedUs);
    } catch (thrown) {
      const why = `${name} could not be read: ${messageOf(thrown)}`;
      sight.lost(why);
      // Nobody knows what came meanwhile: the whole overlap is read next time.
      sweptUs = -Infinity;
      if (isFinal(thrown)) failure = why;
    }
  };
  const follow = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await look(clock.nowUs() - sweptUs > SWEEP_MS * 1000);
      if (failure !== undefined) return link.close();
      await clock.sleep(POLL_MS, closing.signal);
    }
    await look(true);
    link.close();
  };
  const following = follow();
  return {
    name,
    sight,
    get failure() {
      return failure;
    },
    notices: () => reader.notices(),
    close: () => {
      closing.abort();
      return following;
    },
  };
}

const POLL_MS = 1000;
// Most lines are no later than this; the others are found by the next sweep.
const FRESH_MS = 2000;
const SWEEP_MS = 5000;

const FINAL =
  /^(ResourceNotFound|AccessDenied|UnrecognizedClient|InvalidSignature|InvalidParameter)/;

/** Asking again would not help. */
function isFinal(thrown: unknown): boolean {
  return thrown instanceof Error && FINAL.test(thrown.name);
}

function unreadable(name: string, cause: unknown): ToolError {
  if (cause instanceof ToolError) return cause;
  return new ToolError('OBSERVER_FAILED', `Cannot read ${name}: ${messageOf(cause)}.`, {
    cause,
    hint: 'Do region and group fit, and may these credentials logs:FilterLogEvents there? See docs/observing-your-backend.md.',
  });
}

/** What was read of a log group. */
interface Reader {
  /** What stands there already is not handed over. */
  skip(nowMs: number): Promise<void>;
  /** Hands over what is new, of the lines that are at most so much older than the newest one. */
  read(overlapMs: number): Promise<void>;
  notices(): readonly string[];
}

function createReader(
  { group, overlapMs }: LogSource,
  { link, watch }: { readonly link: LogLink; readonly watch: Watch },
): Reader {
  const tally = createTally(nameOfGroup({ group }), ['line', 'lines']);
  const known = new Map<string, number>();
  let newestMs = 0;

  const take = ({ id, text }: LoggedLine): void => {
    const decoded = watch.decode(text);
    if (decoded.kind === 'record') watch.onRecord(decoded.record, watch.clock.nowUs(), id);
    else tally.count(decoded.kind, 'reason' in decoded ? decoded.reason : text);
  };
  // Whoever writes with a clock that is ahead must not hide what the others write.
  const edgeMs = (): number => Math.min(newestMs, watch.clock.wallMs());
  const pass = async (sinceMs: number, isNew: boolean): Promise<void> => {
    for await (const lines of link.pages(sinceMs)) {
      for (const line of lines) {
        newestMs = Math.max(newestMs, line.atMs);
        if (known.has(line.id)) continue;
        known.set(line.id, line.atMs);
        if (isNew) take(line);
      }
    }
    // They are not asked for any more.
    const oldestMs = edgeMs() - overlapMs;
    for (const [id, atMs] of known) if (atMs < oldestMs) known.delete(id);
  };
  return {
    skip: (nowMs) => {
      newestMs = nowMs;
      return pass(nowMs - overlapMs, false);
    },
    read: (ms) => pass(edgeMs() - ms, true),
    notices: () => tally.notices(),
  };
}
