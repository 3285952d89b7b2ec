// What of a case a calibration asks: the checks that record, and of those that leave a value open
// (`oneOf`, a pattern, a SHOULD) the value itself. Everything else is for a run to judge.
import { fieldMatchers } from '../check/field.ts';
import type {
  CaseSpec,
  CheckSpec,
  Condition,
  EvidencePath,
  Fields,
  Level,
  Matcher,
} from '../scenario/model.ts';
import { formatPath } from '../scenario/path.ts';

/** The case with nothing but what it records; undefined when that is nothing. */
export function recordingCase(
  spec: CaseSpec,
  levelOf: (check: CheckSpec) => Level,
): CaseSpec | undefined {
  // A load has samples, not values.
  if (spec.load !== undefined || spec.throttle !== undefined) return undefined;
  const checks = spec.checks.flatMap((check) => recordingCheck(check, levelOf(check)) ?? []);
  return checks.length === 0 ? undefined : { ...spec, checks };
}

/** True for a condition of which the numbers are times or shares: only whether it held is compared. */
export function isMeasured({ kind }: CheckSpec['condition']): boolean {
  return MEASURED.has(kind);
}

const MEASURED: ReadonlySet<string> = new Set([
  'threshold',
  'elapsed',
  'between',
  'order',
  'never',
]);

function recordingCheck(check: CheckSpec, level: Level): CheckSpec | undefined {
  const { condition } = check;
  // How long something takes is a load's to measure, and differs from run to run.
  if (condition.kind === 'estimate' || isTiming(condition)) return undefined;
  if (condition.kind === 'record' || level === 'may') return check;
  if (condition.kind === 'threshold') return undefined;
  const paths = openPaths(condition, level);
  return paths.length === 0 ? undefined : { ...check, condition: { kind: 'record', paths } };
}

function isTiming(condition: CheckSpec['condition']): boolean {
  return condition.kind === 'threshold' && condition.statistic.kind === 'percentile';
}

function openPaths(condition: Condition, level: Level): readonly EvidencePath[] {
  const isOpen = (fields: Fields): boolean => level === 'should' || leavesOpen(fields);
  switch (condition.kind) {
    case 'handshake': {
      // Asked for as well where the condition does: then it is known also where nobody answered.
      const fields = Object.hasOwn(condition.fields, 'outcome') ? ['outcome', ...ANSWER] : ANSWER;
      return isOpen(condition.fields) ? fields.map((field) => pathOf('handshake', [field])) : [];
    }
    case 'closed':
      return isOpen(condition.fields) ? ENDING.map((field) => pathOf('closed', [field])) : [];
    case 'answers':
      return Object.entries(condition.want).flatMap(([call, fields]) =>
        isOpen(fields) ? ANSWER.map((field) => pathOf('answers', [call, field])) : [],
      );
    case 'received': {
      const { each, some } = condition.want;
      const asked = [each, some].filter((fields) => fields !== undefined);
      return asked.some(isOpen) ? [pathOf('received', [0, 'text'])] : [];
    }
    default:
      return [];
  }
}

const ANSWER = ['status', 'headers', 'body'];
const ENDING = ['code', 'reason'];

function pathOf(root: string, keys: EvidencePath['keys']): EvidencePath {
  return { connection: undefined, root, keys, text: formatPath([root, ...keys]) };
}

/** Some matcher allows more than one value, or a refusal may have any status. */
function leavesOpen(fields: Fields): boolean {
  const matchers = fieldMatchers(fields);
  const isRefused = matchers.some(
    ({ label, matcher: { is } }) => label === 'outcome' && is === 'refused',
  );
  const hasStatus = matchers.some(({ label }) => label === 'status');
  return (isRefused && !hasStatus) || matchers.some(({ matcher }) => isAlternative(matcher));
}

function isAlternative({ is, absent }: Matcher): boolean {
  return is === undefined && absent === undefined;
}
