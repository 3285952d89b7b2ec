// A load of four connections whose backend's log tells more, or less, than the run saw.
import { expect, test } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import { createLoadJudge } from '../check/load-judge.ts';
import { loadNonce } from '../load/nonce.ts';
import type { EventRecord } from '../probe/event-record.ts';
import { LOAD } from '../report/fixture/load-result.ts';
import type { LoadAttempt } from '../result/load-attempt.ts';
import { expandScenario } from '../scenario/expand.ts';
import type { Level } from '../scenario/model.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { ToldEvent } from './attempt-journal.ts';
import { type PlacedRecord, type Reconciling, reconcileLoad } from './reconcile-load.ts';

const NONCE = 'abcdefghijklmnopqrs';
const START_MS = Date.UTC(2026, 10, 23, 12);

// A tenth of a second apart; open for as long.
const ATTEMPTS = [0, 1, 2, 3].map(
  (number): LoadAttempt => ({
    number,
    outcome: 'opened',
    phase: 0,
    endpoint: 0,
    ending: 0,
    status: 101,
    subprotocol: undefined,
    dueMs: number * 100,
    startMs: number * 100,
    connectedMs: number * 100 + 1,
    securedMs: Number.NaN,
    sentMs: number * 100 + 2,
    firstByteMs: number * 100 + 3,
    answeredMs: number * 100 + 4,
    closingMs: number * 100 + 100,
    closedMs: number * 100 + 101,
    closedBy: 'client',
    closedHow: 'close-frame',
    closeCode: 1000,
    endedByUs: true,
  }),
);

const SEEN: readonly ToldEvent[] = [0, 1].flatMap((number) => [
  { number, type: 'CONNECT', atMs: number * 100 + 3, invocationId: `c${number} ` } as const,
  { number, type: 'DISCONNECT', atMs: number * 100 + 110, invocationId: `d${number} ` } as const,
]);

test('what came later is given to its attempts, on the clock that the run has learned', () => {
  // The log's clock is an hour behind.
  const records = logOf([0, 1, 2, 3], { offMs: -3_600_000 });
  const { load, findings } = reconcileLoad(asked({ records }));
  expect(load.reconciled).toEqual({
    at: '2026-11-23T14:00:00.000Z',
    missingBefore: missingIn(LOAD),
    missing: 0,
  });
  expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual([['told', 'passed']]);
  const again = reconcileLoad(asked({ records: records.filter(({ place }) => place !== 7) }));
  expect([missingIn(again.load), again.findings[0]?.verdict]).toEqual([1, 'failed']);
});

test('where the run saw nothing the clock of the log is not known', () => {
  const written = { ...asked().written, events: [] };
  const { findings } = reconcileLoad(asked({ written, records: logOf([0, 1, 2, 3]) }));
  expect(findings.map(({ verdict }) => verdict)).toEqual(['inconclusive']);
});

test('what may have been lost with a canary proves nothing, and what was seen all the same counts', () => {
  const canaries = [
    { id: 'before', atMs: 0 },
    { id: 'lost', atMs: 1000 },
    { id: 'after', atMs: 2000 },
  ];
  const seen = ['before', 'after'].map((nonce, place) => ({
    record: { v: 1, type: 'CANARY', phase: 'started', at: START_MS, nonce } as const,
    place: 100 + place,
  }));
  const written = { ...asked().written, canaries };
  const records = [...logOf([0, 1, 2, 3]), ...seen];
  expect(reconcileLoad(asked({ written, records })).findings[0]?.verdict).toBe('errored');
  const text = SCENARIO().replace('$disconnect: 1 }', '$disconnect: { count: { gte: 1 } } }');
  const before = reconcileLoad(asked({ text, before: judgedBefore(text) }));
  const told = reconcileLoad(asked({ text, before, written, records }));
  expect(told.findings[0]?.verdict).toBe('passed');
  const missing = records.filter(({ place }) => place !== 7);
  const one = reconcileLoad(asked({ text, before, written, records: missing }));
  expect([one.findings[0]?.verdict, one.load.delivery?.strata[0]?.indeterminate]).toEqual([
    'errored',
    1,
  ]);
  expect(one.load.delivery?.gaps).toEqual([
    { fromMs: 0, toMs: 2000, why: 'a canary did not come through' },
  ]);
});

test('what its store may not have taken in proves nothing, also when it is read again', () => {
  const gaps = [{ fromMs: 0, toMs: 2000, why: 'it was away' }];
  const written = { ...asked().written, gaps };
  const records = logOf([0, 1, 2, 3]).filter(({ place }) => place !== 7);
  const { load, findings } = reconcileLoad(asked({ written, records }));
  expect([missingIn(load), load.delivery?.strata[0]?.indeterminate]).toEqual([0, 1]);
  expect([load.delivery?.gaps, findings[0]?.verdict]).toEqual([gaps, 'errored']);
});

test('a log that lost what the run saw is refused', () => {
  expect(() => reconcileLoad(asked({ records: logOf([1, 2, 3]) }))).toThrow(
    'The log no longer holds 2 of the 4 events that the run saw of load/a',
  );
});

test('ids of invocations are compared as they were written down', () => {
  const redactor = createRedactor();
  redactor.register('KEY', 'c0-and-more');
  const [first, ...others] = logOf([0, 1, 2, 3]);
  if (first === undefined) throw new Error('no record');
  const secret = { ...first, record: { ...first.record, invocationId: 'c0-and-more' } };
  const records = [secret, ...others];
  const [own, ...seen] = SEEN;
  const events = [{ ...(own as ToldEvent), invocationId: '[redacted:KEY] ' }, ...seen];
  const written = { ...asked().written, events };
  const { load } = reconcileLoad(asked({ records, redactor, written }));
  expect(load.reconciled?.missing).toBe(0);
});

test.each([
  ['another threshold', SCENARIO().replace('100%', '{ gte: 50% }')],
  ['another name of it', SCENARIO().replace('told:', 'heard:')],
  ['another phase', SCENARIO().replace('duration', 'name: one, duration')],
  ['another ending', SCENARIO().replace('drop: fin', 'drop: reset')],
])('%s is not judged by', (_, text) => {
  const before = reconcileLoad(asked());
  expect(() => reconcileLoad(asked({ text, before }))).toThrow('is not what it was when it ran');
});

test('a check that the run left out stays left out', () => {
  const before = reconcileLoad(asked());
  const text = `${SCENARIO()}  opened: { share: 100%, of: { handshake: { outcome: opened } } }\n`;
  expect(reconcileLoad(asked({ text, before })).findings.map(({ check }) => check)).toEqual([
    'told',
  ]);
});

function SCENARIO(): string {
  return `title: T
load:
  phases: [{ arrivalRate: 10/s, duration: 400ms }]
  openFor: 100ms
  endings: [{ drop: fin }]
thresholds:
  told: { share: 100%, of: { events: { $disconnect: 1 }, within: 1s } }
`;
}

type Changes = Partial<Reconciling> & { readonly text?: string };

function asked({ text = SCENARIO(), ...changes }: Changes = {}): Reconciling {
  const spec = specOf(text);
  const head = {
    load: 'load/a',
    nonce: NONCE,
    startedAt: new Date(START_MS).toISOString(),
    phases: specOf(SCENARIO()).load.phases.map(({ name }) => name),
    endings: ['fin'],
    watchMs: 1000,
    boundMs: 2,
  };
  const same = {
    spec,
    written: { head, attempts: ATTEMPTS, events: SEEN, canaries: [], gaps: [] },
    records: logOf([0, 1, 2, 3]),
    correlate: { kind: 'query' },
    nowMs: START_MS + 7_200_000,
    features: new Set(['observer']),
    levelOf: (): Level => 'must',
    redactor: createRedactor(),
  } as const;
  return { ...same, before: judgedBefore(), ...changes };
}

// What a run without attempts says: its words are those of any.
function judgedBefore(text = SCENARIO()): Reconciling['before'] {
  const { checks, load } = specOf(text);
  const judge = createLoadJudge({
    checks,
    levelOf: () => 'must',
    features: new Set(['observer']),
    phases: load.phases,
    clocks: { isPlatform: true, boundMs: 2 },
  });
  return { load: LOAD, findings: judge.conclude(LOAD) };
}

function specOf(text: string): Reconciling['spec'] {
  const parsed = parseScenario({ file: 'a.yaml', id: 'load/a', text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  const scope = {
    vars: {},
    limits: {},
    env: () => undefined,
    registerSecret: () => undefined,
  };
  const [one] = expandScenario(parsed.scenario, scope);
  if (one?.kind !== 'case' || one.case.load === undefined) throw new Error('no load');
  return { ...one.case, load: one.case.load };
}

function logOf(
  numbers: readonly number[],
  { offMs = 0 }: { readonly offMs?: number } = {},
): readonly PlacedRecord[] {
  const records = numbers.flatMap((number) => {
    const connectionId = `id-${number}`;
    const query = { queryStringParameters: { assay: loadNonce(NONCE, number) } };
    const requestContext = { connectionId };
    const own = { v: 1, phase: 'started', connectionId } as const;
    const atMs = START_MS + offMs + number * 100;
    return [
      {
        ...own,
        type: 'CONNECT',
        at: atMs + 3,
        invocationId: `c${number}`,
        event: { ...query, requestContext },
      },
      {
        ...own,
        type: 'DISCONNECT',
        at: atMs + 110,
        invocationId: `d${number}`,
        event: { requestContext },
      },
    ] satisfies readonly EventRecord[];
  });
  return records.map((record, place) => ({ record, place }));
}

function missingIn({ delivery }: typeof LOAD): number | undefined {
  return delivery?.strata.reduce((sum, { missing }) => sum + missing, 0);
}
