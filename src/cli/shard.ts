// One of several equal parts of a run: each case is in exactly one of them, on every machine the same.
import { createHash } from 'node:crypto';
import { ToolError } from '../base/errors.ts';
import type { ShardInfo } from '../result/run-result.ts';
import type { CaseSpec } from '../scenario/model.ts';
import type { Divided } from './divide-cases.ts';

/** Which part of how many; the first is 1. */
export type Shard = Pick<ShardInfo, 'index' | 'of'>;

/**
 * The cases of one part, and what is known of the whole. What may take longest is dealt out first, each to the part
 * that has least.
 *
 * @throws {ToolError} USAGE where there are fewer cases to run than parts
 */
export function shardOf(divided: Divided, { index, of }: Shard): Divided & { shard: ShardInfo } {
  const { runnable, notApplicable, leftOut } = divided;
  if (runnable.length < of) throw tooMany(runnable.length, of);
  const dealt = deal(runnable, of);
  const isOwn = ({ id }: { readonly id: string }): boolean => dealt.get(id) === index;
  const others = [...notApplicable, ...leftOut].map(({ id }) => id).toSorted();
  for (const [at, id] of others.entries()) dealt.set(id, (at % of) + 1);
  return {
    runnable: runnable.filter(isOwn),
    notApplicable: notApplicable.filter(isOwn),
    leftOut: leftOut.filter(isOwn),
    shard: { index, of, cases: dealt.size, plan: fingerprint(divided) },
  };
}

function deal(cases: readonly CaseSpec[], of: number): Map<string, number> {
  const loads = Array.from({ length: of }, () => 0);
  const byCost = cases.toSorted((a, b) => b.longestMs - a.longestMs || compare(a.id, b.id));
  return new Map(
    byCost.map(({ id, longestMs }) => {
      const least = loads.indexOf(Math.min(...loads));
      loads[least] = (loads[least] ?? 0) + Math.max(1, longestMs);
      return [id, least + 1];
    }),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Two plans are the same where they ask the same checks of the same cases. */
function fingerprint({ runnable, notApplicable, leftOut }: Divided): string {
  const lines = [
    ...runnable.map(({ id, checks }) => `${id} ${checks.map((check) => check.id).join(' ')}`),
    ...[...notApplicable, ...leftOut].map(
      ({ id, findings }) => `${id} - ${findings.map(({ check }) => check).join(' ')}`,
    ),
  ];
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
}

function tooMany(cases: number, of: number): ToolError {
  return new ToolError(
    'USAGE',
    `--shard: there ${cases === 1 ? 'is 1 case' : `are ${cases} cases`} to run, too few for ${of} parts.`,
    { hint: cases < 2 ? 'Leave --shard out.' : `Take ${cases} parts at most.` },
  );
}
