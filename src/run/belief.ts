// Which checks conclude something from what did not come, and where. That is only as good as the eyes
// that saw nothing.
import { namesIn } from '../check/condition.ts';
import { TYPE_OF } from '../check/moment.ts';
import type { InvocationType } from '../result/evidence.ts';
import type {
  CaseSpec,
  CheckSpec,
  Condition,
  EventQuantity,
  Invocation,
  Step,
} from '../scenario/model.ts';

/** What a check believes not to have happened when it passes. */
export interface Belief {
  readonly check: string;
  /** More of these, or any. */
  readonly types: ReadonlySet<InvocationType>;
  /** Of the endpoints of these roles. */
  readonly roles: readonly string[];
  /** The check's own `within`, in milliseconds. */
  readonly withinMs: number | undefined;
  /** None but on this side of a moment. */
  readonly side?: Side | undefined;
}

/** `never … before` or `never … after`. */
export type Side = NonNullable<Extract<Condition, { readonly kind: 'never' }>['side']>;

/** The beliefs of a case; empty where it asks for presence alone. */
export function beliefsOf(spec: Pick<CaseSpec, 'checks' | 'steps'>): readonly Belief[] {
  const roles = rolesByName(spec.steps);
  return spec.checks.flatMap((check) => {
    const types = believedIn(check.condition);
    if (types.length === 0) return [];
    const named = namesIn(check).flatMap((name) => roles.get(name) ?? []);
    const believed = { types: new Set(types), roles: [...new Set(named)] };
    const side = check.condition.kind === 'never' ? check.condition.side : undefined;
    return [{ check: check.id, withinMs: check.withinMs, side, ...believed }];
  });
}

/** The roles that each connection of the steps connects to. */
export function rolesByName(steps: readonly Step[]): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const step of steps) {
    if (step.verb === 'connect') add(roles, step.connection, [step.connect.endpoint]);
    if (step.verb !== 'parallel' && step.verb !== 'repeat') continue;
    for (const [name, inner] of rolesByName(step.steps)) add(roles, name, inner);
  }
  return roles;
}

function add(roles: Map<string, string[]>, name: string, more: readonly string[]): void {
  roles.set(name, [...(roles.get(name) ?? []), ...more]);
}

function believedIn(condition: CheckSpec['condition']): readonly InvocationType[] {
  const asked = condition.kind === 'threshold' ? condition.of : condition;
  if (asked.kind === 'never') {
    const { of } = asked.moment;
    return of.kind === 'invocation' ? [TYPE_OF[of.invocation]] : [];
  }
  if (asked.kind !== 'events') return [];
  // The keys of `want` are invocations.
  return (Object.keys(asked.want) as Invocation[]).flatMap((invocation) => {
    const quantity = asked.want[invocation];
    return quantity !== undefined && mayBeTooMany(quantity) ? [TYPE_OF[invocation]] : [];
  });
}

// "At least so many" holds whatever else may come, and so does "one such".
function mayBeTooMany({ count, each, none, schema }: EventQuantity): boolean {
  if (each !== undefined || none !== undefined || schema !== undefined) return true;
  if (count === undefined) return false;
  return Object.keys(count).some((key) => key !== 'gte' && key !== 'tolerance');
}
