// What a run may cost at most: said before it begins, and refused where it is more than it may be.
import { ToolError } from '../base/errors.ts';
import { formatRate } from '../base/rate.ts';
import { costOf, usageOf } from '../run/cost.ts';
import { sizeOf } from '../scenario/load-model.ts';
import type { Prices } from '../target/model.ts';
import type { RunPlan } from './run-plan.ts';

/** Lines about use and cost; none for a target without a price list. */
export function describeCost({ runnable, target }: RunPlan): readonly string[] {
  const { prices } = target.preview;
  if (prices === undefined) return [];
  const usage = usageOf(runnable);
  const { connections, messages, connectionMinutes } = usage;
  return [
    `at most ${connections} connections, ${messages} messages, ${Math.ceil(connectionMinutes)} connection minutes`,
    `at most ${money(costOf(usage, prices), prices)} (prices of ${prices.dated}: ${prices.source})`,
  ];
}

/** A line about what else a run may be felt by; none where nothing is shared. */
export function describeImpact({ runnable, target }: RunPlan): readonly string[] {
  const hosts = Object.values(target.preview.endpoints).map(({ url }) => url);
  if (!hosts.some((url) => /^wss?:\/\/[^/]+\.execute-api\.[^/]+\.amazonaws\.com/.test(url)))
    return [];
  const rates = runnable.map(({ load, throttle }) =>
    load === undefined ? (throttle?.offer ?? 0) : sizeOf(load).rate,
  );
  const most = Math.max(0, ...rates);
  const much = most === 0 ? '' : `, of which loads here take at most ${formatRate(most)}`;
  return [
    `shared: by default an account has 500 new connections a second in a Region${much}; what else it serves there has the rest`,
  ];
}

/** @throws {ToolError} USAGE when it may cost more, or nobody knows what it costs */
export function demandCost({ runnable, target }: RunPlan, most: number): void {
  const { prices, name } = target.preview;
  if (prices === undefined) {
    throw new ToolError('USAGE', `--max-cost: the target ${name} has no price list.`, {
      hint: 'Write prices into its file (docs/targets.md), or leave --max-cost out.',
    });
  }
  const cost = costOf(usageOf(runnable), prices);
  if (cost <= most) return;
  const message = `The run may cost ${money(cost, prices)}, and --max-cost is ${most}. Nothing was opened.`;
  throw new ToolError('USAGE', message, {
    hint: 'Run fewer cases, or raise --max-cost; --dry-run shows what there is.',
  });
}

/** Rounded up, to what is not nothing. */
function money(amount: number, { currency }: Prices): string {
  return `${(Math.ceil(amount * 10_000) / 10_000).toFixed(4)} ${currency}`;
}
