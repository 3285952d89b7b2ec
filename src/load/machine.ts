// What this machine allows a process, as far as it says so. Linux does; elsewhere nothing is known.
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** Limits of this machine; undefined: not known. */
export interface Machine {
  /** Open files of one process. */
  readonly descriptors: number | undefined;
  /** The kernel's own range of source ports. */
  readonly ports: { readonly from: number; readonly to: number };
  readonly freeBytes: number;
}

/** Reads them. */
export function readMachine(): Machine {
  const [, files] = /^Max open files\s+(\d+)/m.exec(readQuietly('/proc/self/limits')) ?? [];
  const range = readQuietly('/proc/sys/net/ipv4/ip_local_port_range').trim().split(/\s+/);
  const [from = Number.NaN, to = Number.NaN] = range.map(Number);
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readQuietly('/proc/meminfo'))?.[1];
  return {
    descriptors: files === undefined ? undefined : Number(files),
    ports: from > 0 && to > from ? { from, to } : DEFAULT_PORTS,
    freeBytes: available === undefined ? freemem() : Number(available) * 1024,
  };
}

// Of Linux; the range that RFC 6335 names lies inside it.
const DEFAULT_PORTS = { from: 32_768, to: 60_999 };

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
