import { expect, test } from 'vitest';
import type { Station } from '../run/station.ts';
import { earlyStart } from './early-start.ts';
import type { ChosenTarget } from './target-choice.ts';

const target = (launch: unknown): ChosenTarget =>
  ({ preview: { launch } }) as unknown as ChosenTarget;
const UNINTERRUPTED = new AbortController().signal;
const OWN = target({ gateway: 'gateway.yaml', command: [] });

function station(): { readonly station: Station; readonly closed: () => number } {
  let closed = 0;
  const close = async (): Promise<void> => {
    closed += 1;
  };
  return { station: { close } as unknown as Station, closed: () => closed };
}

test('the embedded gateway is begun, taken once and not closed', async () => {
  const { station: opened, closed } = station();
  const early = earlyStart(async () => opened);
  early.begin(OWN);
  expect(await early.take(UNINTERRUPTED)).toBe(opened);
  expect(early.take(UNINTERRUPTED)).toBeUndefined();
  await early.drop();
  expect(closed()).toBe(0);
});

test('what nobody takes is closed', async () => {
  const { station: opened, closed } = station();
  let isUnwanted = false;
  const early = earlyStart(async (_, signal) => {
    signal.addEventListener('abort', () => {
      isUnwanted = true;
    });
    return opened;
  });
  early.begin(OWN);
  await early.drop();
  expect([isUnwanted, closed()]).toEqual([true, 1]);
});

test.each([
  ['a program of somebody else', target({ command: ['their-server'] })],
  ['an address', target(undefined)],
])('%s is not started before the plan is valid', async (_, other) => {
  let opens = 0;
  const early = earlyStart(async () => {
    opens += 1;
    return station().station;
  });
  early.begin(other);
  expect([opens, early.take(UNINTERRUPTED)]).toEqual([0, undefined]);
});

test('why it could not be opened is told to who takes it, and to nobody else', async () => {
  const early = earlyStart(() => Promise.reject(new Error('no port')));
  early.begin(OWN);
  await expect(early.take(UNINTERRUPTED)).rejects.toThrow('no port');
  early.begin(OWN);
  await early.drop();
});

test('an interrupt ends what is still being opened, and leaves alone what is open', async () => {
  const hung = earlyStart(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('interrupted')));
      }),
  );
  hung.begin(OWN);
  const interrupt = new AbortController();
  const taken = hung.take(interrupt.signal);
  interrupt.abort();
  await expect(taken).rejects.toThrow('interrupted');

  let given: AbortSignal | undefined;
  const open = earlyStart(async (_, signal) => {
    given = signal;
    return station().station;
  });
  open.begin(OWN);
  const later = new AbortController();
  await open.take(later.signal);
  later.abort();
  expect(given?.aborted).toBe(false);
});
