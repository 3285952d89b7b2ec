// How loads are carried out, as the command line says.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { runWithK6 } from '../k6/engine.ts';
import { fitToK6 } from '../k6/gap.ts';
import { probeThrottle } from '../load/probe-throttle.ts';
import { runLoad } from '../load/run-load.ts';
import type { LoadDriver } from '../run/run-load-case.ts';
import type { Io } from './io.ts';

/** What the command line says about loads. */
export interface LoadCliOptions {
  readonly allowHost?: readonly string[];
  readonly workers?: number;
  readonly precise?: boolean;
  readonly engine?: 'builtin' | 'k6';
  readonly segments?: number;
}

/** Who carries loads out. */
export function loadDriver(io: Io, options: LoadCliOptions, redactor: Redactor): LoadDriver {
  const { allowHost = [], workers, precise = false, engine, segments = 1 } = options;
  const builtin: LoadDriver = {
    run: (plan, load) => runLoad(plan, load),
    probe: probeThrottle,
    usage: io.usage,
    options: { allowHosts: allowHost, workers, precise },
  };
  if (engine !== 'k6') return builtin;
  const said = new Set<string>();
  const onGaps = (gaps: readonly string[]): void => {
    for (const gap of gaps.filter((one) => !said.has(one))) {
      said.add(gap);
      io.stderr(redactor.text(`k6 cannot do all of it: ${gap}\n`));
    }
  };
  const { version, env } = io;
  const how = { binary: binaryOf(io), segments, redactor, version, env, onGaps };
  return {
    ...builtin,
    run: (plan, load) => runWithK6(plan, load, how),
    fit: (asked) => {
      const { load, gaps } = fitToK6(asked);
      onGaps(gaps);
      return load;
    },
  };
}

/**
 * Sees that k6 is there, before anything else is started.
 *
 * @throws {ToolError} ENGINE_UNAVAILABLE
 */
export async function demandK6(io: Io): Promise<void> {
  const binary = binaryOf(io);
  const { stdout } = await promisify(execFile)(binary, ['version'], { env: io.env }).catch(
    (thrown: unknown) => {
      throw new ToolError('ENGINE_UNAVAILABLE', `k6 cannot be started: ${messageOf(thrown)}.`, {
        cause: thrown,
        hint: HINT,
      });
    },
  );
  const [, major = '0', minor = '0'] = /\bv(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 6)) return;
  const found = stdout.trim().split('\n')[0] ?? '';
  throw new ToolError('ENGINE_UNAVAILABLE', `This k6 is too old: ${found}.`, { hint: HINT });
}

const HINT =
  'Install k6 1.6 or newer (https://grafana.com/docs/k6/latest/set-up/install-k6/), or name it: K6=/path/to/k6.';

function binaryOf({ env }: Io): string {
  return env['K6'] === undefined || env['K6'] === '' ? 'k6' : env['K6'];
}
