// The AWS SDK for JavaScript talks to @connections. Reads {endpoint, id, allowed, posting}, prints what came of
// each call: [status, fields] or [error, status].
import { text } from 'node:stream/consumers';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

const { endpoint, id, allowed, posting } = JSON.parse(await text(process.stdin));
const ConnectionId = id;
const get = new GetConnectionCommand({ ConnectionId });
const post = (Data) => new PostToConnectionCommand({ ConnectionId, Data });
const remove = new DeleteConnectionCommand({ ConnectionId });
const unknown = { id: 'AKIAUNKNOWNUNKNOWN11', secret: 'x' };

const results = {
  post: await attempt(allowed, post(Buffer.from('h\u00e9llo'))),
  get: await attempt(allowed, get),
  posting: await attempt(posting, post('again')),
  denied: await attempt(posting, get),
  nobody: await attempt(unknown, get),
  wrong: await attempt({ ...allowed, secret: 'x' }, get),
  elsewhere: await attempt(allowed, get, 'eu-west-1'),
  delete: await attempt(allowed, remove),
  gone: await attempt(allowed, post('late')),
};
console.log(JSON.stringify(results));

async function attempt(key, command, region = 'us-east-1') {
  const credentials = { accessKeyId: key.id, secretAccessKey: key.secret };
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    region,
    credentials,
    maxAttempts: 1,
  });
  try {
    const { $metadata, ...fields } = await client.send(command);
    return [$metadata.httpStatusCode, Object.keys(fields).toSorted()];
  } catch (error) {
    const name = error instanceof GoneException ? 'GoneException' : error.name;
    return [name, error.$metadata?.httpStatusCode ?? String(error)];
  } finally {
    client.destroy();
  }
}
