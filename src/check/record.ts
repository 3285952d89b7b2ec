// Puts values into the report. Nothing is judged; values that have not come are waited for as long
// as a condition on them would be.
import type { EvidencePath } from '../scenario/model.ts';
import { errored, type Outcome, pending, settled } from './outcome.ts';
import { dueUs, lookUp, recordsOf, type Valued, valueName, valuesAsData } from './value.ts';
import type { View } from './view.ts';

/** Records the values at all paths, of every member. */
export function judgeRecord(
  paths: readonly EvidencePath[],
  { own, view }: { own: string; view: View },
): Outcome {
  const values = paths.flatMap((path) =>
    view.membersOf(path.connection ?? own).map((member) => lookUp(path, member, view)),
  );
  if (values.length === 0) return errored('NO_CONNECTION', 'there is no connection to record');
  const seen = settled('held', {
    message: describe(values),
    actual: valuesAsData(values),
    evidence: recordsOf(values),
  });
  const untilUs = dueUs(values);
  return untilUs === undefined ? seen : pending(untilUs, seen);
}

function describe(values: readonly Valued[]): string {
  const shown = values.slice(0, SHOWN).map((one) => {
    const { value } = one.known;
    return `${valueName(one)} ${value === undefined ? 'was not there' : `was ${clip(JSON.stringify(value))}`}`;
  });
  return `${shown.join(', ')}${values.length > SHOWN ? ', …' : ''}`;
}

const SHOWN = 4;
const LONGEST = 80;

function clip(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
