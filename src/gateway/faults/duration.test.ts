import { expect, test } from 'vitest';
import type { Api } from '../api.ts';
import { type Behaviour, CORRECT_BEHAVIOUR } from '../behaviour.ts';
import type { Closure, ConnectionFacts } from '../event.ts';
import { behaviourWith, FAULTS } from '../faults.ts';

const ALL = ['message', 'ping', 'sent'];
const LONG_MS = 2 ** 31 - 1;

test.each<readonly [string, unknown, unknown, (behaviour: Behaviour) => unknown]>([
  ['no-idle-timeout', 3000, LONG_MS, ({ idleTimeoutMs }) => idleTimeoutMs(3000)],
  ['halves-the-idle-timeout', 3000, 1500, ({ idleTimeoutMs }) => idleTimeoutMs(3000)],
  ['no-maximum-duration', 8000, LONG_MS, ({ maxDurationMs }) => maxDurationMs(8000)],
  ['maximum-duration-too-short', 8000, 6400, ({ maxDurationMs }) => maxDurationMs(8000)],
  ['idle-is-1000', 1001, 1000, ({ goingAway }) => goingAway.code],
  ['idle-without-a-reason', 'Going away', '', ({ goingAway }) => goingAway.reason],
  ['messages-do-not-keep-alive', ALL, ['ping', 'sent'], keptAliveBy],
  ['posts-do-not-keep-alive', ALL, ['message', 'ping'], keptAliveBy],
])('%s', (fault, right, wrong, look) => {
  expect(look(CORRECT_BEHAVIOUR)).toEqual(right);
  expect(look(behaviourWith([fault]))).toEqual(wrong);
});

function keptAliveBy({ keepsAlive }: Behaviour): unknown {
  return (['message', 'ping', 'sent'] as const).filter(keepsAlive);
}

test('no-disconnect-after-idle', async () => {
  const told: string[] = [];
  const correct: Behaviour = {
    ...CORRECT_BEHAVIOUR,
    deliverDisconnect: async (_api, _facts, { cause }) => {
      told.push(cause);
      return undefined;
    },
  };
  const change = FAULTS.find(({ name }) => name === 'no-disconnect-after-idle')?.change(correct);
  for (const cause of ['going-away', 'close-frame', 'delete'] as const) {
    const closure: Closure = { code: 1001, reason: '', cause };
    // Nothing of the gateway and the connection is looked at.
    await change?.deliverDisconnect?.({} as Api, {} as ConnectionFacts, closure);
  }
  expect(told).toEqual(['close-frame', 'delete']);
});
