// serverless-offline looks for handlers below the service's folder; this is the door to the probe.
export { authorizer, handler } from '../../probe/node/probe.mjs';
