// The process of a worker: orders in, reports out, nothing else. It ends with the one that started it.
import { createWorkerHost } from './worker-host.ts';
import type { WorkerOrder, WorkerReport } from './worker-messages.ts';

const host = createWorkerHost({
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  rssBytes: () => process.memoryUsage.rss(),
  report: (report: WorkerReport) => {
    process.send?.(report, () => {
      if (report.kind === 'done') process.disconnect();
    });
  },
});
// An interrupt reaches the whole group; the coordinator decides what becomes of it.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (order) => host.take(order as WorkerOrder)); // from start-worker.ts
