import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../result/run-event.ts';
import { createConsoleListener } from './console.ts';
import { findingOf, GREEN_RUN, HOSTILE, HOSTILE_RUN, MIXED_CASE } from './fixture/run-result.ts';

const GREEN_CASE = {
  ...MIXED_CASE,
  id: 'a/b',
  durationUs: 41_200,
  findings: [findingOf('x', 'passed'), findingOf('y', 'passed')],
};
const RED_CASE = {
  ...GREEN_CASE,
  id: 'a/c',
  findings: [findingOf('x', 'failed', { message: 'status 101' }), findingOf('y', 'passed')],
};

const EVENTS: readonly RunEvent[] = [
  { event: 'run-started', head: GREEN_RUN, planned: ['a/b', 'a/c'] },
  { event: 'case-started', id: 'a/b', atUs: 0 },
  { event: 'case-started', id: 'a/c', atUs: 0 },
  { event: 'case-ended', result: RED_CASE },
  {
    event: 'problem',
    problem: { code: 'OBSERVER_SILENT', message: 'Nothing heard.', hint: 'Look at it.' },
  },
  { event: 'case-ended', result: GREEN_CASE },
  { event: 'run-ended', durationMs: 1, interrupted: false },
];

function written(
  events: readonly RunEvent[],
  options: { isTTY: boolean; color: boolean; columns?: number },
): string {
  let text = '';
  const listener = createConsoleListener({ ...options, write: (chunk) => (text += chunk) });
  for (const event of events) listener.onEvent(event);
  return text;
}

const PLAIN = `ws-assay 0.1.0 · suite aws-apigateway@2026.1 · target reference · 2 cases · seed a1b2c3d4e5
✗ a/c 1 failed, 1 passed, 41.2 ms
  ✗ x: status 101
! OBSERVER_SILENT: Nothing heard.
  Look at it.
✓ a/b 2 passed, 41.2 ms
`;

// What a terminal shows in the end: a carriage return starts the line again.
function screen(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .split('\r')
        .reduce((shown, part) => part + shown.slice(part.length), '')
        .trimEnd(),
    )
    .join('\n');
}

describe('progress', () => {
  test('in CI: plain lines', () => {
    expect(written(EVENTS, { isTTY: false, color: false })).toBe(PLAIN);
  });

  test('on a terminal without colour: a line that is rewritten, no escape sequence', () => {
    const text = written(EVENTS, { isTTY: true, color: false });
    expect(text).not.toContain('\u001b');
    expect(screen(text)).toBe(PLAIN);
    expect(
      text
        .split('\r')
        .filter((part) => /^\d\/\d/.test(part))
        .map((part) => part.trimEnd()),
    ).toEqual([
      '0/2 · a/b',
      '0/2 · a/b and 1 more',
      '1/2 · 1 failure · a/b',
      '1/2 · 1 failure · a/b',
    ]);
  });

  test('with colour: the same in colour', () => {
    const text = written(EVENTS, { isTTY: true, color: true });
    // oxlint-disable-next-line no-control-regex -- the escape sequences of colour are what it removes
    expect(screen(text.replaceAll(/\u001b\[\d+m/g, ''))).toBe(PLAIN);
    expect(text).toContain('\u001b[31m✗\u001b[39m');
  });

  test('a line that is too long for the terminal is cut, wide characters counted as two', () => {
    const events: readonly RunEvent[] = [
      { event: 'case-started', id: `漢字${'x'.repeat(100)}`, atUs: 0 },
    ];
    expect(written(events, { isTTY: true, color: false, columns: 24 })).toBe(
      `\r0/0 · 漢字${'x'.repeat(12)}…`,
    );
  });

  test('nothing from outside acts on the terminal', () => {
    const text = written(
      [
        { event: 'run-started', head: { ...HOSTILE_RUN, seed: HOSTILE }, planned: [] },
        { event: 'case-started', id: HOSTILE, atUs: 0 },
        { event: 'case-ended', result: { ...MIXED_CASE, targetDied: HOSTILE } },
        { event: 'problem', problem: { code: HOSTILE, message: HOSTILE, hint: HOSTILE } },
        { event: 'run-ended', durationMs: 1, interrupted: true },
      ],
      { isTTY: true, color: false },
    );
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('▲ TLS certificates are NOT verified (--insecure).');
    expect(text).toContain('Interrupted: what is known so far follows.\n');
  });
});

test('a case that a problem kept from being driven has no line of its own', () => {
  const kept = { ...GREEN_CASE, records: [], findings: [findingOf('x', 'errored')] };
  const text = written([{ event: 'case-ended', result: kept }], { isTTY: false, color: false });
  expect(text).toBe('');
});
