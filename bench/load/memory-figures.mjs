// What connections and time cost in memory.
import { median, watched } from '../harness/machine.mjs';
import { load, planOf } from '../harness/own.mjs';
import { withServer } from '../harness/server.mjs';

/** A hundred thousand from one command; 20 000 descriptors a process, so several workers. */
export function heldFigure({ figures, programOf }) {
  const [count, rate, workers] = [100_000, 16_000, 6];
  return withServer([programOf('server'), String(workers)], async (port) => {
    const began = performance.now();
    let openedMs = Number.NaN;
    const stop = new AbortController();
    const one = await watched(() =>
      load(planOf(port, { rate, ms: (count / rate) * 1000, workers, openForMs: 60_000 }), {
        signal: stop.signal,
        onSecond: ({ open }) => {
          if (open < count || !Number.isNaN(openedMs)) return;
          openedMs = performance.now() - began;
          stop.abort();
        },
      }),
    );
    const { peakOpen, generator, total } = one.value;
    figures.tell('held-missing', {
      what: 'connections of 100 000 from one command that were not held at once',
      value: count - peakOpen,
      most: 0,
      shares: [one],
      detail: { peakOpen, failed: total.failed, unsent: total.unsent, workers },
    });
    figures.tell('held-seconds', {
      what: 'time until all 100 000 were open, start of the workers included',
      value: openedMs / 1000,
      most: 10,
      unit: ' s',
      isTimed: true,
      shares: [one],
      detail: { bytesEach: Math.round(generator.peakRssBytes / count) },
    });
  });
}

/** Resident memory of the worker for each connection that is only held: of many against of few. */
export function heldMemoryFigure({ figures, programOf, rounds }) {
  return withServer([programOf('server')], async (port) => {
    const rss = async (rate) => {
      let settled = 0;
      const result = await load(planOf(port, { rate, ms: 4000, openForMs: 20_000 }), {
        signal: AbortSignal.timeout(9000),
        onTick: ({ health, open }) => {
          if (open === rate * 4) settled = health.rssBytes;
        },
      });
      if (result.peakOpen !== rate * 4) throw new Error(`${result.peakOpen} were held`);
      return settled;
    };
    const [few, many] = [250, 4500];
    const detail = [];
    const shares = [];
    for (let round = 0; round < Math.min(3, rounds); round += 1) {
      const one = await watched(async () => ({ few: await rss(few), many: await rss(many) }));
      detail.push(Math.round((one.value.many - one.value.few) / ((many - few) * 4)));
      shares.push(one);
    }
    figures.tell('held-bytes', {
      what: 'memory of the worker for each held idle connection (18 000 against 1000)',
      value: median(detail) / 1000,
      most: 4.5,
      unit: ' KB',
      shares,
      detail,
    });
  });
}

/** Memory over a long run: its last fifth against its second. */
export function longRunFigure({ figures, programOf, minutes }) {
  return withServer([programOf('server')], async (port) => {
    const samples = [];
    const one = await watched(() =>
      load(planOf(port, { rate: 1000, ms: minutes * 60_000 }), {
        onTick: ({ health }) =>
          samples.push({ worker: health.rssBytes, coordinator: process.memoryUsage.rss() }),
      }),
    );
    const part = (from, to, name) =>
      median(
        samples
          .slice(Math.floor(samples.length * from), Math.floor(samples.length * to))
          .map((each) => each[name]),
      );
    const growth = (name) => part(0.8, 1, name) / part(0.2, 0.4, name);
    const megabytes = (name) =>
      [part(0, 0.2, name), part(0.2, 0.4, name), part(0.8, 1, name)].map((bytes) =>
        Math.round(bytes / 1e6),
      );
    figures.tell('constant', {
      what: `memory at the end of a run of ${minutes} minutes at 1000/s, against its second fifth (worker or coordinator, whichever grew more)`,
      value: Math.max(growth('worker'), growth('coordinator')),
      most: 1.05,
      unit: ' ×',
      shares: [one],
      detail: {
        attempts: one.value.total.opened,
        workerMB: megabytes('worker'),
        coordinatorMB: megabytes('coordinator'),
      },
    });
  });
}
