// Shares and counts: of how many connections a condition holds.
import type { Condition, Threshold } from '../scenario/model.ts';
import { asksForUnreachable, judgeAlone } from './condition.ts';
import { handshakeOutcome } from './handshake.ts';
import { HiddenValue } from './hidden.ts';
import { firstOf } from './moment.ts';
import { errored, type Outcome, type Settled } from './outcome.ts';
import { type Counted, concludeTally, type Few, SHOWN, type Tallied } from './tally-conclusion.ts';
import type { Member, View } from './view.ts';

/** The samples and what is asked of their number. */
export interface Samples<S> {
  readonly statistic: S;
  readonly members: readonly Member[];
  readonly view: View;
  readonly nowUs: number;
}

/** What the samples come to so far. */
export interface Judged {
  readonly conclusion: Settled;
  /** Nothing that may still come can change it. */
  readonly settled: boolean;
  /** When more will be known; Infinity where only a record tells. */
  readonly untilUs: number;
}

/** Judges the share or the number of samples of which the condition holds. */
export function judgeTally({ of }: Threshold, samples: Samples<Tallied>): Judged {
  const { members, statistic, view, nowUs } = samples;
  const all = members.map((member) => ({ member, outcome: judgeOne(of, { member, view, nowUs }) }));
  const waits = all.flatMap(({ outcome }) =>
    outcome.state === 'pending' ? [outcome.untilUs] : [],
  );
  const settled = all.map(({ member, outcome }) => ({
    member,
    outcome: outcome.state === 'pending' ? outcome.eventually : outcome,
  }));
  return {
    conclusion: concludeTally(statistic, countedOf(settled, of)),
    settled: waits.length === 0,
    untilUs: Math.min(Infinity, ...waits),
  };
}

interface Sample {
  readonly member: Member;
  readonly outcome: Settled;
}

function judgeOne(
  of: Condition,
  asking: { readonly member: Member; readonly view: View; readonly nowUs: number },
): Outcome {
  try {
    return judgeAlone(of, asking);
  } catch (thrown) {
    if (thrown instanceof HiddenValue) return errored(thrown.reason, thrown.message);
    throw thrown;
  }
}

function countedOf(samples: readonly Sample[], of: Condition): Counted {
  const held = samples.filter(({ outcome }) => outcome.state === 'held');
  const unknown = samples.filter(({ outcome }) => isUnknown(outcome));
  const blamed = unknown.find(({ outcome }) => outcome.state === 'errored') ?? unknown[0];
  const unreachable = samples.filter(({ member }) => handshakeOutcome(member) === 'unreachable');
  return {
    tally: { held: held.length, samples: samples.length },
    unreachable: asksForUnreachable(of) ? 0 : unreachable.length,
    unknown: { ...fewIn(unknown), blamed: blamed?.outcome },
    with: fewIn(held),
    without: fewIn(samples.filter(({ outcome }) => outcome.state !== 'held')),
    evidence: recordsOf(samples.slice(0, 1)),
  };
}

function isUnknown({ state }: Settled): boolean {
  return state === 'errored' || state === 'inconclusive';
}

function fewIn(samples: readonly Sample[]): Few {
  const shown = samples.slice(0, SHOWN);
  return {
    count: samples.length,
    labels: shown.map(({ member }) => member.label),
    message: samples[0]?.outcome.message ?? '',
    evidence: recordsOf(shown),
  };
}

// What decided about those that are named, and how each of them began to end.
function recordsOf(shown: readonly Sample[]): readonly number[] {
  const all = shown.flatMap(({ member, outcome }) => {
    const closing = firstOf({ kind: 'connection', name: 'closing' }, member);
    return [...outcome.evidence, ...(closing === undefined ? [] : [closing.seq])];
  });
  return [...new Set(all)].toSorted((a, b) => a - b);
}
