// Whether a load can be carried out from here at all, before anything is sent: descriptors, source ports, memory. What
// is missing is said with the ceiling and with what lifts it.
import type { Machine } from './machine.ts';
import type { LoadPlan } from './plan.ts';
import { scheduledArrivals } from './schedule.ts';

/** What a process needs beside its connections. */
const OTHER_DESCRIPTORS = 100;
// Measured: 4 KB of a held connection, 60 MB of a process.
const CONNECTION_BYTES = 5000;
const PROCESS_BYTES = 80_000_000;
const LOWEST_PORT = 1024;
// How long an attempt is expected to be on its way beside being held.
const ON_ITS_WAY_MS = 1000;
// Beyond any machine of ours: what is asked for is then more likely a slip.
const MOST_PER_SECOND = 200_000;
const MOST_OPEN = 2_000_000;
const LONGEST_MS = 24 * 3_600_000;

type Asked = Pick<
  LoadPlan,
  'phases' | 'openForMs' | 'endings' | 'workers' | 'sources' | 'endpoints'
>;

/** How many connections are open at a time at most, if each is answered within a second. */
export function mostOpen({ phases, openForMs, endings }: Omit<Asked, 'workers'>): number {
  const arrivals = scheduledArrivals(phases);
  // What is silent stays to the end.
  if (endings.some(({ kind }) => kind === 'silence')) return arrivals;
  const rate = peakRate(phases);
  const bursts = phases.reduce(
    (sum, phase) => sum + (phase.kind === 'burst' ? phase.arrivals : 0),
    0,
  );
  return Math.min(arrivals, Math.ceil((rate * (openForMs + ON_ITS_WAY_MS)) / 1000) + bursts);
}

/** So many workers that none has more connections than descriptors. */
export function workersForOpen(open: number, { descriptors }: Machine): number {
  if (descriptors === undefined) return 1;
  return Math.max(1, Math.ceil(open / Math.max(1, descriptors - OTHER_DESCRIPTORS)));
}

/** Why the load cannot be carried out from here; undefined: it can. */
export function loadProblem(plan: Asked, machine: Machine): string | undefined {
  return (
    beyondReason(plan) ??
    lackOfDescriptors(plan, machine) ??
    lackOfPorts(plan, machine) ??
    lackOfMemory(plan, machine)
  );
}

function beyondReason(plan: Asked): string | undefined {
  const rate = peakRate(plan.phases);
  if (rate > MOST_PER_SECOND) return `${rate} attempts a second are more than ${MOST_PER_SECOND}`;
  const open = mostOpen(plan);
  if (open > MOST_OPEN) return `${open} connections at a time are more than ${MOST_OPEN}`;
  const ms = plan.phases.reduce((sum, one) => sum + ('durationMs' in one ? one.durationMs : 0), 0);
  if (ms > LONGEST_MS) return `a load of ${Math.round(ms / 3_600_000)} hours is longer than a day`;
  return undefined;
}

function lackOfDescriptors(plan: Asked, { descriptors }: Machine): string | undefined {
  if (descriptors === undefined) return undefined;
  const open = mostOpen(plan);
  const ceiling = Math.max(0, descriptors - OTHER_DESCRIPTORS) * plan.workers;
  if (open <= ceiling) return undefined;
  return `up to ${open} connections are open at a time, and ${workers(plan)} of ${descriptors} descriptors can hold ${ceiling}: raise ulimit -n, or hold connections for a shorter time`;
}

function lackOfPorts(plan: Asked, { ports }: Machine): string | undefined {
  const open = mostOpen(plan);
  const { sources, endpoints } = plan;
  const places = new Set(endpoints.map(({ address, port }) => `${address} ${port}`)).size;
  const own = Math.floor((ports.from - LOWEST_PORT) / plan.workers) * plan.workers * sources.length;
  const ceiling = (sources.length === 0 ? ports.to - ports.from + 1 : own) * places;
  if (open <= ceiling) return undefined;
  const from = sources.length === 0 ? 'one source address' : `${sources.length} source addresses`;
  return `up to ${open} connections are open at a time, and ${from} can hold ${ceiling}: use more source addresses, or hold connections for a shorter time`;
}

function lackOfMemory(plan: Asked, { freeBytes }: Machine): string | undefined {
  const need = mostOpen(plan) * CONNECTION_BYTES + plan.workers * PROCESS_BYTES;
  if (need <= freeBytes) return undefined;
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return `up to ${mostOpen(plan)} connections in ${workers(plan)} take about ${mb(need)}, and ${mb(freeBytes)} are free`;
}

function peakRate(phases: LoadPlan['phases']): number {
  return Math.max(
    0,
    ...phases.map((phase) => (phase.kind === 'rate' ? Math.max(phase.from, phase.to) : 0)),
  );
}

function workers({ workers: count }: Asked): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}
