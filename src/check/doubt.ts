// What keeps a conclusion from being drawn although a judge has drawn it: that no event came says
// nothing where none could have been recognised, and what was done too late was not done in time.
import type { Evidence } from '../result/evidence.ts';
import type { CheckSpec } from '../scenario/model.ts';
import { conditionNeeds } from '../scenario/needs.ts';
import { namesIn } from './condition.ts';
import { errored, type Settled } from './outcome.ts';

/** The conclusion of a check, or why there is none. */
export function doubt(
  conclusion: Settled,
  { check, evidence }: { readonly check: CheckSpec; readonly evidence: Evidence },
): Settled {
  if (conclusion.state !== 'held' && conclusion.state !== 'broken') return conclusion;
  const unknown = unrecognisedIn(check, evidence);
  if (unknown !== undefined) return errored('NOT_RECOGNISED', unknown, conclusion.evidence);
  const refused = refusalIn(evidence);
  if (refused !== undefined) return errored('PROBE_REFUSED', refused.message, [refused.seq]);
  const { shortHold } = evidence;
  if (shortHold === undefined || isConviction(conclusion, check)) return conclusion;
  return { ...conclusion, state: 'inconclusive', reason: 'HOLD_TOO_SHORT', message: shortHold };
}

/** A probe that did something else than it was told: what came of it is no answer to the scenario. */
function refusalIn({ records }: Evidence): { message: string; seq: number } | undefined {
  for (const record of records) {
    if (record.kind !== 'invocation' || record.problem === undefined) continue;
    const message = `the probe did not do what it was told at ${record.type}: ${record.problem}`;
    return { message, seq: record.seq };
  }
  return undefined;
}

function unrecognisedIn(check: CheckSpec, { unrecognised }: Evidence): string | undefined {
  if (unrecognised === undefined || !conditionNeeds(check.condition).includes('observer'))
    return undefined;
  const names = namesIn(check);
  const one = unrecognised.find(({ connection }) => names.includes(connection));
  if (one === undefined) return undefined;
  return `nothing of ${one.connection} reached the backend by which its events could be told from others`;
}

/** However short a hold was, what came before its end came too early. */
function isConviction({ state }: Settled, { condition }: CheckSpec): boolean {
  if (state !== 'broken' || condition.kind !== 'never') return false;
  const { side } = condition;
  const of = side?.moment.of;
  return side?.kind === 'before' && of?.kind === 'invocation' && of.phase === 'released';
}
