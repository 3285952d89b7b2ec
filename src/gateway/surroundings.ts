// What functions find around them so that they reach the gateway as they would reach AWS: the SDK's environment variable for
// the endpoint of @connections, and hosts of AWS whose requests come here.
import type { Api } from './api.ts';
import type { FunctionSurroundings } from './lambda.ts';

/**
 * The surroundings of a function. `origins` are those of the APIs that listen, by name. Only APIs with a `DomainName` are
 * reached by it.
 */
export function surroundingsOf(
  handler: string,
  apis: Readonly<Record<string, Api>>,
  origins: ReadonlyMap<string, string>,
): FunctionSurroundings {
  const named = Object.entries(apis).flatMap(([name, api]) => {
    const { DomainName: host } = api.config;
    const origin = origins.get(name);
    return host === undefined || origin === undefined ? [] : [{ api, host, origin }];
  });
  const callers = named.filter(({ api }) => calls(api, handler));
  const [only] = callers.length === 0 ? named : callers;
  const isOnly = (callers.length === 0 ? named : callers).length === 1;
  const endpoint = only && isOnly ? endpointOf(only) : undefined;
  return {
    environment: endpoint === undefined ? {} : { [ENDPOINT_VARIABLE]: endpoint },
    redirects: Object.fromEntries(named.map(({ host, origin }) => [host, origin])),
  };
}

// "AWS_ENDPOINT_URL_<SERVICE>, where <SERVICE> is the AWS service identifier" (AWS SDKs and Tools, "Service-specific endpoints").
const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI';

function calls({ config }: Api, handler: string): boolean {
  const owners = [...Object.values(config.Integrations), ...Object.values(config.Authorizers)];
  return owners.some((owner) => 'Handler' in owner && owner.Handler === handler);
}

// With TLS by its domain, which is redirected: the certificate is seldom one that the SDK trusts.
function endpointOf(named: {
  readonly api: Api;
  readonly host: string;
  readonly origin: string;
}): string {
  const [stage = ''] = Object.keys(named.api.config.Stages);
  const isTls = named.origin.startsWith('https:');
  return `${isTls ? `https://${named.host}` : named.origin}/${stage}`;
}
