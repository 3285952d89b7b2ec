// Why no certificate can be made of a run, whatever it says of the target: it is not of the profile, or it is not
// complete. Pure.
import type { Finding } from '../result/finding.ts';
import type { RunResult } from '../result/run-result.ts';

/** Each reason as a sentence; empty where there is none. */
export function refusalsOf(result: RunResult, profile: string): readonly string[] {
  const { suite, target, baseline, cases } = result;
  return [
    ...(suite?.name === profile
      ? []
      : [`It is a run of ${suite?.name ?? 'no suite'}, not of ${profile}.`]),
    ...(target.version === undefined ? [NO_VERSION] : []),
    ...(baseline === undefined ? [] : [`Known deviations were excused: ${baseline.file}.`]),
    ...unfinished(result),
    ...(cases.length === 0 ? ['It has no cases.'] : []),
    ...undecided(result, 'errored', 'could not be tested'),
    ...undecided(
      result,
      'inconclusive',
      'came to nothing: too few samples, or too coarse a measurement',
    ),
    ...undecided(result, 'skipped', 'were left out'),
  ];
}

/** Why a target of unknown version is not certified. */
export const NO_VERSION =
  'The version of the implementation is not known: its target file has no version.';

function unfinished({ interrupted, notRun, problems }: RunResult): readonly string[] {
  return [
    ...(interrupted ? ['The run was interrupted.'] : []),
    ...(notRun.length === 0 ? [] : [`${notRun.length} cases never ran: ${few(notRun)}.`]),
    ...problems.map(({ code, message }) => `${code}: ${message}`),
  ];
}

function undecided(
  { cases }: RunResult,
  verdict: Finding['verdict'],
  what: string,
): readonly string[] {
  const such = cases.flatMap(({ id, findings }) =>
    findings.filter((one) => one.verdict === verdict).map(({ check }) => `${id}#${check}`),
  );
  return such.length === 0 ? [] : [`${such.length} checks ${what} (${verdict}): ${few(such)}.`];
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

const SHOWN = 5;
