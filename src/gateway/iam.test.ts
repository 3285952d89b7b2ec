import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { ARN, KEYS } from './fixture/iam-users.ts';
import { amzDate, headerLines, presigned, type Signing } from './fixture/sign.ts';
import { type Answered, type Stand, startStand } from './fixture/stand.ts';

// What the peer sends.
const HOST = 'gateway.example:8080';
const NOW = Date.parse('2026-03-01T12:00:00Z');

let stand: Stand;
beforeAll(async () => {
  const clock = { ...realClock(), wallMs: () => NOW };
  stand = await startStand({ clock });
});
afterAll(() => stand.close());

const signing = (more: Partial<Signing> = {}): Signing => ({
  ...KEYS.right,
  date: amzDate(NOW),
  host: HOST,
  ...more,
});

async function connectWith(lines: readonly string[], target = '/dev'): Promise<string> {
  const peer = await stand.upgrade('iam', target, lines);
  const answer = await peer.answer();
  const { status, body } = answer;
  const message = body === '' ? '' : (JSON.parse(body) as { message: string }).message;
  return status === 101 ? 'opened' : `${status} ${answer.header('x-amzn-errortype')}: ${message}`;
}

const inHeader = (more?: Partial<Signing>): Promise<string> =>
  connectWith(headerLines(signing(more)), more?.path);
const inQuery = (more?: Partial<Signing>): Promise<string> =>
  connectWith([], presigned(signing({ expires: '60', ...more })));

const UNSIGNED = '403 MissingAuthenticationTokenException: Missing Authentication Token';
const UNKNOWN =
  '403 UnrecognizedClientException: The security token included in the request is invalid.';
const MISMATCH =
  '403 InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.';
const EXPIRED = /^403 InvalidSignatureException: Signature expired: /;
const EARLY = /^403 InvalidSignatureException: Signature not yet current: /;
const REGION =
  "403 InvalidSignatureException: Credential should be scoped to a valid Region: 'us-east-1'.";
const SERVICE =
  "403 InvalidSignatureException: Credential should be scoped to correct service: 'execute-api'.";
const TERMINATOR =
  "403 InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request'.";
const SCOPE_DATE =
  '403 InvalidSignatureException: Date in Credential scope does not match YYYYMMDD of the date of the request.';
const HEADERS =
  "403 InvalidSignatureException: 'Host' and every 'x-amz-*' header must be a 'SignedHeader' in the Authorization.";
const VALIDITY =
  '403 IncompleteSignatureException: X-Amz-Expires must be a number of seconds from 1 to 604800.';

/** A text matches as a whole. */
const exactly = (expected: string | RegExp): RegExp =>
  typeof expected === 'string'
    ? new RegExp(`^${expected.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$`)
    : expected;

const minutes = (count: number): string => amzDate(NOW + count * 60_000);
const denied = (name: string, stage = 'dev'): string =>
  `403 AccessDeniedException: User: arn:aws:iam::123456789012:user/${name} is not authorized to perform: execute-api:Invoke on resource: ${ARN}/${stage}/$connect`;

describe.each([
  ['header', inHeader],
  ['query', inQuery],
])('signed in its %s', (_, attempt) => {
  test.each<[string, Partial<Signing>, string | RegExp]>([
    ['right', {}, 'opened'],
    ['with another stage', { path: '/prod' }, 'opened'],
    ['temporary credentials', KEYS.temporary, 'opened'],
    [
      'temporary credentials without their token',
      { ...KEYS.temporary, sessionToken: undefined as never },
      UNKNOWN,
    ],
    [
      'temporary credentials with another token',
      { ...KEYS.temporary, sessionToken: 'To/ken+=2' },
      UNKNOWN,
    ],
    ['a token that nobody gave', { sessionToken: 'To/ken+=1' }, UNKNOWN],
    ['an unknown key', { accessKeyId: 'AKIAUNKNOWNUNKNOWN11' }, UNKNOWN],
    ['a key of a prototype', { accessKeyId: 'constructor' }, UNKNOWN],
    ['an inactive key', KEYS.inactive, UNKNOWN],
    ['a wrong secret', { secretAccessKey: 'wrong' }, MISMATCH],
    ['the secret of another', { secretAccessKey: KEYS.denied.secretAccessKey }, MISMATCH],
    ['another region', { region: 'eu-west-1' }, REGION],
    ['another service', { service: 'apigateway' }, SERVICE],
    ['another terminator', { terminator: 'aws5_request' }, TERMINATOR],
    ['a scope of yesterday', { scopeDate: '20260228' }, SCOPE_DATE],
    ['no real date', { date: '20261301T120000Z' }, /^403 IncompleteSignatureException: Date /],
    ['the host not signed', { signedHeaders: ['x-amz-date'] }, HEADERS],
    ['a date of tomorrow', { date: minutes(24 * 60) }, EARLY],
    ['six minutes ahead', { date: minutes(6) }, EARLY],
    ['four minutes ahead', { date: minutes(4) }, 'opened'],
    ['another host', { host: 'elsewhere:1234' }, MISMATCH],
    ['another path', { canonicalPath: '/other' }, MISMATCH],
    ['another method', { method: 'POST' }, MISMATCH],
    ['a body', { body: 'something' }, MISMATCH],
    ['a deny in its policy', KEYS.denied, denied('dan')],
    ['a policy about other stages and routes', KEYS.elsewhere, denied('eve')],
    ['a policy about this stage', { ...KEYS.elsewhere, path: '/prod' }, 'opened'],
    ['no policy', KEYS.nothing, denied('ned')],
    ['a policy about @connections', KEYS.poster, denied('pam')],
  ])('%s', async (name, more, expected) => {
    const before = stand.backend.of('$connect').length;
    const answer = await attempt(more);
    expect(answer).toMatch(exactly(expected));
    expect(stand.backend.of('$connect')).toHaveLength(before + (expected === 'opened' ? 1 : 0));
    expect(name).not.toBe('');
  });
});

test.each<[string, Promise<string> | (() => Promise<string>), string | RegExp]>([
  ['nothing', () => connectWith([]), UNSIGNED],
  [
    'a bearer token',
    () => connectWith(['Authorization: Bearer x']),
    /^403 IncompleteSignatureException: /,
  ],
  ['six minutes ago', () => inHeader({ date: minutes(-6) }), EXPIRED],
  ['four minutes ago', () => inHeader({ date: minutes(-4) }), 'opened'],
  ['exactly five minutes ago', () => inHeader({ date: minutes(-5) }), EXPIRED],
  ['presigned and over', () => inQuery({ date: minutes(-1) }), EXPIRED],
  ['presigned a second before', () => inQuery({ date: amzDate(NOW - 59_000) }), 'opened'],
  ['presigned long ago for long', () => inQuery({ date: minutes(-60), expires: '3601' }), 'opened'],
  ['presigned without an end', () => inQuery({ expires: undefined, date: minutes(-4) }), 'opened'],
  [
    'presigned without an end, later',
    () => inQuery({ expires: undefined, date: minutes(-6) }),
    EXPIRED,
  ],
  ['a validity of 0', () => inQuery({ expires: '0' }), VALIDITY],
  ['a validity of more than a week', () => inQuery({ expires: '604801' }), VALIDITY],
  ['a validity of a week', () => inQuery({ expires: '604800' }), 'opened'],
  ['a validity below 0', () => inQuery({ expires: '-5' }), VALIDITY],
  ['a validity in words', () => inQuery({ expires: '1e3' }), VALIDITY],
  ['a validity with a sign', () => inQuery({ expires: '+60' }), VALIDITY],
  [
    'a header of Amazon that is not signed',
    () => connectWith([...headerLines(signing()), 'X-Amz-Extra: 1']),
    HEADERS,
  ],
  [
    'a header of Amazon beside a query that does not sign it',
    () => connectWith(['X-Amz-Extra: 1'], presigned(signing({ expires: '60' }))),
    HEADERS,
  ],
  [
    'a list of headers out of order',
    () => inHeader({ signedHeaders: ['x-amz-date', 'host'] }),
    HEADERS,
  ],
  [
    'a header signed twice',
    () => inHeader({ signedHeaders: ['host', 'host', 'x-amz-date'] }),
    HEADERS,
  ],
  [
    'a signature in upper case',
    () => changed(/Signature=(\w+)/, (hex) => hex.toUpperCase()),
    MISMATCH,
  ],
  ['a digit changed', () => changed(/.$/, (hex) => (hex === '0' ? '1' : '0')), MISMATCH],
  ['a signature cut short', () => changed(/.$/, () => ''), MISMATCH],
  [
    'a parameter added afterwards',
    () => connectWith([], `${presigned(signing({ expires: '60' }))}&nonce=1`),
    MISMATCH,
  ],
  [
    'a parameter taken away afterwards',
    () =>
      connectWith(
        [],
        presigned(signing({ expires: '60', query: [['A', '1']] })).replace('A=1&', ''),
      ),
    MISMATCH,
  ],
  ['a parameter that was signed', () => inQuery({ query: [['A', 'b c+/é~*']] }), 'opened'],
  [
    'its parameters in another order',
    () => {
      const [path = '', query = ''] = presigned(
        signing({ expires: '60', query: [['A', 'b']] }),
      ).split('?');
      return connectWith([], `${path}?${query.split('&').toReversed().join('&')}`);
    },
    'opened',
  ],
  [
    'escapes in lower case',
    () => connectWith([], presigned(signing({ expires: '60' })).replaceAll('%2F', '%2f')),
    'opened',
  ],
  [
    '+ for a blank',
    () =>
      connectWith(
        [],
        presigned(signing({ expires: '60', query: [['A', 'b c']] })).replace('b%20c', 'b+c'),
      ),
    MISMATCH,
  ],
  [
    'the path changed afterwards',
    () => connectWith([], presigned(signing({ expires: '60' })).replace('/dev?', '/prod?')),
    MISMATCH,
  ],
  [
    'a token changed afterwards',
    () =>
      connectWith(
        [],
        presigned(signing({ expires: '60', ...KEYS.temporary })).replace('ken', 'kin'),
      ),
    UNKNOWN,
  ],
  [
    'a token taken away afterwards',
    () =>
      connectWith(
        [],
        presigned(signing({ expires: '60', ...KEYS.temporary })).replace(
          /X-Amz-Security-Token=[^&]*&/,
          '',
        ),
      ),
    UNKNOWN,
  ],
  [
    'names in lower case',
    () => connectWith([], presigned(signing({ expires: '60' })).replaceAll('X-Amz-', 'x-amz-')),
    UNSIGNED,
  ],
  [
    'the date twice',
    () => connectWith([], `${presigned(signing({ expires: '60' }))}&X-Amz-Date=${amzDate(NOW)}`),
    /^403 IncompleteSignatureException: /,
  ],
  [
    'in header and query',
    () => connectWith(headerLines(signing()), presigned(signing({ expires: '60' }))),
    /^403 IncompleteSignatureException: /,
  ],
  [
    'with a header that is signed twice',
    () => connectWith([...headerLines(signing()), headerLines(signing())[1] ?? '']),
    /^403 IncompleteSignatureException: /,
  ],
])('%s', async (_, attempt, expected) => {
  const answer = typeof attempt === 'function' ? await attempt() : await attempt;
  expect(answer).toMatch(exactly(expected));
});

async function changed(part: RegExp, change: (found: string) => string): Promise<string> {
  const [date = '', authorization = ''] = headerLines(signing());
  const other = authorization.replace(part, (whole, hex: string | number) =>
    typeof hex === 'string' ? whole.replace(hex, change(hex)) : change(whole),
  );
  return connectWith([date, other]);
}

test('the event tells who has signed, and so does the one of its end', async () => {
  const seen = stand.backend.of('$connect').length;
  const lines = headerLines(signing());
  const peer = await stand.upgrade('iam', '/dev', lines);
  expect((await peer.answer()).status).toBe(101);
  const { event } = await stand.backend.until('$connect', seen + 1);
  const { identity } = event['requestContext'] as { identity: JsonObject };
  expect(identity).toEqual({
    accountId: '123456789012',
    caller: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    user: identity['caller'],
    userArn: 'arn:aws:iam::123456789012:user/ann',
    accessKey: KEYS.right.accessKeyId,
    sourceIp: '127.0.0.1',
  });
  const ends = stand.backend.of('$disconnect').length;
  peer.close();
  const { event: end } = await stand.backend.until('$disconnect', ends + 1);
  expect((end['requestContext'] as { identity: JsonObject }).identity).toEqual(identity);
});

describe('@connections', () => {
  const ID = 'AAAAAAAAAAAAAAA=';

  const call = (
    method: string,
    more: Partial<Signing> = {},
    sent = more.body,
  ): Promise<Answered> => {
    const path = `/dev/@connections/${encodeURIComponent(ID)}`;
    const canonicalPath = '/dev/%40connections/AAAAAAAAAAAAAAA%253D';
    const body = sent === undefined ? undefined : Buffer.from(sent);
    const lines = headerLines(signing({ method, path, canonicalPath, ...more }));
    return answered({ method, path, lines, body });
  };

  function answered(asked: {
    readonly method: string;
    readonly path: string;
    readonly lines: readonly string[];
    readonly body: Buffer | undefined;
  }): Promise<Answered> {
    const { method, path, lines, body } = asked;
    const headers = [`Host: ${HOST}`, ...lines].flatMap((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    });
    const length = ['Content-Length', String(body?.length ?? 0)];
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: stand.port('iam'), agent: false };
      const sent = httpRequest(
        { ...to, method, path, headers: [...headers, ...length] },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const short = ({ status, headers }: Answered): string =>
    `${status} ${String(headers['x-amzn-errortype'])}`;

  // 410: the caller may ask, and there is no such connection.
  test.each<[string, string, Partial<Signing>, string]>([
    ['POST', 'signed', { body: 'héllo' }, '410 GoneException'],
    ['GET', 'signed', {}, '410 GoneException'],
    ['DELETE', 'signed', {}, '410 GoneException'],
    ['POST', 'for another service', { service: 's3', body: 'x' }, '403 InvalidSignatureException'],
    [
      'POST',
      'for another region',
      { region: 'eu-west-1', body: 'x' },
      '403 InvalidSignatureException',
    ],
    [
      'POST',
      'by one without permission',
      { ...KEYS.elsewhere, body: 'x' },
      '403 AccessDeniedException',
    ],
    ['POST', 'by one who may POST', { ...KEYS.poster, body: 'x' }, '410 GoneException'],
    ['GET', 'by one who may POST', KEYS.poster, '403 AccessDeniedException'],
    ['DELETE', 'by one who may POST', KEYS.poster, '403 AccessDeniedException'],
    ['PUT', 'by one who may POST', KEYS.poster, '403 AccessDeniedException'],
    ['GET', 'for another method', { method: 'DELETE' }, '403 InvalidSignatureException'],
  ])('%s %s', async (method, _, more, expected) => {
    expect(short(await call(method, more))).toBe(expected);
  });

  test('a body that was changed afterwards', async () => {
    expect(short(await call('POST', { body: 'x' }, 'y'))).toBe('403 InvalidSignatureException');
  });

  test('unsigned, with the words of the service', async () => {
    const answer = await answered({
      method: 'POST',
      path: `/dev/@connections/${ID}`,
      lines: [],
      body: undefined,
    });
    expect(short(answer)).toBe('403 MissingAuthenticationTokenException');
    expect(answer.body).toBe('{"message":"Missing Authentication Token"}');
    expect(answer.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
  });

  test('not permitted, with the resource that a policy would name', async () => {
    const { body } = await call('DELETE', KEYS.poster);
    const resource = `${ARN}/dev/DELETE/@connections/${ID}`;
    expect(JSON.parse(body)).toEqual({
      message: `User: arn:aws:iam::123456789012:user/pam is not authorized to perform: execute-api:ManageConnections on resource: ${resource}`,
    });
  });

  test('without AWS_IAM nobody is asked', async () => {
    expect((await stand.manage('GET', `/dev/@connections/${ID}`)).status).toBe(410);
  });
});
