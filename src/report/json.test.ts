import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Json } from '../base/json.ts';
import type { Finding } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';
import { DOWN_RUN, findingOf, GREEN_RUN, HOSTILE_RUN, MIXED_CASE } from './fixture/run-result.ts';
import { parseRunResult, renderJson } from './json.ts';
import type { runResultSchema } from './run-result-schema.ts';

// The compiler compares the contract with the schema: a key that is renamed or retyped in one of
// them stops this line from compiling.
type Plain<T> = Json extends T
  ? unknown
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;
const contractFitsSchema: Plain<RunResult> extends z.input<typeof runResultSchema> ? true : false =
  true;

describe('a saved result', () => {
  test.each([
    ['hostile', HOSTILE_RUN],
    ['green', GREEN_RUN],
    ['down', DOWN_RUN],
  ])('a %s run comes back as it was', (_, run) => {
    expect(contractFitsSchema).toBe(true);
    expect(parseRunResult(renderJson(run))).toEqual({ kind: 'result', result: run });
  });

  test('any texts, values and numbers come back as they were', () => {
    const text = fc.string({ unit: 'binary' });
    const finding = fc
      .record({
        message: text,
        expected: text,
        actual: fc.dictionary(text, fc.jsonValue({ noUnicodeString: false })),
        evidence: fc.array(fc.nat()),
      })
      .map((changes) => findingOf('a', 'failed', changes as Partial<Finding>));
    fc.assert(
      fc.property(fc.array(finding), fc.array(text), (findings, notRun) => {
        const run = { ...HOSTILE_RUN, notRun, cases: [{ ...MIXED_CASE, findings }] };
        const parsed = parseRunResult(renderJson(run));
        expect(parsed).toEqual({ kind: 'result', result: JSON.parse(JSON.stringify(run)) });
      }),
      { numRuns: 50 },
    );
  });

  test('keys of a later minor version are kept', () => {
    const later = { ...GREEN_RUN, load: { rate: 5 } };
    expect(parseRunResult(JSON.stringify(later))).toEqual({ kind: 'result', result: later });
  });
});

describe('what is no result is refused with one sentence', () => {
  test.each([
    ['', 'The file is empty.'],
    ['[]', 'The file is JSON but not a ws-assay result.'],
    ['{"schemaVersion":1}', 'The file is JSON but not a ws-assay result.'],
    ['{"schemaVersion":1,"tool":{"name":"other"}}', 'The file is JSON but not a ws-assay result.'],
    [
      JSON.stringify({ ...GREEN_RUN, schemaVersion: 2 }),
      'The result has schema version 2; this ws-assay reads 1. Update ws-assay to read it.',
    ],
    [
      JSON.stringify({ ...GREEN_RUN, schemaVersion: 0 }),
      'The result has schema version 0, which this ws-assay does not read.',
    ],
    [
      JSON.stringify({ ...GREEN_RUN, exitCode: '0' }),
      'The result is damaged: exitCode is not what a ws-assay result has there.',
    ],
    [
      JSON.stringify({
        ...GREEN_RUN,
        cases: [{ ...MIXED_CASE, records: [{ seq: 1, kind: 'unheard' }] }],
      }),
      'The result is damaged: cases.0.records.0.kind is not what a ws-assay result has there.',
    ],
  ])('case %#', (text, message) => {
    expect(parseRunResult(text)).toEqual({ kind: 'problem', message });
  });

  test('every beginning of a result, however long', () => {
    const text = renderJson(HOSTILE_RUN).trimEnd();
    for (let length = 1; length < text.length; length += 97) {
      const parsed = parseRunResult(text.slice(0, length));
      expect(parsed).toEqual({
        kind: 'problem',
        message: expect.stringMatching(/^The file is not complete JSON: .*\.$/s),
      });
    }
  });
});
