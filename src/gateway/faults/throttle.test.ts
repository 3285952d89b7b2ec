import { expect, test } from 'vitest';
import { clientFrame } from '../fixture/peer.ts';
import { startThrottledStand, type ThrottledStand } from '../fixture/throttled.ts';

/** A fault, what is seen without it and with it, and how to look at a gateway that nobody has used. */
type FaultCase = readonly [
  fault: string,
  right: unknown,
  wrong: unknown,
  look: (stand: ThrottledStand) => Promise<unknown>,
];

const statuses = (api: string, count: number) => (stand: ThrottledStand) =>
  stand.statuses(api, count);

const integrationCalls = async (stand: ThrottledStand): Promise<number> => {
  await stand.statuses('other', 3);
  return stand.backend.of('$connect').length;
};

const afterTheFirstTwo =
  (api: string, other: string, path?: string) =>
  async (stand: ThrottledStand): Promise<readonly number[]> => {
    await stand.statuses(api, 2);
    return stand.statuses(other, 1, path);
  };

const answering =
  (status: number, api: string, count: number) =>
  async (stand: ThrottledStand): Promise<readonly number[]> => {
    stand.backend.answer(() => ({ return: { statusCode: status } }));
    return stand.statuses(api, count);
  };

const whatAnOpenOneHears = async (stand: ThrottledStand): Promise<number | undefined> => {
  const { peer } = await stand.open('other');
  await stand.statuses('other', 2);
  peer.write(clientFrame(9, 'still there?'));
  return (await peer.frame())?.opcode;
};

test.each<FaultCase>([
  ['never-throttles', [101, 101, 429], [101, 101, 101], statuses('other', 3)],
  ['throttle-calls-integration', 2, 3, integrationCalls],
  ['throttles-with-503', [101, 101, 429], [101, 101, 503], statuses('other', 3)],
  ['opens-then-throttles', [101, 101, 429], [101, 101, 101], statuses('other', 3)],
  ['throttle-closes-connections', 10, 8, whatAnOpenOneHears],
  [
    'bucket-never-refills',
    [101, 429],
    [429, 429],
    async (stand) => {
      await stand.statuses('other', 2);
      stand.pass(1000);
      return stand.statuses('other', 2);
    },
  ],
  ['doubles-burst', [101, 101, 429, 429], [101, 101, 101, 101], statuses('other', 4)],
  ['halves-burst', [101, 101], [101, 429], statuses('other', 2)],
  ['route-bucket-of-all-apis', [101], [429], afterTheFirstTwo('limited', 'other')],
  ['route-bucket-of-all-stages', [101], [429], afterTheFirstTwo('other', 'other', '/all')],
  ['account-bucket-of-each-api', [429], [101], afterTheFirstTwo('shared', 'sharing')],
  ['account-counts-connections', [403, 403, 429], [403, 403, 403], answering(403, 'shared', 3)],
  ['integration-429-becomes-500', [429], [500], answering(429, 'open', 1)],
  [
    'integration-429-empties-bucket',
    [101],
    [429],
    async (stand) => {
      await answering(429, 'other', 1)(stand);
      return answering(200, 'other', 1)(stand);
    },
  ],
])('%s', async (fault, right, wrong, look) => {
  for (const [faults, seen] of [
    [[], right],
    [[fault], wrong],
  ] as const) {
    const stand = await startThrottledStand(faults);
    try {
      expect(await look(stand)).toEqual(seen);
    } finally {
      await stand.close();
    }
  }
});
