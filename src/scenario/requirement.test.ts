import { describe, expect, it } from 'vitest';
import { crossCheck, listChecks } from './cross-check.ts';
import { renderDiagnostics } from './diagnostic.ts';
import { parseScenario, type ScenarioFile } from './parse.ts';
import { parseRequirements, type RequirementRegistry } from './requirement.ts';

const FILE = 'suites/s/requirements.yaml';

function scenario(id: string, text: string): ScenarioFile {
  const parsed = parseScenario({ file: `scenarios/${id}.yaml`, id, text });
  if ('diagnostics' in parsed) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.scenario;
}

function registry(text: string): RequirementRegistry {
  const parsed = parseRequirements(FILE, text);
  if ('diagnostics' in parsed)
    throw new Error(renderDiagnostics(parsed.diagnostics, { [FILE]: text }));
  return parsed.registry;
}

const KEYS = `title: t
axes:
  key:
    missing: { credentials: none, requirement: key.missing-403 }
    unknown: { credentials: unknown, requirement: key.invalid-403 }
steps: [{ connect: { endpoint: api-key, credentials: "\${key.credentials}" } }]
checks:
  refused: { requirement: "\${key.requirement}", handshake: { status: 403 } }
  seen: { record: [handshake.status] }
`;

const HEAD = `title: AWS
sources:
  D1: { title: Developer guide, url: "https://example.com/", kind: documented }
requirements:
`;

it('reads requirements with their sources', () => {
  const text = `${HEAD}  key.missing-403:
    level: must
    statement: Without a key the upgrade is refused.
    confidence: high
    unknown: the body
    sources: [{ ref: D1, quote: "…" }]
    checks: ["api-key/refused#refused"]
  key.jwt:
    level: may
    statement: No JWT.
    excluded: A control-plane answer.
`;
  expect(registry(text).requirements).toEqual({
    'key.missing-403': {
      id: 'key.missing-403',
      level: 'must',
      statement: 'Without a key the upgrade is refused.',
      confidence: 'high',
      unknown: 'the body',
      sources: [{ title: 'Developer guide', url: 'https://example.com/', quote: '…' }],
      checks: [
        { id: 'api-key/refused#refused', span: { file: FILE, line: 11, column: 14, length: 25 } },
      ],
      excluded: undefined,
      span: { file: FILE, line: 5, column: 3, length: 15 },
    },
    'key.jwt': {
      id: 'key.jwt',
      level: 'may',
      statement: 'No JWT.',
      confidence: undefined,
      unknown: undefined,
      sources: [],
      checks: [],
      excluded: 'A control-plane answer.',
      span: { file: FILE, line: 12, column: 3, length: 7 },
    },
  });
});

it('says what is wrong with the file', () => {
  const text = `${HEAD}  a: { level: must, statement: S. }
  b: { level: must, statement: S., checks: [x#y], excluded: no }
  c: { level: shall, statement: S., checks: [x#y], sources: [{ ref: D2 }] }
`;
  const parsed = parseRequirements(FILE, text);
  if ('registry' in parsed) throw new Error('no mistake');
  expect(`\n${renderDiagnostics(parsed.diagnostics, { [FILE]: text })}\n`).toMatchInlineSnapshot(`
    "
    suites/s/requirements.yaml:5:3 - error REQ_UNDECIDED: nothing tests this requirement and nothing says why

      4 | requirements:
    > 5 |   a: { level: must, statement: S. }
        |   ^ write checks: […], or excluded: the reason

    suites/s/requirements.yaml:6:51 - error REQ_UNDECIDED: a requirement is tested or excluded, not both

      5 |   a: { level: must, statement: S. }
    > 6 |   b: { level: must, statement: S., checks: [x#y], excluded: no }
        |                                                   ^^^^^^^^ keep one of them

    suites/s/requirements.yaml:7:15 - error SCN_BAD_VALUE: "shall" is not one of must, should, may

      6 |   b: { level: must, statement: S., checks: [x#y], excluded: no }
    > 7 |   c: { level: shall, statement: S., checks: [x#y], sources: [{ ref: D2 }] }
        |               ^^^^^ write one of: must, should, may

    suites/s/requirements.yaml:7:69 - error REQ_UNKNOWN_SOURCE: there is no source "D2"

      6 | …el: must, statement: S., checks: [x#y], excluded: no }
    > 7 | …el: shall, statement: S., checks: [x#y], sources: [{ ref: D2 }] }
        |                                                            ^^ did you mean "D1"?

    4 errors in 1 file. Nothing was run.
    "
  `);
});

describe('the lock', () => {
  const one = (
    requirements: string,
    scenarios = [scenario('api-key/refused', KEYS)],
  ): readonly string[] =>
    crossCheck(registry(HEAD + requirements), scenarios).map(
      ({ code, message, span }) => `${span.file}:${span.line}:${span.column} ${code}: ${message}`,
    );
  const requirement = (id: string, checks: string): string =>
    `  ${id}: { level: must, statement: S., checks: [${checks}] }\n`;
  const missing = requirement('key.missing-403', '"api-key/refused[key=missing]#refused"');
  const unknown = requirement('key.invalid-403', '"api-key/refused#refused"');

  it('lists the checks of every case with the requirement of that case', () => {
    const listed = listChecks(scenario('api-key/refused', KEYS));
    expect(listed.map(({ caseId, check, requirement: of }) => [caseId, check, of])).toEqual([
      ['api-key/refused[key=missing]', 'refused', 'key.missing-403'],
      ['api-key/refused[key=missing]', 'seen', undefined],
      ['api-key/refused[key=unknown]', 'refused', 'key.invalid-403'],
      ['api-key/refused[key=unknown]', 'seen', undefined],
    ]);
  });

  it('is shut when both sides agree', () => {
    expect(one(missing + unknown)).toEqual([]);
  });

  it('opens when a requirement does not list the check that names it', () => {
    const wrong = requirement('key.missing-403', '"api-key/refused[key=unknown]#refused"');
    expect(one(wrong + unknown)).toEqual([
      'suites/s/requirements.yaml:5:59 REQ_NOT_NAMED_BACK: api-key/refused[key=unknown]#refused does not name key.missing-403',
      'scenarios/api-key/refused.yaml:4:48 REQ_NOT_NAMED_BACK: key.missing-403 does not list api-key/refused[key=missing]#refused',
    ]);
  });

  it('opens when a check names a requirement that is not there', () => {
    expect(one(unknown)).toEqual([
      'scenarios/api-key/refused.yaml:4:48 REQ_UNKNOWN_REQUIREMENT: there is no requirement "key.missing-403"',
    ]);
  });

  it('opens when a requirement names a check that is not there', () => {
    expect(one(missing + unknown + requirement('other', '"api-key/refused#refusd"'))).toEqual([
      'suites/s/requirements.yaml:7:49 REQ_UNKNOWN_CHECK: there is no check "api-key/refused#refusd"',
    ]);
  });

  it('opens when a check tests what is excluded', () => {
    const excluded = '  key.missing-403: { level: must, statement: S., excluded: no }\n';
    expect(one(excluded + unknown)).toEqual([
      'scenarios/api-key/refused.yaml:4:48 REQ_NOT_NAMED_BACK: key.missing-403, which is excluded does not list api-key/refused[key=missing]#refused',
    ]);
  });
});
