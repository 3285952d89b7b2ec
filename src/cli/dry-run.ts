// What a run would do, as text: nothing is started and nothing is sent.
import { formatDuration } from '../base/duration.ts';
import { visible } from '../base/visible.ts';
import { countConnections } from '../run/cost.ts';
import { attemptsOf, sizeOf } from '../scenario/load-model.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { describeCost, describeImpact } from './cost-guard.ts';
import { describeLoad } from './dry-run-load.ts';
import type { RunPlan } from './run-plan.ts';

/** Lists the cases with what they cost, then what does not apply and why. */
export function describePlan(plan: RunPlan): string {
  const { preview } = plan.target;
  const cases = plan.runnable.map(describeCase);
  const notApplicable = plan.notApplicable.map(
    ({ id, findings }) => `  ${id}: not applicable (${findings[0]?.reason ?? 'no check'})`,
  );
  const leftOut = plan.leftOut.map(({ id, findings }) => `  ${id}: ${findings[0]?.message ?? ''}`);
  const endpoints = Object.entries(preview.endpoints).map(([role, { url }]) => `  ${role}: ${url}`);
  return visible(
    [
      `target ${preview.name}${preview.launch === undefined ? '' : ' (would be started)'}`,
      ...(preview.launch === undefined ? endpoints : []),
      `${counted(plan.runnable.length, 'case')}, ${counted(countChecks(plan.runnable), 'check')}, at most ${preview.concurrency} at a time`,
      ...cases,
      ...(notApplicable.length === 0
        ? []
        : [`${notApplicable.length} not applicable`, ...notApplicable]),
      ...(plan.leftOut.length === 0 ? [] : [`${plan.leftOut.length} left out`, ...leftOut]),
      `connections: ${plan.runnable.reduce((sum, spec) => sum + countAll(spec), 0)}`,
      `longest possible: ${formatDuration(longestMs(plan))}`,
      ...describeCost(plan),
      ...describeImpact(plan),
      '',
    ].join('\n'),
    true,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function describeCase(spec: CaseSpec): string {
  const isolation = spec.isolation === 'shared' ? '' : `, ${spec.isolation}`;
  const line = `  ${spec.id}: ${spec.checks.map(({ id }) => id).join(', ')} (at most ${formatDuration(spec.longestMs)}${isolation})`;
  return [line, ...describeLoad(spec).map((text) => `    ${text}`)].join('\n');
}

function countChecks(cases: readonly CaseSpec[]): number {
  return cases.reduce((sum, { checks }) => sum + checks.length, 0);
}

function countAll(spec: CaseSpec): number {
  if (spec.load !== undefined) return sizeOf(spec.load).attempts;
  if (spec.throttle !== undefined) return attemptsOf(spec.throttle);
  return countConnections(spec.steps);
}

/** Shared cases fill the lanes one after the other; all others run alone. */
function longestMs(plan: RunPlan): number {
  const lanes = Array.from({ length: plan.target.preview.concurrency }, () => 0);
  for (const { longestMs: ms } of plan.runnable.filter(({ isolation }) => isolation === 'shared')) {
    const least = lanes.indexOf(Math.min(...lanes));
    lanes[least] = (lanes[least] ?? 0) + ms;
  }
  const alone = plan.runnable.filter(({ isolation }) => isolation !== 'shared');
  return Math.max(...lanes) + alone.reduce((sum, spec) => sum + spec.longestMs, 0);
}
