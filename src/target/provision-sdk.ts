// The clients of AWS's control plane, loaded when a target is provisioned: they are optional.
import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import type { Lambda } from '@aws-sdk/client-lambda';
import { messageOf, ToolError } from '../base/errors.ts';
import type { Provision } from './model.ts';

/** The clients that provisioning needs. */
export interface ControlPlane {
  readonly gateway: ApiGatewayV2;
  readonly lambda: Lambda;
}

/**
 * Loads the clients and points them at the endpoint.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED when a package is not installed
 */
export async function openControlPlane({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
}: Provision): Promise<ControlPlane> {
  const options = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const [gateway, lambda] = await load(() =>
    Promise.all([import('@aws-sdk/client-apigatewayv2'), import('@aws-sdk/client-lambda')]),
  );
  return { gateway: new gateway.ApiGatewayV2(options), lambda: new lambda.Lambda(options) };
}

/** What `loading` gives; where a package is missing the sentence that says so. */
export async function load<T>(loading: () => Promise<T>): Promise<T> {
  try {
    return await loading();
  } catch (thrown) {
    const message = `The target was not set up: ${messageOf(thrown).split('\n')[0]}.`;
    const hint = 'npm install @aws-sdk/client-apigatewayv2 @aws-sdk/client-lambda';
    throw new ToolError('TARGET_LAUNCH_FAILED', message, { hint, cause: thrown });
  }
}
