// A load in every report: what a hostile endpoint sends must not break one, and nothing is lost.
import { describe, expect, test } from 'vitest';
import { foldRun } from '../result/fold.ts';
import type { LoadProgress, RunEvent } from '../result/run-event.ts';
import type { CaseResult, RunResult } from '../result/run-result.ts';
import { createConsoleListener } from './console.ts';
import { LOAD, THROTTLED } from './fixture/load-result.ts';
import { findingOf, GREEN_RUN, HOSTILE } from './fixture/run-result.ts';
import { valueScale } from './html/value-scale.ts';
import { renderHtml } from './html.tsx';
import { parseRunResult, renderJson } from './json.ts';
import { renderJUnit } from './junit.ts';
import { loadBins } from './load-bins.ts';
import { loadFacts, number } from './load-lines.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSummary } from './summary.ts';

const CASE: CaseResult = {
  id: 'load/rush',
  scenario: 'load/rush',
  file: 'scenarios/load/rush.yaml',
  title: 'A rush gets in',
  axes: {},
  tags: [],
  isolation: 'exclusive',
  startedAtUs: 0,
  durationUs: 75_000_000,
  findings: [
    findingOf('connect-p99', 'passed', {
      expected: 'p99 of connecting to opened at most 800 ms',
    }),
  ],
  connections: [],
  records: [],
  rerun: 'ws-assay run load/rush',
  load: LOAD,
};
const RUN: RunResult = { ...GREEN_RUN, cases: [CASE] };
const [FIRST] = LOAD.refusals;
const HOSTILE_LOAD: RunResult = {
  ...RUN,
  cases: [
    {
      ...CASE,
      load: {
        ...THROTTLED,
        refusals: FIRST === undefined ? [] : [{ ...FIRST, statusText: HOSTILE, body: HOSTILE }],
        endedEarly: HOSTILE,
      },
    },
  ],
};

test('a saved load comes back as it was', () => {
  for (const run of [RUN, HOSTILE_LOAD]) {
    expect(parseRunResult(renderJson(run))).toEqual({ kind: 'result', result: run });
  }
});

test('its facts, most important first', () => {
  expect(loadFacts(LOAD).map(({ label, text }) => `${label}: ${text}`)).toEqual([
    'attempts: 21,000 offered · 20,679 opened · 320 refused 429 · 1 failed (reset)',
    'phase ramp: 16,000 offered · 15,899 opened · 100 refused 429 · 1 failed (reset)',
    'phase peak: 5,000 offered · 4,779 opened · 220 refused 429 · 1 failed (reset)',
    'due to open: p50 4.5 ms · p90 13.5 ms · p99 36.0 ms · p99.9 67.5 ms · max 90.0 ms',
    'start to open: p50 4.0 ms · p90 12.0 ms · p99 32.0 ms · p99.9 60.0 ms · max 80.0 ms',
    'start to refusal: p50 2.0 ms · p90 6.0 ms · p99 16.0 ms · p99.9 30.0 ms · max 40.0 ms',
    'TCP: p50 300 µs · p90 900 µs · p99 2.4 ms · p99.9 4.5 ms · max 6.0 ms',
    'open at a time: 4,750 at most',
    'ended: 12,400 close · 8,200 reset · 79 server',
    'refused 429: 320 with 429 Too Many Requests, Retry-After 1 to 2 s',
    'told of close: 11,990 of 12,000 on time (95% interval 99.85% to 99.95%) · 3 late · 7 missing · 2 twice · p99 310 ms',
    'orphaned: 1 $connect of which no 101 was seen',
    'canaries: 40 of 40 came through',
    'generator: 2 workers · lateness p99 3.2 ms · CPU 41% · event loop p99 2.5 ms',
  ]);
});

test('what limited a throttle', () => {
  const facts = loadFacts(THROTTLED).filter(({ label }) =>
    ['limiter', 'limited to', 'burst', 'full again', 'refusals'].includes(label),
  );
  expect(facts.map(({ label, text }) => `${label}: ${text}`)).toEqual([
    'limiter: token-bucket; accepts are evenly spaced (CV 0.33); a burst of 100 was let in after 2 s of rest',
    'limited to: 50/s (49.8/s to 50.2/s)',
    'burst: 100 (98 to 101)',
    'full again: 2.000 s (1.900 s to 2.100 s)',
    'refusals: cost nothing',
  ]);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('%s is written %s', (value, text) => {
  expect(number(value)).toBe(text);
});

describe('seconds', () => {
  test('are kept where they can be seen, and merged where not', () => {
    expect(loadBins(LOAD.seconds, 300)).toHaveLength(35);
    const bins = loadBins(LOAD.seconds, 10);
    expect(bins).toHaveLength(9);
    expect(bins.map(({ seconds }) => seconds)).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 3]);
    const offered = bins.reduce((sum, bin) => sum + bin.offered * bin.seconds, 0);
    expect(offered).toBeCloseTo(LOAD.seconds.reduce((sum, one) => sum + one.offered, 0));
    expect(bins.at(-1)).toMatchObject({
      open: LOAD.seconds.at(-1)?.open,
      p99Ms: LOAD.seconds.at(-1)?.p99Ms,
    });
  });
});

test.each([
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [1000, [0, 200, 400, 600, 800, 1000]],
  [1001, [0, 500, 1000, 1500]],
  [7, [0, 2, 4, 6, 8]],
])('an axis up to %s is marked at round values', (top, marks) => {
  const scale = valueScale(top, 200, 0);
  expect(scale.marks).toEqual(marks);
  expect([scale.y(0), scale.y(marks.at(-1) ?? 0)]).toEqual([200, 0]);
});

describe('the page', () => {
  const html = renderHtml(RUN);

  test('draws each series, with the threshold as a line and the data as a table', () => {
    const headings = [...html.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, text]) => text);
    expect(headings).toEqual([
      'Offered and opened, attempts a second',
      'Refused and failed, attempts a second',
      'Open connections',
      'Time from due to open',
      '$disconnect seen by the backend, events a second',
      'Delivery of $disconnect, on time within 30s',
    ]);
    expect(html.match(/<svg viewBox="0 0 960 236"/g)).toHaveLength(5);
    expect(html.match(/<details class="data">/g)).toHaveLength(6);
    expect(html).toContain('connect-p99 (p99): 800 ms');
    // The last second of what was offered, in its table.
    expect(html).toContain('<th scope="row">34</th><td>1,000</td><td>949</td>');
  });

  test('of a hostile endpoint stays one page', () => {
    const hostile = renderHtml(HOSTILE_LOAD);
    expect(hostile).not.toContain('<img');
    expect(hostile.match(/<\/script>/g)).toHaveLength(1);
    expect(hostile).toContain('Accepted connects so far');
    const ids = [...hostile.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    const targets = [...hostile.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });
});

test('JUnit has the figures of a load beside its thresholds', () => {
  const xml = renderJUnit(RUN);
  expect(xml).toContain('<property name="load.opened" value="20679"/>');
  expect(xml).toContain('<property name="load.p99-ms" value="36"/>');
  expect(xml).toContain('told of close: 11,990 of 12,000 on time');
});

test('Markdown and the summary have the facts, and nothing that they should not', () => {
  expect(renderMarkdown(RUN)).toContain('#### Load <code>load/rush</code>');
  expect(renderMarkdown(HOSTILE_LOAD)).not.toContain('<img');
  expect(renderSummary(RUN, { color: false })).toContain(
    '\n  due to open               p50 4.5 ms',
  );
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(renderSummary(HOSTILE_LOAD, { color: false })).not.toMatch(/[\u0000-\u0009\u001b]/);
});

function progress(atMs: number, more: Partial<LoadProgress> = {}): LoadProgress {
  const [second] = LOAD.seconds;
  if (second === undefined) throw new Error('no second');
  return { ...second, total: LOAD.total, phase: 'ramp', ...more, atMs };
}

describe('while it runs', () => {
  const told = (isTTY: boolean, events: readonly RunEvent[]): string => {
    let written = '';
    const listener = createConsoleListener({
      write: (text) => (written += text),
      isTTY,
      color: false,
      columns: 100,
    });
    for (const event of events) listener.onEvent(event);
    return written;
  };
  const seconds = [0, 1, 2, 3, 4, 5].map(
    (at): RunEvent => ({ event: 'load-second', id: 'load/rush', second: progress(at * 1000) }),
  );

  test('a log gets a line every five seconds, without any escape', () => {
    expect(told(false, seconds)).toBe(
      [0, 5]
        .map(
          (at) =>
            `load/rush ramp ${at + 1} s · offered 50/s · opened 49/s · 320 × 429, 1 failed · open 48 · p50 3.0 ms · p99 25.0 ms · lateness 1.1 ms\n`,
        )
        .join(''),
    );
  });

  test('a terminal gets one screen that is written anew', () => {
    const screen = told(true, seconds.slice(0, 2));
    expect(screen.split('\u001B[6A\u001B[J')).toHaveLength(2);
    expect(screen).toContain('  opened     49/s   in all 20,679\n');
    const ended = told(true, [...seconds.slice(0, 1), { event: 'case-ended', result: CASE }]);
    expect(ended).toContain('\u001B[6A\u001B[J');
    expect(ended).toMatch(/load\/rush 1 passed/);
  });
});

test('a load that was killed leaves what it had come to', () => {
  const second = progress(11_000, { phase: 'peak' });
  const result = foldRun([
    { event: 'run-started', head: GREEN_RUN, planned: ['load/rush'] },
    { event: 'load-second', id: 'load/rush', second },
  ]);
  expect(result?.notRun).toEqual(['load/rush']);
  expect(result?.problems.at(-1)).toEqual({
    code: 'LOAD_CUT',
    message:
      'load/rush was cut off after 12 s: 21000 attempts offered, 20679 opened, 48 open then. Its seconds are in the journal.',
  });
});
