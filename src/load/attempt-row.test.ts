import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LoadAttempt } from '../result/load-attempt.ts';
import { createRowBatch, readRows } from './attempt-row.ts';
import type { LoadEndpoint } from './plan.ts';

const ENDPOINT: LoadEndpoint = {
  share: 1,
  role: 'open',
  address: '127.0.0.1',
  port: 1,
  request: '',
  subprotocols: ['chat', 'echo'],
};

const ms = fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 1e7, noNaN: true }));
const attempts: fc.Arbitrary<LoadAttempt> = fc.record({
  number: fc.nat({ max: 2 ** 31 }),
  phase: fc.nat({ max: 9 }),
  endpoint: fc.constant(0),
  ending: fc.nat({ max: 5 }),
  outcome: fc.constantFrom(
    ...(['opened', 'refused', 'dropped', 'invalid', 'timeout'] as const),
    ...(['unreachable', 'aborted', 'unsent'] as const),
  ),
  status: fc.nat({ max: 599 }),
  subprotocol: fc.constantFrom(undefined, 'chat', 'echo'),
  dueMs: ms,
  startMs: ms,
  connectedMs: ms,
  securedMs: ms,
  sentMs: ms,
  firstByteMs: ms,
  answeredMs: ms,
  closingMs: ms,
  closedMs: ms,
  closedBy: fc.constantFrom(undefined, 'client', 'server'),
  closedHow: fc.constantFrom(undefined, 'close-frame', 'fin', 'reset'),
  closeCode: fc.option(fc.integer({ min: 1000, max: 4999 }), { nil: undefined }),
  endedByUs: fc.boolean(),
});

it('an attempt is the same after its row, in batches that are filled again', () => {
  fc.assert(
    fc.property(fc.array(attempts, { minLength: 1, maxLength: 12 }), (all) => {
      const batch = createRowBatch(5);
      const read: LoadAttempt[] = [];
      const take = (): void =>
        void read.push(...readRows(batch.take() ?? new Float64Array(), [ENDPOINT]));
      for (const one of all) {
        batch.push(one, ENDPOINT);
        if (batch.isFull) take();
      }
      take();
      expect(read).toEqual(all);
      expect(batch.take()).toBeUndefined();
    }),
  );
});
