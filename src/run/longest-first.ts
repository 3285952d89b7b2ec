// In which order cases begin. One that is known to wait for long begins first, so that nobody waits
// for it alone in the end.
import type { CaseSpec, Plan, Step } from '../scenario/model.ts';

/** Those that wait longest on purpose first, then those that may take longest; else as written. */
export function longestFirst(cases: readonly CaseSpec[]): readonly CaseSpec[] {
  const waits = new Map(cases.map((spec) => [spec, inTurn(spec.steps)]));
  const waitOf = (spec: CaseSpec): number => waits.get(spec) ?? 0;
  return cases.toSorted((a, b) => waitOf(b) - waitOf(a) || b.longestMs - a.longestMs);
}

function inTurn(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + waitMs(step), 0);
}

/** How long a step waits by what the file says, whatever the endpoint does. */
function waitMs(step: Step): number {
  switch (step.verb) {
    case 'connect':
      return longest([step.connect.backend.authorizer, step.connect.backend.$connect], step);
    case 'send':
      return longest([step.send.backend], step);
    case 'idle':
      return step.ms;
    case 'repeat':
      return Math.max(step.times * step.everyMs, step.times * inTurn(step.steps));
    case 'parallel':
      return Math.max(0, ...step.steps.map(waitMs));
    case 'release':
    case 'close':
    case 'drop':
    case 'postToConnection':
    case 'getConnection':
    case 'deleteConnection':
    case 'wait':
    default:
      return 0;
  }
}

function longest(
  plans: readonly (Plan | undefined)[],
  { withinMs }: { readonly withinMs: number },
): number {
  const waits = plans.map((plan) => {
    if (plan === undefined || plan.when.kind === 'now') return 0;
    return plan.when.kind === 'hang' ? withinMs : plan.when.ms;
  });
  return Math.max(...waits);
}
