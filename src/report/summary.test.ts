import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../result/run-result.ts';
import { conclude } from './conclusion.ts';
import {
  DOWN_RUN,
  findingOf,
  GREEN_RUN,
  HOSTILE,
  HOSTILE_RUN,
  MIXED_CASE,
} from './fixture/run-result.ts';
import { renderSummary } from './summary.ts';

// The mixed run with plain text where the hostile one has traps, so that it can be read here.
const PLAIN_RUN: RunResult = {
  ...(JSON.parse(
    JSON.stringify(HOSTILE_RUN).replaceAll(JSON.stringify(HOSTILE).slice(1, -1), 'evil'),
  ) as RunResult),
};

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('the whole text without colour', () => {
  expect(renderSummary(PLAIN_RUN, { color: false })).toMatchInlineSnapshot(`
    "✗ connect/authorizer-denies[identity=denied]#refused: The upgrade is refused
      requirement  connect.authorizer.deny (must)
                   A connection that the authorizer denies is refused.
      source       API Gateway Developer Guide, "The $connect route" <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>
                   “If authorization fails, the connection is refused with 401 or 403.”
                   Hostile evil <javascript:alert(1)>
                   “evil”
      expected     status 401 or 403
      actual       The connection was opened: evil
                   handshake.status = 101
                   handshake.phrase = "evil"
      where        scenarios/connect/authorizer-denies.yaml:12:5
      timeline        +2.1 ms  client   writes GET /dev?token=[redacted] HTTP/1.1
                      +4.0 ms  backend  AUTHORIZER invoked | {"type":"REQUEST","headers":{"X-Evil":"evil"}}
                      +504 ms  backend  AUTHORIZER answered | {"effect":"deny"}
                      +506 ms  client   answer HTTP/1.1 101 evil: the connection is open
                      +511 ms  client   A text frame is not valid UTF-8 (TEXT_NOT_UTF8, close code 1007) | 0x ff 00 fe 80
                      +512 ms  client   sends close 1007 frame "evil" | 0x 03 ef
                      +600 ms  client   connection reset (ECONNRESET)
      rerun        ws-assay run 'connect/authorizer-denies[identity=denied]' --target reference

    ▲ connect/authorizer-denies[identity=denied]#status: The upgrade is refused when the authorizer denies
      requirement  connect.authorizer.deny-status (should)
                   The status is 403.
      source       Measured on API Gateway
      expected     status 403
      actual       The status is 101 and should be 403.
                   handshake.status = 101
      where        scenarios/connect/authorizer-denies.yaml:12:5
      timeline        +2.1 ms  client   writes GET /dev?token=[redacted] HTTP/1.1
                      +4.0 ms  backend  AUTHORIZER invoked | {"type":"REQUEST","headers":{"X-Evil":"evil"}}
                      +504 ms  backend  AUTHORIZER answered | {"effect":"deny"}
                      +506 ms  client   answer HTTP/1.1 101 evil: the connection is open
                      +511 ms  client   A text frame is not valid UTF-8 (TEXT_NOT_UTF8, close code 1007) | 0x ff 00 fe 80
                      +512 ms  client   sends close 1007 frame "evil" | 0x 03 ef
                      +600 ms  client   connection reset (ECONNRESET)
      rerun        ws-assay run 'connect/authorizer-denies[identity=denied]' --target reference

    Errored
      ! connect/authorizer-denies[identity=denied]#told: The observer reported nothing. (OBSERVER_SILENT)
        rerun ws-assay run 'connect/authorizer-denies[identity=denied]' --target reference

    Inconclusive
      ? connect/authorizer-denies[identity=denied]#rate: Only 3 of 20 samples.
        rerun ws-assay run 'connect/authorizer-denies[identity=denied]' --target reference

    Ended early
      disconnect/reset: target died: exit code 1 while the case was running
        rerun ws-assay run disconnect/reset --target reference

    Problems
      TARGET_DIED: The target died: evil Read its log.

    Never ran
      connect/throttle[rate=5]
      disconnect/reset[how=fin]

    Skipped
      connect/authorizer-denies[identity=denied]#deferred: an earlier step was impossible

    Not applicable
      apiKey.usagePlan: 1 check (connect/authorizer-denies[identity=denied]#metered)

    Recorded
      connect/authorizer-denies[identity=denied]#as-seen: handshake.status = 101, closed.reason = "evil"

    1 failed · 1 warned · 1 errored · 1 inconclusive · 2 passed · 1 recorded · 1 skipped · 1 not applicable · decided 4 of 9 checks in 3 cases · 4.210 s · TLS NOT verified
    Could not test everything: 1 check errored; 2 planned cases never ran; The target died: evil. Of 4 decided checks 1 failed.
    "
  `);
});

test('with colour the text is the same, in colour', () => {
  const colored = renderSummary(PLAIN_RUN, { color: true });
  // oxlint-disable-next-line no-control-regex -- the escape sequences of colour are what it removes
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderSummary(PLAIN_RUN, { color: false }));
  expect(colored).toContain('\u001b[31m✗\u001b[39m');
});

test('a green run is two lines', () => {
  expect(renderSummary(GREEN_RUN, { color: false })).toBe(
    '1 passed · decided 1 of 1 check in 1 case · 4.210 s\nPassed: 1 check decided, none failed.\n',
  );
});

test('a run whose endpoint is down says so', () => {
  expect(renderSummary(DOWN_RUN, { color: false })).toBe(`Problems
  TARGET_UNREACHABLE: Nothing listens at ws://localhost:9001.

Never ran
  connect/opens

decided 0 of 0 checks in 0 cases · 4.210 s
Could not test: 1 planned case never ran; Nothing listens at ws://localhost:9001.
`);
});

test('no text from outside reaches the terminal with a control character', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(
      fc.record({ message: text, expected: text, title: text, reason: text, check: text }),
      text,
      (changes, outside) => {
        const findings = (
          ['failed', 'errored', 'recorded', 'skipped', 'not-applicable'] as const
        ).map((verdict) => findingOf('x', verdict, { ...changes, actual: { [outside]: outside } }));
        const run = {
          ...HOSTILE_RUN,
          cases: [{ ...MIXED_CASE, id: outside, rerun: outside, findings }],
        };
        expect(renderSummary(run, { color: false })).not.toMatch(CONTROLS);
      },
    ),
    { numRuns: 30 },
  );
});

describe('the last sentence agrees with the exit code', () => {
  const failed = { ...GREEN_RUN.counts, failed: 2 };
  test.each<[Partial<RunResult>, string, string]>([
    [{}, 'passed', 'Passed: 1 check decided, none failed.'],
    [
      { counts: { ...GREEN_RUN.counts, warned: 1 } },
      'passed',
      'Passed: 2 checks decided, none failed, 1 with a warning.',
    ],
    [
      { counts: failed },
      'broken',
      'Exit code 0 although 2 checks failed: this result contradicts itself.',
    ],
    [
      { counts: { ...GREEN_RUN.counts, passed: 0 } },
      'broken',
      'Exit code 0 although nothing was decided: this result contradicts itself.',
    ],
    [{ exitCode: 1, counts: failed }, 'failed', 'Failed: 2 of 3 decided checks failed.'],
    [
      { exitCode: 1, counts: { ...GREEN_RUN.counts, warned: 1 }, policy: { failOn: 'should' } },
      'failed',
      'Failed: 0 of 2 decided checks failed; 1 warning, which the policy counts as failures.',
    ],
    [
      {
        exitCode: 2,
        counts: { ...GREEN_RUN.counts, passed: 0 },
        problems: [{ code: 'NOTHING_MATCHED', message: 'No scenario matches x.' }],
      },
      'invalid',
      'Nothing to test: No scenario matches x.',
    ],
    [
      { exitCode: 3, counts: { ...failed, errored: 1 } },
      'untested',
      'Could not test everything: 1 check errored. Of 3 decided checks 2 failed.',
    ],
    [
      { exitCode: 4, counts: { ...GREEN_RUN.counts, passed: 0, inconclusive: 2 } },
      'inconclusive',
      'Inconclusive: 2 checks could not be decided from what was measured.',
    ],
    [
      { exitCode: 130, notRun: ['a', 'b'] },
      'interrupted',
      'Interrupted: 1 of 3 cases ran; 0 of 1 decided checks failed so far.',
    ],
    [
      { exitCode: 70 },
      'broken',
      'ws-assay itself failed (exit code 70): no check could be decided. Please report it.',
    ],
  ])('%j', (changes, outcome, sentence) => {
    const conclusion = conclude({ ...GREEN_RUN, ...changes });
    expect([conclusion.outcome, conclusion.sentence]).toEqual([outcome, sentence]);
  });
});

test('one cause that keeps many checks from being decided is said once', () => {
  const findings = ['a', 'b', 'c', 'd', 'e'].map((check) =>
    findingOf(check, 'errored', { message: 'Nobody listens.', reason: 'TARGET_UNREACHABLE' }),
  );
  const result: RunResult = {
    ...GREEN_RUN,
    cases: [{ ...MIXED_CASE, id: 'x/y', findings, records: [] }],
    counts: { ...GREEN_RUN.counts, passed: 0, errored: 5 },
    exitCode: 3,
  };
  const text = renderSummary(result, { color: false });
  expect(text.split('Nobody listens.')).toHaveLength(2);
  expect(text).toContain(
    '  ! Nobody listens. (TARGET_UNREACHABLE): 5 checks (x/y#a, x/y#b, x/y#c, 2 more)',
  );
});
