// Two calls of API Gateway's control plane: GetUsage, GET /usageplans/{usagePlanId}/usage, and
// UpdateUsage, PATCH /usageplans/{usagePlanId}/keys/{keyId}/usage. Only this machine is answered,
// because calls are not signed.
import { isJsonObject, type Json } from '../base/json.ts';
import type { HttpAnswer } from './management.ts';
import { failure } from './management.ts';
import { queryOf } from './request-head.ts';
import type { Usage, UsagePlans, UsageProblem } from './usage-plan.ts';

/** Whose usage a path is about. */
export interface UsagePlace {
  readonly usagePlanId: string;
  /** `undefined` for all keys of the plan, which can only be read. */
  readonly keyId: string | undefined;
}

/** Whose usage a path is about; `undefined` for every other path. */
export function usagePlace(path: string): UsagePlace | undefined {
  const [, usagePlanId, keyId] =
    /^\/usageplans\/([^/]+)(?:\/keys\/([^/]+))?\/usage$/.exec(path) ?? [];
  if (usagePlanId === undefined) return undefined;
  return { usagePlanId: decodeQuietly(usagePlanId), keyId: keyId && decodeQuietly(keyId) };
}

/** Answers as the control plane does: `values` holds, by key id, [used, remaining] for each day. */
export function answerUsage(
  plans: UsagePlans,
  { usagePlanId, keyId }: UsagePlace,
  request: { readonly method: string; readonly target: string; readonly body: string | undefined },
): HttpAnswer {
  if (request.method === 'GET' && keyId === undefined) {
    return answerWith(plans.usage(usagePlanId, queryIn(request.target)));
  }
  if (request.method === 'PATCH' && keyId !== undefined) {
    const remaining = remainingIn(request.body);
    if (remaining === undefined) return failure(400, 'BadRequestException', BAD_PATCH);
    return answerWith(plans.setRemaining({ usagePlanId, keyId }, remaining));
  }
  return failure(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
}

/** True for an address of this machine. */
export function isLoopback(address: string | undefined): boolean {
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address ?? '');
}

const BAD_PATCH = 'write one patch operation: replace /remaining by a whole number';

function queryIn(target: string): Parameters<UsagePlans['usage']>[1] {
  const query = new URLSearchParams(queryOf(target));
  const asked = (name: string): string | undefined => query.get(name) ?? undefined;
  return { startDate: asked('startDate'), endDate: asked('endDate'), keyId: asked('keyId') };
}

function answerWith(usage: Usage | UsageProblem): HttpAnswer {
  if (!('problem' in usage)) {
    const { items: values, ...range } = usage;
    const body = JSON.stringify({ ...range, values });
    return { status: 200, headers: [['Content-Type', 'application/json']], body };
  }
  return usage.problem === 'no-such-plan' || usage.problem === 'no-such-key'
    ? failure(404, 'NotFoundException', usage.message)
    : failure(400, 'BadRequestException', usage.message);
}

// `{"patchOperations":[{"op":"replace","path":"/remaining","value":"10"}]}`
function remainingIn(body: string | undefined): number | undefined {
  const patch = parseQuietly(body ?? '');
  const list = isJsonObject(patch) ? patch['patchOperations'] : undefined;
  const [only, second] = Array.isArray(list) ? list : [];
  if (!isJsonObject(only) || second !== undefined) return undefined;
  if (only['op'] !== 'replace' || only['path'] !== '/remaining') return undefined;
  const { value } = only;
  return typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}

function parseQuietly(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives Json
  } catch {
    return undefined;
  }
}

function decodeQuietly(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
