// Ends connections of a load by way of the backend, as the step `deleteConnection` does.
import { registerCredentials } from '../case/credentials.ts';
import { callCredentials, signed } from '../case/sign.ts';
import type { LoadIo } from '../load/io.ts';
import type { LoadSpec } from '../scenario/load-model.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { routeOf } from '../target/route.ts';
import { httpRequest } from '../wire/http-request.ts';
import type { LoadEvents } from './load-events.ts';
import type { CasesRun } from './run-cases-one.ts';

const ID_MS = 5000;
const CALL_MS = 5000;

/** Resolves with whether the endpoint took the call. */
export function createLoadDelete({
  run,
  spec,
  events,
}: {
  readonly run: CasesRun;
  readonly spec: CaseSpec & { readonly load: LoadSpec };
  readonly events: LoadEvents | undefined;
}): NonNullable<LoadIo['deleteConnection']> {
  const { station, clock, redactor } = run;
  const { target } = station;
  return async (number, { ending, endpoint }) => {
    const role = spec.load.connects[endpoint]?.connect.endpoint;
    const management = target.endpoints[role ?? '']?.management ?? target.management;
    const id = await events?.idOf(number, ID_MS);
    if (id === undefined || management === undefined) return false;
    const name = spec.load.endings[ending]?.credentials;
    const credentials = callCredentials(target, name, role);
    const url = management.replaceAll('{id}', encodeURIComponent(id));
    const { pathname, search } = new URL(url);
    const unsigned = {
      url,
      method: 'DELETE',
      target: `${pathname}${search}`,
      headers: credentials?.headers ?? [],
    };
    const call = signed(unsigned, {
      credentials: credentials?.sign,
      spec: undefined,
      wallMs: clock.wallMs(),
    });
    registerCredentials(redactor, call);
    const answer = await httpRequest({
      url,
      method: 'DELETE',
      target: call.target,
      headers: call.headers,
      clock,
      deadlineMs: CALL_MS,
      tls: target.network,
      route: routeOf(target.network),
    });
    return answer.outcome === 'answered' && answer.status < 300;
  };
}
