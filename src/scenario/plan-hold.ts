// What the plans of a step hold, as far as can be read: a plan with a mistake may hold anything.
import { parseDuration } from '../base/duration.ts';
import { type Holds, isOpen, type NameScope } from './name-scope.ts';
import { INVOCATIONS } from './path.ts';
import { connect, integrationPlan } from './schema-step.ts';
import { childOf, entriesOf, type MapEntry, type SourceNode, textOf } from './source-node.ts';

/** What a `connect` holds, by its argument. */
export function stepHolds(argument: SourceNode, scope: NameScope): Holds {
  const backend = childOf(argument, 'backend');
  const holds: Holds = new Set();
  const strange = [
    ...strangeEntries(argument, CONNECT_KEYS),
    ...strangeEntries(backend, INVOCATIONS),
  ];
  if (isOpen(argument) || isUnreadable(backend) || strange.some(mayBePlan)) holds.add('unknown');
  for (const invocation of INVOCATIONS) {
    const plan = childOf(backend, invocation);
    if (planIsUnclear(plan)) holds.add('unknown');
    if (planHolds(plan, scope)) holds.add(invocation);
  }
  return holds;
}

/** True when a plan holds; a hold that is too short to prove anything is warned of. */
export function planHolds(plan: SourceNode | undefined, { found }: NameScope): boolean {
  const hold = childOf(plan, 'hold');
  const written = textOf(hold);
  if (hold === undefined || written === undefined) return hold !== undefined;
  const ms = parseDuration(written);
  if (!isOpen(hold) && ms !== undefined && ms < LEAST_HOLD_MS) {
    found.push({
      code: 'SCN_SHORT_HOLD',
      severity: 'warning',
      span: hold.span,
      message: `${written} is too short to catch an endpoint that answers a little early`,
      hint: 'hold for 500ms or more',
    });
  }
  return true;
}

const LEAST_HOLD_MS = 500;

/** True when it cannot be told whether a plan holds: a variable, another kind of value, a strange key. */
export function planIsUnclear(plan: SourceNode | undefined): boolean {
  return isUnreadable(plan) || strangeEntries(plan, PLAN_KEYS).some(mayBePlan);
}

const CONNECT_KEYS = Object.keys(connect.shape);
const PLAN_KEYS = [...Object.keys(integrationPlan.shape), 'effect', 'principalId', 'context'];

function strangeEntries(
  node: SourceNode | undefined,
  known: readonly string[],
): readonly MapEntry[] {
  const rivals = node?.kind === 'map' ? (node.rivals ?? []) : [];
  return [...entriesOf(node).filter(({ key }) => !known.includes(key)), ...rivals];
}

/** A key nobody knows can mean a plan, a part of one, or the time of a hold. */
function mayBePlan({ value }: MapEntry): boolean {
  return value.kind === 'map' || parseDuration(textOf(value) ?? '') !== undefined;
}

function isUnreadable(node: SourceNode | undefined): boolean {
  return node !== undefined && (isOpen(node) || node.kind !== 'map');
}
