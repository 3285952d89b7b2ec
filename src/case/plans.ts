// What the backend of an attempt shall do: what the scenario plans, and what its credentials add.
import { ALLOW } from '../probe/answer.ts';
import type { ConnectSpec, Plan } from '../scenario/model.ts';
import type { Target } from '../target/model.ts';
import { credentialsFor } from './request.ts';

/**
 * The plans of an attempt. Credentials that name the API key which the authorizer knows them by put
 * it into its answer, unless the scenario plans another.
 */
export function plansFor(spec: ConnectSpec, target: Target): ConnectSpec['backend'] {
  const known = target.endpoints[spec.endpoint]?.credentials ?? {};
  const { usageIdentifierKey } = credentialsFor(spec, known);
  const plan: Plan = spec.backend.authorizer ?? { when: { kind: 'now' }, answer: ALLOW };
  const { answer } = plan;
  if (usageIdentifierKey === undefined || answer.kind !== 'authorizer') return spec.backend;
  if (answer.usageIdentifierKey !== undefined) return spec.backend;
  return { ...spec.backend, authorizer: { ...plan, answer: { ...answer, usageIdentifierKey } } };
}
