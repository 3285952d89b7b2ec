import { setTimeout as sleep } from 'node:timers/promises';
import { policy } from '../fixture/backend.ts';
import {
  type Attempt,
  at,
  attempt,
  callCounts,
  type Look,
  status,
  story,
  testFaults,
} from '../fixture/looks.ts';
import { closeFrame } from '../fixture/peer.ts';
import { KEYS } from '../fixture/stand.ts';

const withKey = (value: string): Attempt => ({ api: 'keyed', extra: [`x-api-key: ${value}`] });

const granted = (key: string | undefined, header = ''): Attempt => ({
  api: 'granted',
  extra: [`x-api-key: ${header}`],
  authorizer: {
    return: { ...policy('Allow'), ...(key === undefined ? {} : { usageIdentifierKey: key }) },
  },
});

/** What is seen once a plan has no room any more. */
function beyond(how: Attempt, look: Look): Look {
  return async (stand) => {
    for (let count = 0; count < 3; count++) await status(how)(stand);
    return look(stand);
  };
}

/** Whether a route is invoked for an upgrade that is refused. Nothing tells that it will not be. */
function reaches(how: Attempt, route = '$connect'): Look {
  return async (stand) => {
    const next = stand.backend.of(route).length + 1;
    const peer = await attempt(stand, how);
    await peer.answer();
    peer.close();
    const called = stand.backend.until(route, next).then(() => true);
    return Promise.race([called, sleep(300, false)]);
  };
}

const opened: Look = callCounts(async (stand) => {
  const peer = await attempt(stand, withKey(KEYS.right));
  await peer.answer();
  peer.write(closeFrame(1000));
  await peer.ended();
});

const slow = withKey(KEYS.slow);
const few = withKey(KEYS.few);

testFaults([
  ['ignores-api-key', 403, 101, status({ api: 'keyed' })],
  ['api-key-is-optional', 403, 101, status({ api: 'keyed' })],
  ['accepts-any-api-key', 403, 101, status(withKey('nonsense'))],
  ['accepts-disabled-api-key', 403, 101, status(withKey(KEYS.disabled))],
  ['accepts-api-key-without-plan', 403, 101, status(withKey(KEYS.unplanned))],
  ['accepts-api-key-of-another-stage', 403, 101, status(withKey(KEYS.elsewhere))],
  ['api-key-without-case', 403, 101, status(withKey(KEYS.right.toUpperCase()))],
  ['beginning-of-an-api-key', 403, 101, status(withKey(KEYS.right.slice(0, -1)))],
  ['api-key-and-more', 403, 101, status(withKey(`${KEYS.right}-1`))],
  ['api-key-from-query', 403, 101, status({ api: 'keyed', path: `/dev?x-api-key=${KEYS.right}` })],
  ['api-key-from-another-header', 101, 403, status(withKey(KEYS.right))],
  ['ignores-usage-identifier-key', 101, 403, status(granted(KEYS.right))],
  ['header-without-usage-identifier-key', 403, 101, status(granted(undefined, KEYS.right))],
  ['integration-before-api-key', false, true, reaches(withKey('nonsense'))],
  ['connection-before-api-key', false, true, reaches(withKey('nonsense'), '$disconnect')],
  ['integration-before-usage-plan', false, true, beyond(few, reaches(few))],
  ['invalid-api-key-401', 403, 401, status({ api: 'keyed' })],
  ['invalid-api-key-500', 403, 500, status({ api: 'keyed' })],
  ['ignores-usage-plan', 429, 101, beyond(slow, status(slow))],
  ['ignores-rate', 429, 101, beyond(slow, status(slow))],
  ['throttled-503', 429, 503, beyond(slow, status(slow))],
  ['ignores-quota', 429, 101, beyond(few, status(few))],
  ['quota-exceeded-403', 429, 403, beyond(few, status(few))],
  ['api-key-for-disconnect', { $connect: 1, $disconnect: 1 }, { $connect: 1 }, opened],
  [
    'disconnect-without-api-key-header',
    '',
    undefined,
    story(({ disconnect }) => at(disconnect['headers'], 'x-api-key'), withKey(KEYS.right)),
  ],
  ['wrong-api-key-where-none-is-required', 101, 403, status({ extra: ['x-api-key: nonsense'] })],
]);
