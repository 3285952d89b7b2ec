// How loads are carried out, as the command line says.
import { probeThrottle } from '../load/probe-throttle.ts';
import { runLoad } from '../load/run-load.ts';
import type { LoadDriver } from '../run/run-load-case.ts';
import type { Io } from './io.ts';

/** What the command line says about loads. */
export interface LoadCliOptions {
  readonly allowHost?: readonly string[];
  readonly workers?: number;
  readonly precise?: boolean;
}

/** Who carries loads out. */
export function loadDriver(io: Io, options: LoadCliOptions): LoadDriver {
  const { allowHost = [], workers, precise = false } = options;
  return {
    run: (plan, load) => runLoad(plan, load),
    probe: probeThrottle,
    usage: io.usage,
    options: { allowHosts: allowHost, workers, precise },
  };
}
