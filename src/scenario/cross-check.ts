// Requirements and checks name each other: the redundancy is the lock. A requirement cannot silently
// lose its last check, and no check can claim a requirement that does not exist.
import type { SourceSpan } from '../base/source-span.ts';
import { axesOf, caseId, combinations } from './axis.ts';
import { resolveCase } from './case-document.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import type { ScenarioFile } from './parse.ts';
import type { NamedCheck, Requirement, RequirementRegistry } from './requirement.ts';
import { takeApart } from './select.ts';
import { childOf, entriesOf, textOf } from './source-node.ts';
import { suggestion } from './suggest.ts';

/** A check or a threshold of one case, as far as it is known without a target. */
export interface ListedCheck {
  /** `api-key/refused[key=missing]` */
  readonly caseId: string;
  readonly scenario: string;
  readonly check: string;
  readonly requirement: string | undefined;
  /** Where the requirement is named; the check's id without one. */
  readonly span: SourceSpan;
}

/** Every check and threshold of every case of a scenario, whatever target it will run against. */
export function listChecks(scenario: ScenarioFile): readonly ListedCheck[] {
  const { root } = scenario;
  const scope = { vars: {}, limits: {}, env: () => undefined, registerSecret: () => undefined };
  return combinations(axesOf(root, []), { root, found: [] }).flatMap((values) => {
    const document = resolveCase(root, { values, scope, unknown: 'keep', found: [] });
    const judged = ['checks', 'thresholds'].flatMap((of) => entriesOf(childOf(document, of)));
    return judged.map(({ key, keySpan, value }) => {
      const node = childOf(value, 'requirement');
      const open = node?.kind === 'scalar' && node.unresolved === true;
      return {
        caseId: caseId(scenario.id, values),
        scenario: scenario.id,
        check: key,
        requirement: open ? undefined : textOf(node),
        span: node?.span ?? keySpan,
      };
    });
  });
}

/**
 * Compares the registry with the checks of all scenarios that belong to it.
 *
 * @returns a diagnostic for each requirement that names a check that is not there or does not name it
 *   back, and for each check that names a requirement that is not there or does not list it
 */
export function crossCheck(
  registry: RequirementRegistry,
  scenarios: readonly ScenarioFile[],
): readonly Diagnostic[] {
  const checks = scenarios.flatMap(listChecks);
  const requirements = Object.values(registry.requirements);
  return [
    ...requirements.flatMap((one) => one.checks.flatMap((named) => judgeNamed(named, one, checks))),
    ...checks.flatMap((check) => judgeCheck(check, registry)),
  ];
}

function judgeNamed(
  named: NamedCheck,
  requirement: Requirement,
  checks: readonly ListedCheck[],
): readonly Diagnostic[] {
  const meant = checks.filter((check) => isMeant(named.id, check));
  if (meant.length === 0) {
    const known = [...new Set(checks.map(({ scenario, check }) => `${scenario}#${check}`))];
    const hint = suggestion(named.id, known);
    const message = `there is no check "${named.id}"`;
    return [
      error('REQ_UNKNOWN_CHECK', {
        span: named.span,
        message,
        hint: hint.startsWith('did') ? hint : '',
      }),
    ];
  }
  if (meant.some((check) => check.requirement === requirement.id)) return [];
  const message = `${named.id} does not name ${requirement.id}`;
  const hint = `write requirement: ${requirement.id} there, or take it off this list`;
  return [error('REQ_NOT_NAMED_BACK', { span: named.span, message, hint })];
}

function judgeCheck(check: ListedCheck, registry: RequirementRegistry): readonly Diagnostic[] {
  if (check.requirement === undefined) return [];
  const requirement = Object.hasOwn(registry.requirements, check.requirement)
    ? registry.requirements[check.requirement]
    : undefined;
  if (requirement === undefined) {
    const message = `there is no requirement "${check.requirement}"`;
    const near = suggestion(check.requirement, Object.keys(registry.requirements));
    const hint = near.startsWith('did') ? near : `add it to ${registry.file}`;
    return [error('REQ_UNKNOWN_REQUIREMENT', { span: check.span, message, hint })];
  }
  if (requirement.checks.some(({ id }) => isMeant(id, check))) return [];
  const excluded = requirement.excluded === undefined ? '' : ', which is excluded';
  const message = `${check.requirement}${excluded} does not list ${check.caseId}#${check.check}`;
  const hint = `add ${check.scenario}#${check.check} to its checks in ${registry.file}`;
  return [error('REQ_NOT_NAMED_BACK', { span: check.span, message, hint })];
}

/** Without brackets an id means the check in every case of its scenario. */
function isMeant(id: string, { caseId: of, scenario, check }: ListedCheck): boolean {
  const named = takeApart(id);
  if (named.check !== check) return false;
  return named.values === undefined ? named.scenario === scenario : id === `${of}#${check}`;
}

function error(code: DiagnosticCode, rest: Omit<Diagnostic, 'code' | 'severity'>): Diagnostic {
  return { code, severity: 'error', ...rest };
}
