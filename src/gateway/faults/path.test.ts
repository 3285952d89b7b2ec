import { at, event, type Look, pathTo, status, testFaults } from '../fixture/looks.ts';
import { codeOf, upgradeText } from '../fixture/peer.ts';

const long = (length: number) => `/dev?a=${'b'.repeat(length)}`;

const mapped = (path: string) => upgradeText(path).replace(/^Host: .*$/m, 'Host: mapped.test:80');

const withoutStage =
  (select: (answer: { readonly status: number; readonly body: string }) => unknown): Look =>
  async (stand) => {
    const { peer, connectionId } = await stand.open();
    const answer = await stand.manage('POST', pathTo(connectionId).replace('/dev', ''), 'x');
    peer.close();
    return select(answer);
  };

const closedWith: Look = async (stand) => {
  const { peer, connectionId } = await stand.open();
  await stand.manage('DELETE', `${pathTo(connectionId)}?code=4001&reason=bye`);
  const code = codeOf(await peer.frame());
  peer.close();
  return code;
};

testFaults([
  ['any-path-opens', 403, 101, status({ path: '/nosuch/path' })],
  ['unknown-path-404', 403, 404, status({ path: '/nosuch' })],
  ['serves-below-stages', 403, 101, status({ path: '/dev/below' })],
  ['has-a-default-stage', 403, 101, status({ path: '/' })],
  ['slash-is-a-way-around', 401, 101, status({ api: 'custom', path: '/dev/' })],
  ['slash-makes-another-path', 101, 403, status({ path: '/dev/?a=b' })],
  ['ignores-mapping-keys', 101, 403, status({ api: 'mapped', text: mapped('/chat') })],
  ['default-host-stays-on', 403, 101, status({ api: 'mapped', path: '/dev' })],
  [
    'key-becomes-stage',
    'dev',
    'chat',
    event('$connect', (_event, { stage }) => stage, { api: 'mapped', text: mapped('/chat') }),
  ],
  ['no-url-limit', 414, 101, status({ path: long(4096) })],
  ['small-url-limit', 101, 414, status({ path: long(3000) })],
  [
    'null-query',
    [false, false],
    [true, true],
    event('$connect', (found) =>
      ['queryStringParameters', 'multiValueQueryStringParameters'].map((key) => key in found),
    ),
  ],
  [
    'hides-stage-variables',
    { colour: 'red' },
    undefined,
    event('$connect', (found) => found['stageVariables'], { path: '/variables' }),
  ],
  ['management-without-stage', 403, 200, withoutStage((answer) => answer.status)],
  [
    'stageless-call-lacks-token',
    'Forbidden',
    'Missing Authentication Token',
    withoutStage(({ body }) => at(JSON.parse(body), 'message')),
  ],
  ['stageless-call-404', 403, 404, withoutStage((answer) => answer.status)],
  ['delete-takes-a-code', 1000, 4001, closedWith],
]);
