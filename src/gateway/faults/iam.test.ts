import { KEYS } from '../fixture/iam-users.ts';
import { at, contextOf, type Look, status, testFaults } from '../fixture/looks.ts';
import { amzDate, headerLines, presigned, type Signing } from '../fixture/sign.ts';
import { callHttp } from '../fixture/stand.ts';

const HOST = 'gateway.example:8080';

const now = (ms = 0): string => amzDate(Date.now() + ms);

const signing = (more: Partial<Signing> = {}): Signing => ({
  ...KEYS.right,
  date: now(),
  host: HOST,
  ...more,
});

/** What an upgrade is answered, signed in its header as it is looked at. */
const signed =
  (more: () => Partial<Signing> = () => ({})): Look =>
  (stand) =>
    status({ api: 'iam', extra: headerLines(signing(more())), path: more().path ?? '/dev' })(stand);

const inQuery =
  (more: Partial<Signing> = {}): Look =>
  (stand) =>
    status({ api: 'iam', path: presigned(signing({ expires: '60', ...more })) })(stand);

// 410: permitted, and there is no such connection.
const managed =
  (method: string, key: Partial<Signing>): Look =>
  async (stand) => {
    const path = '/dev/@connections/AAAAAAAAAAAAAAA%3D';
    const canonicalPath = '/dev/%40connections/AAAAAAAAAAAAAAA%253D';
    const lines = headerLines(signing({ method, path, canonicalPath, ...key }));
    const call = { port: stand.port('iam'), method, path, lines: [`Host: ${HOST}`, ...lines] };
    return (await callHttp(call)).status;
  };

const hasCaller: Look = async (stand) => {
  const before = stand.backend.of('$connect').length;
  await signed()(stand);
  const { event } = await stand.backend.until('$connect', before + 1);
  return at(contextOf(event)['identity'], 'userArn') !== undefined;
};

const temporary = (sessionToken?: string) => () => ({
  ...KEYS.temporary,
  sessionToken: sessionToken as string,
});

testFaults([
  ['accepts-unsigned', 403, 101, status({ api: 'iam' })],
  ['does-not-verify-signature', 403, 101, signed(() => ({ secretAccessKey: 'wrong' }))],
  ['ignores-signature-expiry', 403, 101, signed(() => ({ date: now(-1_200_000) }))],
  ['ignores-signing-region', 403, 101, signed(() => ({ region: 'eu-west-1' }))],
  ['ignores-signing-service', 403, 101, signed(() => ({ service: 's3' }))],
  ['accepts-unknown-access-key', 403, 101, signed(() => ({ accessKeyId: 'AKIAUNKNOWN' }))],
  ['ignores-session-token', 403, 101, signed(temporary())],
  ['refuses-temporary-credentials', 101, 403, signed(temporary(KEYS.temporary.sessionToken))],
  ['ignores-presigned-urls', 101, 403, inQuery()],
  ['connects-with-presigned-urls-only', 101, 403, signed()],
  ['ignores-policies', 403, 101, signed(() => KEYS.nothing)],
  ['ignores-policy-denies', 403, 101, signed(() => KEYS.denied)],
  ['policy-of-any-stage', 403, 101, signed(() => KEYS.elsewhere)],
  ['policy-of-any-route', 403, 101, signed(() => KEYS.elsewhere)],
  ['connect-arn-with-method', 101, 403, signed(() => ({ ...KEYS.elsewhere, path: '/prod' }))],
  ['iam-refuses-with-401', 403, 401, status({ api: 'iam' })],
  ['hides-the-caller', true, false, hasCaller],
  ['connections-of-any-signer', 403, 410, managed('POST', KEYS.nothing)],
  [
    'connections-of-forged-signers',
    403,
    410,
    managed('POST', { ...KEYS.right, secretAccessKey: 'wrong' }),
  ],
  [
    'connections-of-expired-signatures',
    403,
    410,
    (stand) => managed('POST', { ...KEYS.right, date: now(-1_200_000) })(stand),
  ],
  ['connections-of-any-method', 403, 410, managed('DELETE', KEYS.poster)],
  ['connections-arn-without-method', 410, 403, managed('POST', KEYS.poster)],
]);
