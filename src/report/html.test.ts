import { describe, expect, test } from 'vitest';
import {
  DOWN_RUN,
  findingOf,
  GREEN_RUN,
  HOSTILE,
  HOSTILE_RUN,
  MIXED_CASE,
  RECORDS,
} from './fixture/run-result.ts';
import { timeScale } from './html/time-scale.ts';
import { renderHtml } from './html.tsx';

const headings = (html: string): readonly string[] =>
  [...html.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g)].map(([, text]) => text ?? '');

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2060-\u2069]/;

describe('the page', () => {
  test('tells the worst first', () => {
    expect(headings(renderHtml(HOSTILE_RUN))).toEqual([
      'Run',
      'What kept the run from testing',
      'Failed (1)',
      'Warnings (1)',
      'Errored (1)',
      'Inconclusive (1)',
      'All checks',
      'Cases (3)',
      'Recorded (1)',
      'Not applicable (1)',
      'Requirements',
      'Environment',
    ]);
  });

  test('of a run whose endpoint is down says so and has no empty tables', () => {
    const html = renderHtml({ ...DOWN_RUN, requirements: {} });
    expect(headings(html)).toEqual(['Run', 'What kept the run from testing', 'Environment']);
    expect(html).toContain(
      'Could not test: 1 planned case never ran; Nothing listens at ws://localhost:9001.',
    );
  });

  test('has every id once, and every link within it arrives', () => {
    const html = renderHtml(HOSTILE_RUN);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  test('has the same permalinks in every run', () => {
    const html = renderHtml({
      ...HOSTILE_RUN,
      runId: 'other',
      cases: HOSTILE_RUN.cases.toReversed(),
    });
    expect(html).toContain('id="check-connect-authorizer-denies-identity-denied-refused-');
    const ids = (text: string): readonly string[] =>
      [...text.matchAll(/id="(check-[^"]*)"/g)].map(([, id]) => id ?? '').toSorted();
    expect(ids(html)).toEqual(ids(renderHtml(HOSTILE_RUN)));
  });

  test('loads nothing, has one script, one style, no event handlers, links to http only', () => {
    const html = renderHtml(HOSTILE_RUN);
    const tags = [...html.matchAll(/<([a-z0-9]+)((?: [^<>"]*(?:"[^"]*")?)*)\/?>/g)].map(
      ([, name, list]) => ({ name, list: list ?? '' }),
    );
    const count = (wanted: string): number => tags.filter(({ name }) => name === wanted).length;
    expect(['script', 'style', 'img', 'link', 'iframe', 'object'].map(count)).toEqual([
      1, 1, 0, 0, 0, 0,
    ]);
    expect(
      tags.filter(({ list }) => / (on\w+|src|style)=/.test(list.replaceAll(/"[^"]*"/g, '""'))),
    ).toEqual([]);
    expect(
      [...html.matchAll(/href="([^"#][^"]*)"/g)].filter(([, url]) => !url?.startsWith('https://')),
    ).toEqual([]);
  });

  test('shows no control or bidirectional character from outside', () => {
    expect(renderHtml(HOSTILE_RUN)).not.toMatch(CONTROLS);
  });

  test('cuts payloads at 4 KiB and says how long they are', () => {
    const [request] = RECORDS.filter(({ kind }) => kind === 'request');
    const raw = { bytes: 200_000, text: `GET / HTTP/1.1\r\n${'x'.repeat(199_984)}` };
    const records = request === undefined ? [] : [{ ...request, raw } as typeof request];
    const html = renderHtml({
      ...GREEN_RUN,
      cases: [{ ...MIXED_CASE, records, findings: [findingOf('a', 'passed')] }],
    });
    expect(html.length).toBeLessThan(30_000);
    expect(html).toContain('xxx… (200000 bytes in all)</pre>');
  });

  test('of a hundred cases with twenty records each stays below 1 MB and says what it leaves out', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({
      ...MIXED_CASE,
      id: `connect/case-${at}`,
      description: 'A case.',
      records: JSON.parse(
        JSON.stringify([
          ...RECORDS,
          ...RECORDS.slice(0, 4).map((one) => ({ ...one, seq: one.seq + 100 })),
        ]).replaceAll(JSON.stringify(HOSTILE).slice(1, -1), 'x'),
      ) as typeof RECORDS,
      findings: ['a', 'b', 'c', 'd'].map((check) => findingOf(check, 'passed')),
    }));
    const html = renderHtml({ ...GREEN_RUN, cases: many });
    expect(html.length).toBeLessThan(1_000_000);
    expect(
      html.split('4 more records of this case not shown here; the JSON report has them.').length -
        1,
    ).toBe(100);
  });
});

test.each([
  [0, 612_000, ['0', '100 ms', '200 ms', '300 ms', '400 ms', '500 ms', '600 ms']],
  [0, 900, ['0', '0.2 ms', '0.4 ms', '0.6 ms', '0.8 ms', '1 ms']],
  [100, 1_112_000, ['0.2 s', '0.4 s', '0.6 s', '0.8 s', '1 s']],
  [-2000, 6000, ['-2 ms', '-1 ms', '0', '1 ms', '2 ms', '3 ms', '4 ms', '5 ms', '6 ms']],
])('the time axis from %d to %d µs is marked at round instants', (from, to, labels) => {
  expect(timeScale(from, to, 0, 800).ticks.map(({ label }) => label)).toEqual(labels);
});
