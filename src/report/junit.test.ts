import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { RunResult } from '../result/run-result.ts';
import {
  DOWN_RUN,
  findingOf,
  GREEN_RUN,
  HOSTILE,
  HOSTILE_RUN,
  MIXED_CASE,
} from './fixture/run-result.ts';
import { renderJUnit } from './junit.ts';
import type { JUnitDialect } from './junit-document.ts';
import { junitDocument } from './junit-document.ts';

const XSD = new URL('../../../shared/fixtures/junit/junit-10.xsd', import.meta.url);
const DIALECTS: readonly JUnitDialect[] = ['ci', 'xunit-strict'];

// Canonical XML: no CDATA, everything escaped, so that each `<name` is an element.
async function canonical(xml: string): Promise<string> {
  const { normalized, errors } = await validateXML({ xml, normalization: 'c14n' });
  expect(errors).toEqual([]);
  return normalized;
}

function count(xml: string, element: string): number {
  return [...xml.matchAll(new RegExp(`<${element}[ >]`, 'g'))].length;
}

function attributes(xml: string, element: string): readonly Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${element}((?: [\\w-]+="[^"]*")*)>`, 'g'))].map(([, list]) =>
    Object.fromEntries(
      [...(list ?? '').matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    ),
  );
}

function runWith(...findings: readonly ReturnType<typeof findingOf>[]): RunResult {
  return { ...GREEN_RUN, cases: [{ ...MIXED_CASE, records: [], findings }] };
}

function documentOf(output: string, dialect: JUnitDialect = 'ci'): string {
  const outcome = { kind: 'failure', type: 'must', message: output, body: output } as const;
  const one = {
    className: 'a',
    name: 'b',
    seconds: 0,
    properties: {},
    outcome,
    output: [output],
    attachments: [],
  };
  return junitDocument(
    [{ name: 's', timestamp: '2026-01-01T00:00:00Z', seconds: 0, properties: {}, cases: [one] }],
    dialect,
  );
}

describe.each(DIALECTS)('dialect %s', (dialect) => {
  test('has every element as often as the run has what it stands for', async () => {
    const xml = await canonical(renderJUnit(HOSTILE_RUN, { dialect }));
    const counts = Object.fromEntries(
      [
        'testsuites',
        'testsuite',
        'testcase',
        'failure',
        'error',
        'skipped',
        'system-out',
        'system-err',
      ].map((element) => [element, count(xml, element)]),
    );
    expect(counts).toEqual({
      testsuites: 1,
      testsuite: 4,
      testcase: 13,
      failure: 1,
      error: 6,
      skipped: 2,
      'system-out': 6,
      'system-err': 0,
    });
    expect(attributes(xml, 'testsuites')).toEqual([
      {
        name: 'ws-assay',
        tests: '13',
        failures: '1',
        errors: '6',
        ...(dialect === 'ci' ? { skipped: '2' } : {}),
      },
    ]);
  });

  test.skipIf(!existsSync(XSD)).each([
    ['hostile', HOSTILE_RUN],
    ['green', GREEN_RUN],
    ['down', DOWN_RUN],
  ])(
    'a %s run is accepted or refused by the schema of the Jenkins xUnit plugin as the dialect says',
    async (_, run) => {
      const xml = renderJUnit(run, { dialect, attachments: ['reports/x/report.html'] });
      const { valid, errors } = await validateXML({ xml, schema: readFileSync(XSD, 'utf8') });
      expect({ valid, errors: dialect === 'ci' ? [] : errors }).toEqual({
        valid: dialect !== 'ci',
        errors: [],
      });
    },
  );

  test('any text in any place leaves the document well-formed and the text readable', async () => {
    const unit = fc.constantFrom(
      ']]>',
      '<![CDATA[',
      '<',
      '&',
      '\u001b[1m',
      '\ud800',
      '\ufffe',
      '\u2060',
      '<skipped/>',
      '"',
      'a',
      '\u{1f600}',
    );
    const texts = fc.sample(
      fc.oneof(
        fc.array(unit).map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      200,
    );
    const cases = texts.map((text) => ({
      className: text,
      name: text,
      seconds: 0,
      file: text,
      line: 3,
      properties: { [text]: text },
      outcome: { kind: 'skipped', message: text } as const,
      output: [text],
      attachments: [text],
    }));
    const suite = {
      name: HOSTILE,
      timestamp: HOSTILE,
      seconds: Number.NaN,
      properties: { [HOSTILE]: HOSTILE },
      cases,
    };
    const xml = await canonical(junitDocument([suite], dialect));
    expect([count(xml, 'testcase'), count(xml, 'skipped'), count(xml, 'failure')]).toEqual([
      200, 200, 0,
    ]);
  });
});

describe('what the builder gets wrong is made good', () => {
  test('1: any number of `]]>` in a text comes back as it was', async () => {
    const text = 'a ]]> b ]]>]]> c ]]]]>> d <![CDATA[ e';
    const xml = await canonical(documentOf(text));
    expect(xml).toContain(
      `<system-out>${text.replaceAll('>', '&gt;').replaceAll('<', '&lt;')}\n</system-out>`,
    );
  });

  test('2: the root has no `skipped` where the schema forbids it, and has it elsewhere', () => {
    expect(renderJUnit(HOSTILE_RUN, { dialect: 'xunit-strict' })).toMatch(
      /<testsuites name="ws-assay" tests="13" failures="1" errors="6">/,
    );
    expect(renderJUnit(HOSTILE_RUN)).toMatch(
      /<testsuites name="ws-assay" tests="13" failures="1" errors="6" skipped="2">/,
    );
  });

  test('3: test cases have file, line and properties in dialect ci only', async () => {
    const strict = await canonical(renderJUnit(HOSTILE_RUN, { dialect: 'xunit-strict' }));
    const ci = await canonical(renderJUnit(HOSTILE_RUN));
    const keys = (xml: string): string =>
      Object.keys(attributes(xml, 'testcase')[0] ?? {})
        .toSorted()
        .join(' ');
    expect([keys(strict), keys(ci)]).toEqual([
      'classname name time',
      'classname file line name time',
    ]);
    expect([count(strict, 'properties'), count(ci, 'properties')]).toEqual([4, 17]);
  });

  test.each([
    [0.000_000_1, '0'],
    [0.123_45, '0.123'],
    [1e22, '1000000000'],
    [-1, '0'],
    [Number.NaN, '0'],
    [61.5, '61.5'],
  ])('4: %d seconds are written as %s', (seconds, text) => {
    const suite = {
      name: 's',
      timestamp: '2026-01-01T00:00:00Z',
      seconds,
      properties: {},
      cases: [],
    };
    expect(junitDocument([suite], 'ci')).toContain(` time="${text}" `);
  });

  test('5: timestamps are UTC whatever the zone of the machine', () => {
    const run = { ...GREEN_RUN, startedAt: '2026-11-22T03:04:05.678+02:00' };
    expect(renderJUnit(run)).toContain('timestamp="2026-11-22T01:04:05"');
  });

  test('6: a skipped check says why, in attribute and text', async () => {
    const xml = await canonical(
      renderJUnit(
        runWith(
          findingOf('a', 'not-applicable', { reason: 'api"Key <b>', message: 'no such feature' }),
        ),
      ),
    );
    const message = 'not applicable: api&quot;Key &lt;b>: no such feature';
    expect(xml).toContain(
      `<skipped message="${message}">not applicable: api"Key &lt;b&gt;: no such feature</skipped>`,
    );
  });

  test('7: attachments stand in system-out of failed and errored checks, each on a line of its own', async () => {
    const run = runWith(
      findingOf('a', 'failed'),
      findingOf('b', 'passed'),
      findingOf('c', 'errored'),
    );
    const xml = await canonical(
      renderJUnit(run, { attachments: ['reports/r/report.html', 'reports/r/result.json'] }),
    );
    const lines = xml.split('\n').filter((line) => line.startsWith('[[ATTACHMENT|'));
    expect(lines).toEqual([
      '[[ATTACHMENT|reports/r/report.html]]',
      '[[ATTACHMENT|reports/r/result.json]]',
      '[[ATTACHMENT|reports/r/report.html]]',
      '[[ATTACHMENT|reports/r/result.json]]',
    ]);
  });

  test('8: every test case is in a suite and has the line of its check', async () => {
    const xml = await canonical(renderJUnit(HOSTILE_RUN));
    expect(xml).not.toMatch(/<testsuites[^>]*>\s*<testcase/);
    expect(attributes(xml, 'testcase')[1]).toEqual({
      classname: 'connect.authorizer-denies',
      name: 'refused [identity=denied]',
      time: '0.077',
      file: 'scenarios/connect/authorizer-denies.yaml',
      line: '12',
    });
  });

  test('9: an ANSI sequence is shown as text, whole', async () => {
    expect(await canonical(documentOf('\u001b[31mred'))).toContain('\\u{1b}[31mred');
  });

  test('10: two reports share nothing', () => {
    expect(renderJUnit(GREEN_RUN)).toBe(renderJUnit(GREEN_RUN));
  });

  test('11: a check has one result', async () => {
    const xml = await canonical(renderJUnit(HOSTILE_RUN));
    const bodies = xml
      .split('</testcase>')
      .map((part) => part.slice(part.lastIndexOf('<testcase')));
    expect(
      bodies.filter(
        (body) => count(body, 'failure') + count(body, 'error') + count(body, 'skipped') > 1,
      ),
    ).toEqual([]);
  });

  test('12: empty names are not left out', async () => {
    const suite = { name: '', timestamp: '', seconds: 0, properties: { '': '' }, cases: [] };
    const empty = {
      className: '',
      name: ' ',
      seconds: 0,
      properties: {},
      outcome: { kind: 'passed' },
      output: [],
      attachments: [],
    } as const;
    const xml = await canonical(junitDocument([{ ...suite, cases: [empty, empty] }], 'ci'));
    expect(attributes(xml, 'testsuite')[0]?.['name']).toBe('(unnamed)');
    expect(attributes(xml, 'testcase').map(({ classname, name }) => [classname, name])).toEqual([
      ['(unnamed)', '(unnamed)'],
      ['(unnamed)', '(unnamed) (2)'],
    ]);
  });
});

describe('what is no success does not look like one', () => {
  test('a run whose endpoint is down has an errored test case', async () => {
    const xml = await canonical(renderJUnit(DOWN_RUN));
    expect(attributes(xml, 'error')).toEqual([
      { message: 'connect/opens was planned and never ran.', type: 'not-run' },
      { message: 'Nothing listens at ws://localhost:9001.', type: 'TARGET_UNREACHABLE' },
    ]);
  });

  test.each([
    ['nothing ran and nothing is known', { ...GREEN_RUN, cases: [], exitCode: 0 }],
    ['the exit code says failed and no check did', { ...GREEN_RUN, exitCode: 1 }],
    ['it was interrupted', { ...GREEN_RUN, interrupted: true, exitCode: 130 }],
    ['nothing was decided', { ...runWith(findingOf('a', 'skipped')), exitCode: 4 }],
  ])('%s: one errored test case says so', async (_, run) => {
    expect(count(await canonical(renderJUnit(run)), 'error')).toBe(1);
  });

  test('a green run has neither failure nor error', async () => {
    const xml = await canonical(renderJUnit(GREEN_RUN));
    expect([count(xml, 'testcase'), count(xml, 'failure'), count(xml, 'error')]).toEqual([1, 0, 0]);
  });

  test('a warning passes, and fails where the policy says so', async () => {
    const run = runWith(findingOf('a', 'warned', { level: 'should' }));
    const strict: RunResult = { ...run, policy: { failOn: 'should' }, exitCode: 1 };
    const [lenient, failing] = await Promise.all([
      canonical(renderJUnit(run)),
      canonical(renderJUnit(strict)),
    ]);
    expect([count(lenient, 'failure'), attributes(failing, 'failure')]).toEqual([
      0,
      [{ message: 'a warned', type: 'should' }],
    ]);
    expect(lenient).toContain('<system-out>warning (should): a warned\n');
  });
});
