// AWS's own clients talk to @connections of the gateway: botocore, what the SDK for Python and the command line are
// made of, and the SDK for JavaScript. Real signing, typed errors. Skipped, by name, where there is none.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../../src/gateway.ts';

const KEYS = {
  allowed: { id: 'AKIAALLOWEDALLOWED11', secret: 'secret+of/allowed' },
  posting: { id: 'AKIAPOSTINGPOSTING11', secret: 'secret+of/posting' },
};

const allow = (...Resource: readonly string[]): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:ManageConnections', Resource }],
});

const PROGRAM = `
import json, sys
import botocore.session
from botocore.config import Config
given = json.load(sys.stdin)
def client(key, region='us-east-1'):
    return botocore.session.get_session().create_client('apigatewaymanagementapi', region_name=region,
        endpoint_url=given['endpoint'], aws_access_key_id=key['id'], aws_secret_access_key=key['secret'],
        config=Config(retries={'max_attempts': 0}))
def attempt(call):
    try:
        answer = call()
        meta = answer.pop('ResponseMetadata')
        return [meta['HTTPStatusCode'], sorted(answer)]
    except Exception as error:
        return [type(error).__name__, error.response['ResponseMetadata']['HTTPStatusCode']]
allowed, posting = client(given['allowed']), client(given['posting'])
nobody, wrong = client({'id': 'AKIAUNKNOWNUNKNOWN11', 'secret': 'x'}), client({**given['allowed'], 'secret': 'x'})
elsewhere = client(given['allowed'], 'eu-west-1')
one = {'ConnectionId': given['id']}
print(json.dumps({
    'post': attempt(lambda: allowed.post_to_connection(Data='h\\u00e9llo'.encode(), **one)),
    'get': attempt(lambda: allowed.get_connection(**one)),
    'posting': attempt(lambda: posting.post_to_connection(Data=b'again', **one)),
    'denied': attempt(lambda: posting.get_connection(**one)),
    'nobody': attempt(lambda: nobody.get_connection(**one)),
    'wrong': attempt(lambda: wrong.get_connection(**one)),
    'elsewhere': attempt(lambda: elsewhere.get_connection(**one)),
    'delete': attempt(lambda: allowed.delete_connection(**one)),
    'gone': attempt(lambda: allowed.post_to_connection(Data=b'late', **one)),
}))
`;

function hasBotocore(): boolean {
  try {
    execFileSync('python3', ['-c', 'import botocore.session'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let gateway: Gateway;
const ECHO = new URL('./server/connection-id.mjs', import.meta.url).pathname;

beforeAll(async () => {
  const resource = 'arn:aws:execute-api:us-east-1:123456789012:signed';
  const user = (key: { id: string; secret: string }, PolicyDocument: object): object => ({
    AccessKeys: { [key.id]: { SecretAccessKey: key.secret } },
    PolicyDocument,
  });
  gateway = await startGateway({
    Apis: {
      signed: {
        ApiId: 'signed',
        ConnectionsAuthorizationType: 'AWS_IAM',
        Routes: {
          $default: { Target: 'integrations/id', RouteResponseSelectionExpression: '$default' },
        },
        Integrations: { id: { Handler: `${ECHO}#handler` } },
        Stages: { prod: {} },
      },
    },
    Users: {
      allowed: user(KEYS.allowed, allow(`${resource}/*`)),
      posting: user(KEYS.posting, allow(`${resource}/prod/POST/@connections/*`)),
    },
  });
});
afterAll(() => gateway.close());

const SDK = new URL('./client/node/manage.mjs', import.meta.url).pathname;
const hasSdk = existsSync(
  new URL('./client/node/node_modules/@aws-sdk/client-apigatewaymanagementapi', import.meta.url),
);

/** What comes of each call; `named` gives a client's name for a type of error. */
const results = (named: (type: string) => string): object => ({
  post: [200, []],
  get: [200, ['ConnectedAt', 'Identity', 'LastActiveAt']],
  posting: [200, []],
  denied: [named('AccessDeniedException'), 403],
  nobody: [named('UnrecognizedClientException'), 403],
  wrong: [named('InvalidSignatureException'), 403],
  elsewhere: [named('InvalidSignatureException'), 403],
  delete: [204, []],
  gone: ['GoneException', 410],
});

const SEEN = { received: ['héllo', 'again'], code: 1000 };

test.skipIf(!hasBotocore())(
  'botocore manages connections (skipped without python3-botocore)',
  async () => {
    // It knows only one type of error for this service.
    const shown = { calls: results(() => 'ClientError'), ...SEEN };
    expect(await manage('python3', ['-c', PROGRAM])).toEqual(shown);
  },
);

test.skipIf(!hasSdk)(
  'the SDK for JavaScript manages connections (skipped without npm ci in test/interop/client/node)',
  async () => {
    const shown = { calls: results((type) => type), ...SEEN };
    expect(await manage(process.execPath, [SDK])).toEqual(shown);
  },
);

interface Managed {
  readonly calls: unknown;
  /** By the WebSocket client, after its connection id. */
  readonly received: readonly string[];
  /** Of the close frame. */
  readonly code: number;
}

/** Has a program call the management API of one connection. */
async function manage(command: string, args: readonly string[]): Promise<Managed> {
  const { url, managementUrl } = gateway.apis['signed'] ?? { url: '', managementUrl: '' };
  const socket = new WebSocket(url);
  const received: string[] = [];
  const first = new Promise<string>((resolve) => {
    socket.once('message', (data: Buffer) => {
      socket.on('message', (more: Buffer) => received.push(more.toString('utf8')));
      resolve(data.toString('utf8'));
    });
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('open', () => socket.send('{"who":"am I"}'));
  const id = await first;
  const endpoint = managementUrl.replace('/@connections/{id}', '');
  const running = promisify(execFile)(command, args);
  running.child.stdin?.end(JSON.stringify({ endpoint, id, ...KEYS }));
  const { stdout } = await running;
  return { calls: JSON.parse(stdout), received, code: await closed };
}
