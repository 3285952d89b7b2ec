import { policy } from '../fixture/backend.ts';
import { callCounts, status, testFaults } from '../fixture/looks.ts';

const sources = (path: string, ...extra: readonly string[]) =>
  status({ api: 'sources', path, extra });
const result = (bytes: number) =>
  status({ api: 'custom', authorizer: { return: policy('Allow', '*', { a: 'x'.repeat(bytes) }) } });

const upgradeWithoutSources = callCounts(async (stand) => {
  const peer = await stand.upgrade('always');
  const { status: answered } = await peer.answer();
  peer.close();
  return answered;
});

testFaults([
  ['any-identity-source-suffices', 401, 101, sources('/dev?auth=x')],
  ['knows-request-sources-only', 101, 401, sources('/dev?auth=x', 'Auth: x')],
  ['ignores-stage-variable-sources', 401, 101, sources('/unset?auth=x', 'Auth: x')],
  ['no-source-no-authorizer', { authorizer: 1 }, {}, upgradeWithoutSources],
  ['no-authorizer-result-limit', 500, 101, result(9000)],
  ['small-authorizer-result-limit', 101, 500, result(5000)],
]);
