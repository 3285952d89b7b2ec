// A log group of CloudWatch Logs as a log that is read again.
import { messageOf, ToolError } from '../base/errors.ts';
import { type LogSource, linkToLogs, nameOfGroup } from './cwlogs-link.ts';
import type { Watch } from './observer.ts';

/**
 * Hands over every record of it that is not older than an instant, epoch milliseconds.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be read
 */
export async function readLogGroup(
  source: LogSource,
  { sinceMs, watch }: { readonly sinceMs: number; readonly watch: Watch },
): Promise<void> {
  const link = await linkToLogs(source, watch.clock);
  try {
    for await (const lines of link.pages(sinceMs - source.overlapMs)) {
      for (const { id, text } of lines) {
        const decoded = watch.decode(text);
        if (decoded.kind === 'record') watch.onRecord(decoded.record, watch.clock.nowUs(), id);
      }
    }
  } catch (thrown) {
    const message = `Cannot read ${nameOfGroup(source)}: ${messageOf(thrown)}.`;
    throw new ToolError('OBSERVER_FAILED', message, {
      cause: thrown,
      hint: 'What is missing is not known until it can be read: reconcile again then.',
    });
  } finally {
    link.close();
  }
}
