import { idOf, type Look, testFaults } from '../fixture/looks.ts';
import type { Stand } from '../fixture/stand.ts';

const MANY = 24;

type Opened = Awaited<ReturnType<Stand['open']>>;

// Ends many connections while no delivery of $disconnect is answered, and then lets them go.
async function burst(stand: Stand, { spare = 0 } = {}): Promise<Opened | undefined> {
  const open = [];
  for (let index = 0; index < MANY; index += 1) open.push(await stand.open('patient'));
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  stand.backend.answer(() => gate.then(() => ({ return: { statusCode: 200 } })));
  for (const { peer } of open.slice(0, MANY - spare)) peer.socket.resetAndDestroy();
  while (stand.gateway.apis['patient']?.connectionCount() !== spare) {
    await stand.manage('GET', '/dev');
  }
  release();
  return open.at(-1);
}

// Deliveries come through threads, in any order: over when many round trips have brought none.
async function whenQuiet(stand: Stand): Promise<void> {
  const seen = stand.backend.calls.length;
  for (let trip = 0; trip < TRIPS; trip += 1) await stand.manage('GET', '/dev');
  if (stand.backend.calls.length > seen) await whenQuiet(stand);
}

const TRIPS = 100;

const toldAfterResets: Look = async (stand) => {
  const before = stand.backend.of('$disconnect').length;
  await burst(stand);
  await whenQuiet(stand);
  return stand.backend.of('$disconnect').length - before;
};

const toldOfTheOpenOne: Look = async (stand) => {
  const open = await burst(stand, { spare: 1 });
  await whenQuiet(stand);
  const told = stand.backend.of('$disconnect').some((call) => idOf(call) === open?.connectionId);
  open?.peer.close();
  return told;
};

testFaults([
  ['drops-disconnects-of-a-burst-of-resets', 24, 16, toldAfterResets],
  ['delays-disconnects-of-a-burst', 24, 16, toldAfterResets],
  ['mixes-up-the-ids-of-a-burst', false, true, toldOfTheOpenOne],
]);
