// Tells of attempts one by one, many in one message.
import type { Attempt } from './attempt.ts';
import { createRowBatch } from './attempt-row.ts';
import type { LoadPlan } from './plan.ts';
import type { WorkerReport } from './worker-messages.ts';

/** Tells. */
export interface AttemptTeller {
  /** This one has ended. */
  tell(attempt: Attempt): void;
  /** Sends what there is. */
  flush(): void;
}

// Rows sent together.
const BATCH_ROWS = 512;

/** Tells by way of `report`, and nothing where nobody wants to know. */
export function createAttemptTeller({
  plan,
  tellAttempts,
  report,
}: {
  readonly plan: Pick<LoadPlan, 'endpoints'>;
  readonly tellAttempts: boolean;
  readonly report: (report: WorkerReport) => void;
}): AttemptTeller {
  const batch = createRowBatch(BATCH_ROWS);
  const flush = (): void => {
    const rows = batch.take();
    if (rows !== undefined) report({ kind: 'attempts', rows });
  };
  const tell = (attempt: Attempt): void => {
    const endpoint = plan.endpoints[attempt.endpoint];
    if (!tellAttempts || endpoint === undefined) return;
    batch.push(attempt, endpoint);
    if (batch.isFull) flush();
  };
  return { tell, flush };
}
