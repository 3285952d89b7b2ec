// The machine that figures are taken on, and how much of it was taken away meanwhile.
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** What every figure depends on. */
export function describeMachine() {
  const [{ model } = { model: 'unknown' }] = cpus();
  return {
    cpu: `${cpus().length} × ${model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.version,
  };
}

/** Does something, and tells beside its value which shares of the processors others had meanwhile. */
export async function watched(work) {
  const before = readStat();
  const wait = readWait();
  const began = performance.now();
  const value = await work();
  const after = readStat();
  const all = after.all - before.all;
  return {
    value,
    /** Taken by the hypervisor, of all processor time. */
    steal: all > 0 ? (after.steal - before.steal) / all : 0,
    /** Neither used nor stolen. */
    idle: all > 0 ? (after.idle - before.idle) / all : 0,
    waitedMs: readWait() - wait,
    seconds: (performance.now() - began) / 1000,
  };
}

/** How long a process has waited for a processor that others had, in ms; 0 where the kernel does not say. */
export function readWait(pid = process.pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** The processes that this one has started and that still run. */
export function children() {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

function readStat() {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user, nice, system, idle, iowait, irq, softirq, steal] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const all = user + nice + system + idle + iowait + irq + softirq + steal;
  return { all, steal, idle: idle + iowait };
}

/** The one in the middle; of an even number the upper one. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
