import { type Look, pathTo, testFaults } from '../fixture/looks.ts';
import { clientFrame, closeFrame, codeOf } from '../fixture/peer.ts';
import type { Answered, Stand } from '../fixture/stand.ts';

const GONE = 'TXzPWdnOjoECGjA=';

function answer(
  method: string,
  select: (answer: Answered) => unknown,
  id?: string,
  body = '',
): Look {
  return async (stand) => {
    const { peer, connectionId } = await stand.open();
    const said = await stand.manage(method, pathTo(id ?? connectionId), body);
    peer.close();
    return select(said);
  };
}

const described = (body: string) => JSON.parse(body) as Record<string, unknown>;

const status = (said: Answered): number => said.status;

// The first frame after a management call and a ping.
function frameAfter(method: string, select: (frame: { opcode: number; code: unknown }) => unknown) {
  return async (stand: Stand): Promise<unknown> => {
    const { peer, connectionId } = await stand.open();
    await stand.manage(method, pathTo(connectionId), method === 'POST' ? 'x' : '');
    peer.write(clientFrame(9, 'ping'));
    const frame = await peer.frame();
    peer.close();
    return select({ opcode: frame?.opcode ?? -1, code: codeOf(frame) });
  };
}

const afterClose: Look = async (stand) => {
  const count = stand.backend.of('$disconnect').length;
  const { peer, connectionId } = await stand.open();
  peer.write(closeFrame(1000));
  await stand.backend.until('$disconnect', count + 1);
  const statuses: number[] = [];
  for (const method of ['POST', 'GET', 'DELETE']) {
    statuses.push((await stand.manage(method, pathTo(connectionId), '')).status);
  }
  return statuses;
};

testFaults([
  ['delete-closes-without-code', 1000, undefined, frameAfter('DELETE', ({ code }) => code)],
  ['delete-leaves-open', 8, 10, frameAfter('DELETE', ({ opcode }) => opcode)],
  ['delete-answers-200', 204, 200, answer('DELETE', status)],
  ['delete-is-idempotent', 410, 204, answer('DELETE', status, GONE)],
  ['post-answers-204', 200, 204, answer('POST', status)],
  ['posts-binary', 1, 2, frameAfter('POST', ({ opcode }) => opcode)],
  ['keeps-closed-connections', [410, 410, 410], [200, 200, 204], afterClose],
  ['gone-is-404', 410, 404, answer('GET', status, GONE)],
  ['gone-has-body', '', '{"message":"Gone"}', answer('POST', ({ body }) => body, GONE)],
  ['get-gone-has-body', '', '{"message":"Gone"}', answer('GET', ({ body }) => body, GONE)],
  [
    'get-tells-the-user-agent-of-the-caller',
    undefined,
    'aws-sdk-js',
    answer(
      'GET',
      ({ body }) => (described(body)['identity'] as Record<string, unknown>)['userAgent'],
    ),
  ],
  [
    'no-error-type',
    'GoneException',
    undefined,
    answer('POST', ({ headers }) => headers['x-amzn-errortype'], GONE),
  ],
  [
    'bad-requests-are-forbidden-by-type',
    'BadRequestException',
    'ForbiddenException',
    answer('POST', ({ headers }) => headers['x-amzn-errortype'], 'no-id'),
  ],
  ['malformed-id-410', 400, 410, answer('POST', status, 'no-id')],
  [
    'get-pascal-case',
    ['connectedAt', 'identity', 'lastActiveAt'],
    ['ConnectedAt', 'Identity', 'LastActiveAt'],
    answer('GET', ({ body }) => Object.keys(JSON.parse(body) as object)),
  ],
  [
    'get-connected-now',
    true,
    false,
    async (stand) => {
      const { peer, connectionId } = await stand.open();
      const times: unknown[] = [];
      for (let count = 0; count < 2; count++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        times.push(
          described((await stand.manage('GET', pathTo(connectionId))).body)['connectedAt'],
        );
      }
      peer.close();
      return times[0] === times[1];
    },
  ],
  [
    'get-connected-in-seconds',
    'string',
    'number',
    answer('GET', ({ body }) => typeof described(body)['connectedAt']),
  ],
  [
    'last-active-never-moves',
    false,
    true,
    async (stand) => {
      const { peer, connectionId } = await stand.open();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await stand.manage('POST', pathTo(connectionId), 'x');
      const { body } = await stand.manage('GET', pathTo(connectionId));
      peer.close();
      return described(body)['connectedAt'] === described(body)['lastActiveAt'];
    },
  ],
  [
    'last-active-begins-in-1970',
    true,
    false,
    answer('GET', ({ body }) => {
      const { connectedAt, lastActiveAt } = described(body);
      return String(lastActiveAt) >= String(connectedAt);
    }),
  ],
  ['ids-not-decoded', 200, 400, answer('POST', status)],
  ['wants-encoded-at', 200, 403, answer('POST', status)],
  ['no-post-limit', 413, 200, answer('POST', status, undefined, 'x'.repeat(131_073))],
  ['small-post-limit', 200, 413, answer('POST', status, undefined, 'x'.repeat(32_769))],
]);
