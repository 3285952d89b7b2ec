// What a user may write about a target that is set up through AWS's control plane.
import { object, text } from '../scenario/schema-value.ts';
import { url } from './schema-address.ts';

/** `provision` of a target. */
export const provision = object({
  endpoint: url.describe('where the API of AWS is served: API Gateway V2 and Lambda'),
  region: text.optional().describe('`us-east-1`'),
  accessKeyId: text.optional().describe('that calls are signed with; `test`'),
  secretAccessKey: text.optional().describe('its secret; `test`'),
});
