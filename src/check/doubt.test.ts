import { expect, it } from 'vitest';
import type { Evidence } from '../result/evidence.ts';
import {
  brief,
  evidenceOf,
  firstByte,
  invoked,
  judge,
  moment,
  response,
  sent,
} from './fixture/evidence.ts';

const opened = [sent(0), invoked(1, '$connect'), firstByte(5), response(5, 101)];
const none = {
  kind: 'events',
  want: {
    $disconnect: {
      count: { is: 0 },
      each: undefined,
      some: undefined,
      none: undefined,
      schema: undefined,
    },
  },
} as const;
const opens = { kind: 'handshake', fields: { status: { is: 101 } } } as const;
const early = {
  kind: 'never',
  moment: moment('firstByte'),
  side: { kind: 'before', moment: moment('$connect.released') },
} as const;

const asked = (condition: Parameters<typeof judge>[0], evidence: Evidence): string =>
  brief(judge(condition, evidence));
const client = [{ connection: 'client', member: 0 }];

it('does not believe the absence of events where none could be recognised', () => {
  const evidence = evidenceOf(opened, { endedMs: 10 });
  expect(asked(none, evidence)).toMatch(/^passed/);
  const blind = { ...evidence, unrecognised: client };
  expect(asked(none, blind)).toMatch(/^errored: nothing of client reached the backend/);
  expect(asked(opens, blind)).toMatch(/^passed/);
  const other = [{ connection: 'other', member: 0 }];
  expect(asked(none, { ...evidence, unrecognised: other })).toMatch(/^passed/);
});

it('concludes nothing from what was done after the end of a hold, but convicts all the same', () => {
  const shortHold = 'the hold was over too soon: held 1 s, needed 3.1 s; use hold: 5s';
  const evidence = evidenceOf([...opened, invoked(1000, '$connect', { phase: 'released' })], {
    endedMs: 3100,
  });
  expect(asked(opens, evidence)).toMatch(/^passed/);
  const short = { ...evidence, shortHold };
  expect(asked(opens, short)).toBe(`inconclusive: ${shortHold}`);
  expect(asked(early, short)).toMatch(/^failed: firstByte came 995 ms before/);
});

it('takes the answer of a probe that refused its plan for no answer to the scenario', () => {
  const problem = 'plan refused: altered';
  const ended = { ...invoked(4, '$connect', { phase: 'ended' }), problem };
  const evidence = evidenceOf([sent(0), invoked(1, '$connect'), ended, response(5, 403)], {
    endedMs: 10,
  });
  expect(asked(opens, evidence)).toBe(
    `errored: the probe did not do what it was told at CONNECT: ${problem}`,
  );
});
