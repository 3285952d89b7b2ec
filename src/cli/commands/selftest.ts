// `ws-assay selftest`: starts the reference gateway with each fault and requires exactly its kills.
import { appendFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { drawSeed } from '../../base/random.ts';
import { visible } from '../../base/visible.ts';
import { FAULTS } from '../../gateway/faults.ts';
import { isExact } from '../../mutant/kill.ts';
import { matrixRows, renderMatrix } from '../../mutant/matrix.ts';
import { isSound, renderSelftest, SAMPLE, selftest } from '../../mutant/selftest.ts';
import { openFaultBench } from '../fault-bench.ts';
import { demandFaults } from '../fault-names.ts';
import type { Io } from '../io.ts';

/** Options of the command. */
export interface SelftestCommandOptions {
  readonly atOnce?: number;
  /** Every fault against every case. */
  readonly full?: boolean;
  /** Other cases than those a fault names, for each fault. */
  readonly others?: number;
  readonly seed?: string;
  /** File for the kill matrix. */
  readonly matrix?: string;
}

/**
 * Exit code 0 when every fault breaks exactly what it names, else 1.
 *
 * @throws {ToolError} USAGE, REPORT_NOT_WRITABLE; nothing has been started then
 */
export async function selftestCommand(
  io: Io,
  names: readonly string[],
  { full = false, others = SAMPLE, seed = drawSeed(), ...options }: SelftestCommandOptions,
): Promise<number> {
  demandFaults(names);
  const matrix = options.matrix === undefined ? undefined : resolve(io.cwd, options.matrix);
  if (matrix !== undefined) demandMatrix(matrix, names.length === 0);
  const faults = FAULTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const bench = await openFaultBench(io, seed, full ? 16 : undefined);
  const running = selftest({
    faults,
    cases: bench.plan.runnable,
    scope: { seed, others: full ? 'all' : others },
    run: bench.run,
    clean: names.length === 0 ? 'all' : 'what-faults-meet',
    atOnce: options.atOnce ?? (full ? 6 : 12),
    onVerdict: (verdict) => io.stderr(`${isExact(verdict) ? '✓' : '✗'} ${verdict.fault}\n`),
  });
  const result = await running.finally(bench.close);
  const exact = result.verdicts.every(isExact) && isSound(result.clean);
  // Which checks no fault breaks is known only when every fault was run.
  const shown = names.length === 0 ? result : { ...result, unkilled: [], exact };
  io.stdout(visible(renderSelftest(shown), true));
  if (matrix !== undefined) {
    const rows = matrixRows(faults, result.verdicts);
    writeMatrix(matrix, renderMatrix(rows, full));
  }
  return shown.exact ? 0 : 1;
}

/** What takes an hour to find out must not be lost in the end. */
function demandMatrix(path: string, hasEveryFault: boolean): void {
  if (!hasEveryFault) {
    throw new ToolError('USAGE', '--matrix shows every fault.', {
      hint: 'Write no names of faults.',
    });
  }
  write(path, () => appendFileSync(path, ''));
}

function writeMatrix(path: string, text: string): void {
  write(path, () => writeFileSync(path, text));
}

function write(path: string, perform: () => void): void {
  try {
    perform();
  } catch (cause) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write ${path}: ${messageOf(cause)}.`, {
      cause,
      hint: 'Choose another file with --matrix.',
    });
  }
}
