// A log group of CloudWatch Logs, a page at a time and no faster than its quota lets everybody ask: five times a second for an
// account in a Region. The AWS SDK is loaded on first use, and finds credentials its own way.
import type { Clock } from '../base/clock.ts';
import { loadPeer } from './peer.ts';

/** Which log group. */
export interface LogSource {
  readonly group: string;
  /** Undefined: as the SDK finds it. */
  readonly region: string | undefined;
  /** In place of that of AWS. */
  readonly endpoint: string | undefined;
  /** How much older than what was read already a line may be that comes later, in milliseconds. */
  readonly overlapMs: number;
}

/** One line of the log. */
export interface LoggedLine {
  readonly id: string;
  /** Epoch milliseconds, on the clock of whoever wrote it. */
  readonly atMs: number;
  readonly text: string;
}

/** Asks for lines. */
export interface LogLink {
  /** Those that are not older, a page after the other; a page may be empty and not the last one. */
  pages(sinceMs: number): AsyncIterable<readonly LoggedLine[]>;
  close(): void;
}

/** Within this much it is known that nothing is seen any more, where pages are few. */
export const ANSWER_WITHIN_MS = 5000;

/** As a sentence names it. */
export function nameOfGroup({ group }: Pick<LogSource, 'group'>): string {
  return `the log group ${group}`;
}

/** Makes a client; nothing is asked yet. @throws {ToolError} OBSERVER_FAILED without the package */
export async function linkToLogs(source: LogSource, clock: Clock): Promise<LogLink> {
  const { CloudWatchLogsClient: Client, FilterLogEventsCommand: Filter } = await loadPeer(
    '@aws-sdk/client-cloudwatch-logs',
    () => import('@aws-sdk/client-cloudwatch-logs'),
    'The observer cwlogs',
  );
  const { group, region, endpoint } = source;
  const client = new Client({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: ANSWER_WITHIN_MS - 1000,
      throwOnRequestTimeout: true,
    },
  });
  let nextUs = 0;
  const turn = async (): Promise<void> => {
    await clock.sleep(Math.max(0, (nextUs - clock.nowUs()) / 1000));
    nextUs = clock.nowUs() + EVERY_MS * 1000;
  };
  return {
    pages: async function* (sinceMs) {
      const asked = { logGroupName: group, startTime: Math.max(0, sinceMs), limit: MOST_LINES };
      for (let token: string | undefined, first = true; first || token !== undefined; ) {
        first = false;
        await turn();
        const { events = [], nextToken } = await client.send(
          new Filter({ ...asked, ...(token === undefined ? {} : { nextToken: token }) }),
        );
        token = nextToken;
        yield events.map(({ eventId = '', timestamp = 0, message = '' }) => ({
          id: eventId,
          atMs: timestamp,
          text: message,
        }));
      }
    },
    close: () => client.destroy(),
  };
}

// One of the five calls a second is left to others.
const EVERY_MS = 250;
// No more are taken at once.
const MOST_LINES = 1000;
