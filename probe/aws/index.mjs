// The probe as one Lambda function: it is the integration and the authorizer of every API of template.yaml.
// scripts/bundle-probe.mjs makes one file of it and writes it into the template.
import { authorizer, handler as integration } from '../node/probe.mjs';

/** Whatever API Gateway calls: a REQUEST authorizer says so, an integration has a route. */
export async function handler(event, context) {
  return event?.type === 'REQUEST' ? authorizer(event, context) : integration(event, context);
}
