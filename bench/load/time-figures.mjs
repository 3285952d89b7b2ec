// Whether arrivals are on time, and whether the times it reports are those on the wire.
import { children, median, readWait, watched } from '../harness/machine.mjs';
import { load, planOf } from '../harness/own.mjs';
import { withServer, withWire } from '../harness/server.mjs';

/** An open model that one worker keeps up with. */
export function rateFigure({ figures, programOf }) {
  return withServer([programOf('server')], async (port) => {
    const one = await watched(() => load(planOf(port, { rate: 14_000, ms: 10_000 })));
    const { total, generator } = one.value;
    figures.tell('rate', {
      what: 'attempts of 140 000 at 14 000/s from one worker that did not open',
      value: total.offered - total.opened,
      most: 0,
      isTimed: true,
      shares: [one],
      detail: {
        failed: total.failed,
        unsent: total.unsent,
        timedOut: total.timedOut,
        limits: generator.limits,
        latenessP99Ms: generator.lateness.p99Ms,
        latenessP50Ms: generator.lateness.p50Ms,
      },
    });
  });
}

/** How late attempts start: median over seconds of the p99 of each, without those in which code is compiled. */
export function scheduleFigures({ figures, programOf, rounds }) {
  return withServer([programOf('server')], async (port) => {
    const rows = { timers: [], precise: [] };
    const shares = { timers: [], precise: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['timers', 'precise']) {
        const one = await watched(() => lateness(port, name === 'precise'));
        rows[name].push(one.value);
        shares[name].push(one);
      }
    }
    const goals = { timers: 1.6, precise: 0.3 };
    for (const name of ['timers', 'precise']) {
      figures.tell(`schedule-${name}`, {
        what: `schedule error at 2000/s${name === 'precise' ? ' with --precise' : ''}, p99`,
        value: median(rows[name].map(({ p99Ms }) => p99Ms)),
        most: goals[name],
        unit: ' ms',
        isTimed: true,
        shares: shares[name],
        detail: rows[name],
      });
    }
  });
}

async function lateness(port, precise) {
  let waited = 0;
  const began = new Map();
  const { seconds } = await load(planOf(port, { rate: 2000, ms: 6000, precise, sources: [] }), {
    onTick: ({ second }) => {
      for (const pid of children()) {
        if (second === 1) began.set(pid, readWait(pid));
        else if (began.has(pid)) waited = Math.max(waited, readWait(pid) - began.get(pid));
      }
    },
  });
  const p99s = seconds.slice(2, -1).map(({ latenessP99Ms = 0 }) => latenessP99Ms);
  return { p99Ms: median(p99s), best: Math.min(...p99s), waitedMs: Math.round(waited) };
}

/** Reported against the kernel's timestamps, at a server that answers after exactly 50 ms. */
export function wireFigures({ figures, programOf, rounds }) {
  return withServer([programOf('server')], async (port) => {
    const detail = [];
    const shares = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = await watched(() =>
        withWire(programOf('wire'), { port, seconds: 60 }, () =>
          load(planOf(port, { rate: 1000, ms: 7000, path: '/delay/50', sources: [] })),
        ),
      );
      const { value, wire } = one.value;
      if (wire === undefined) {
        console.log('left out wire: kernel timestamps of packets need CAP_NET_RAW');
        return;
      }
      const { upgrade } = value.latency;
      detail.push({
        p50Ms: [upgrade.p50Ms, wire.p50Ms],
        p99Ms: [upgrade.p99Ms, wire.p99Ms],
        lost: wire.lost,
        counts: [upgrade.count, wire.count],
      });
      shares.push(one);
    }
    for (const [name, most] of [
      ['p50Ms', 0.1],
      ['p99Ms', 0.75],
    ]) {
      figures.tell(`wire-${name.slice(0, 3)}`, {
        what: `reported ${name.slice(0, 3)} minus that on the wire, at a server that answers after exactly 50 ms, 1000/s`,
        value: median(detail.map((each) => each[name][0] - each[name][1])),
        most,
        unit: ' ms',
        isTimed: true,
        shares,
        detail: name === 'p50Ms' ? detail : undefined,
      });
    }
  });
}
