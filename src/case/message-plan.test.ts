import { expect, it } from 'vitest';
import type { Plan, SendSpec } from '../scenario/model.ts';
import { takesPlan } from './message-plan.ts';

const plan: Plan = { when: { kind: 'now' }, answer: { kind: 'return', value: null } };
const text = { payload: { text: 'x' }, fragmentSize: undefined };
const frame = (opcode: number) => ({
  opcode,
  fin: true,
  rsv: 0,
  masked: true,
  payload: { text: 'x' },
});

it.each<[string, SendSpec, boolean]>([
  ['a text', { kind: 'text', ...text, backend: undefined }, true],
  ['a binary message', { kind: 'binary', ...text, backend: undefined }, true],
  ['a ping', { kind: 'ping', ...text, backend: undefined }, false],
  ['a ping with a plan', { kind: 'ping', ...text, backend: plan }, true],
  [
    'the first frame of a message',
    { kind: 'frames', frames: [frame(1)], backend: undefined },
    true,
  ],
  ['a continuation', { kind: 'frames', frames: [frame(0)], backend: undefined }, false],
  ['bytes', { kind: 'bytes', hex: '8180', backend: undefined }, false],
  ['bytes with a plan', { kind: 'bytes', hex: '8180', backend: plan }, true],
])('%s', (_, send, taken) => {
  expect(takesPlan(send)).toBe(taken);
});
