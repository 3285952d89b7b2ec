import { expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import type { CaseContext, Member } from './member.ts';
import { createRecorder, ofConnection } from './recorder.ts';
import { driveScriptedRelease } from './scripted-hold.ts';

it.each([
  [500, true, undefined],
  [3000, true, 'the hold was over too soon: held 1 s, needed 3 s; use hold: 5s'],
  [3000, false, 'no $disconnect to be held was seen: what needs it was done 3 s after its cause'],
])('%i ms after the close, the handler seen: %s', async (afterMs, seen, shortHold) => {
  const clock = virtualClock();
  const recorder = createRecorder(clock);
  const member = {
    name: 'client',
    index: 0,
    plans: { $disconnect: { when: { kind: 'hold', ms: 1000 } } },
    connection: { state: 'closed', resumeDeadline: () => undefined },
  } as unknown as Member;
  const base = ofConnection('client', 0);
  recorder.add({ ...base, kind: 'fin', direction: 'out', atUs: 0 });
  const invocation = { kind: 'invocation', type: 'DISCONNECT', phase: 'started' } as const;
  if (seen)
    recorder.add({ ...base, ...invocation, invocationId: 'one', atUs: 5000, clock: 'runner' });
  await clock.advance(afterMs);
  const context = { clock, recorder, signal: new AbortController().signal };
  const step = { invocation: '$disconnect', withinMs: 1000 } as const;
  const released = driveScriptedRelease(context as unknown as CaseContext, step, member);
  await clock.advance(2000);
  expect(await released).toEqual({ kind: 'done' });
  expect(recorder.snapshot().shortHold).toBe(shortHold);
});
