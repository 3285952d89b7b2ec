// GetUsage of API Gateway's control plane: GET /usageplans/{usagePlanId}/usage. Only this machine is
// answered, because the call is not signed.
import type { HttpAnswer } from './management.ts';
import { failure } from './management.ts';
import { queryOf } from './request-head.ts';
import type { UsagePlans } from './usage-plan.ts';

/** The usage plan that a path asks for; `undefined` for every other path. */
export function usagePlanOfPath(path: string): string | undefined {
  const [, id] = /^\/usageplans\/([^/]+)\/usage$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Answers as GetUsage does: `values` holds, by key id, a list of [used, remaining] for each day. */
export function answerUsage(
  plans: UsagePlans,
  usagePlanId: string,
  request: { readonly method: string; readonly target: string },
): HttpAnswer {
  if (request.method !== 'GET') {
    return failure(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const query = new URLSearchParams(queryOf(request.target));
  const asked = (name: string): string | undefined => query.get(name) ?? undefined;
  const usage = plans.usage(usagePlanId, {
    startDate: asked('startDate'),
    endDate: asked('endDate'),
    keyId: asked('keyId'),
  });
  if ('problem' in usage) {
    return usage.problem === 'no-such-plan'
      ? failure(404, 'NotFoundException', usage.message)
      : failure(400, 'BadRequestException', usage.message);
  }
  const { items: values, ...range } = usage;
  return {
    status: 200,
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify({ ...range, values }),
  };
}

/** True for an address of this machine. */
export function isLoopback(address: string | undefined): boolean {
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address ?? '');
}
