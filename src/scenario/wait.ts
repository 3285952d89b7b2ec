// How long a case waits on purpose: holds, delays and silence that its steps ask for.
import type { Plan, Step } from './model.ts';

/** How long steps wait by what the file says, whatever the endpoint does, in milliseconds. */
export function waitInTurn(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + waitMs(step), 0);
}

function waitMs(step: Step): number {
  switch (step.verb) {
    case 'connect':
      return longest([step.connect.backend.authorizer, step.connect.backend.$connect], step);
    case 'send':
      return longest([step.send.backend], step);
    case 'idle':
      return step.ms;
    case 'repeat':
      return Math.max(step.times * step.everyMs, step.times * waitInTurn(step.steps));
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
