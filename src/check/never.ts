// Judges that a moment does not occur, or not on one side of another, which must occur.
import type { Moment } from '../scenario/model.ts';
import { handshakeSettledUs } from './handshake.ts';
import { firstOf, type Occurrence, occurrencesOf } from './moment.ts';
import { ms } from './ms.ts';
import {
  type Asking,
  clocksNote,
  compareOf,
  type Found,
  membersOf,
  name,
  waitFor,
} from './occurrence.ts';
import {
  combineParts,
  errored,
  type Outcome,
  pending,
  resolve,
  type Settled,
  settled,
} from './outcome.ts';
import type { Member, View } from './view.ts';
import { absenceLimit, type Limit, watchedAs } from './window.ts';

/** What must never be. */
export interface Forbidden {
  readonly moment: Moment;
  readonly side: { readonly kind: 'before' | 'after'; readonly moment: Moment } | undefined;
}

/** Judges a `never`: of one member against its own reference, of two names each against each. */
export function judgeNever(forbidden: Forbidden, asking: Asking): Outcome {
  const { moment, side } = forbidden;
  const members = membersOf(moment, asking);
  if (members.length === 0)
    return errored('NO_CONNECTION', `there is no connection for ${moment.text}`);
  if (side === undefined) {
    return combineParts(
      members.map((member) => resolve(judgeAbsence(moment, member, asking.view), asking.nowUs)),
    );
  }
  const { found, missing } = waitFor(side.moment, asking);
  // Without its reference the condition would hold of an endpoint that does nothing at all.
  if (missing.length > 0) return combineParts(missing);
  const parts = members.flatMap((member) =>
    found
      .filter(({ occurrence }) => isReferenceOf(occurrence.member, member))
      .map((reference) =>
        judgeSide({ moment, kind: side.kind, reference, member, view: asking.view }),
      ),
  );
  return combineParts(parts.map((part) => resolve(part, asking.nowUs)));
}

function isReferenceOf(reference: Member, member: Member): boolean {
  return reference.name !== member.name || reference.index === member.index;
}

function judgeAbsence(moment: Moment, member: Member, view: View): Outcome {
  const watched = watchedAs(moment.of);
  const limit = absenceLimit(watched, { member, view, sinceUs: -Infinity });
  const occurrence = firstOf(moment.of, member);
  if (occurrence !== undefined && occurrence.seenUs < limit.certainUs) {
    const found = foundOn(moment, occurrence, view);
    const actual = { [name(found)]: 'came' };
    return settled('broken', {
      message: `${name(found)} came`,
      actual,
      deviation: { [moment.text]: 'came' },
      evidence: [occurrence.seq],
    });
  }
  const held = settled('held', {
    message: `${moment.text} did not come`,
    actual: { [moment.text]: null },
    evidence: [],
  });
  // The handshake is over without it.
  const over =
    watched === 'handshake' && occurrence === undefined && handshakeSettledUs(member) !== undefined;
  return over ? held : pending(limit.untilUs, held);
}

interface Sided {
  readonly moment: Moment;
  readonly kind: 'before' | 'after';
  readonly reference: Found;
  readonly member: Member;
  readonly view: View;
}

function judgeSide(sided: Sided): Outcome {
  const { moment, kind, member, view } = sided;
  const limit = watchLimit(sided);
  const all = occurrencesOf(moment.of, member).filter(({ seenUs }) => seenUs < limit.certainUs);
  // The first occurrence counts; but a later one may be after what the first is before.
  const seen = kind === 'before' ? all.slice(0, 1) : all.slice(-1);
  const judged = seen.map((one) => judgeOccurrence(foundOn(moment, one, view), sided));
  const conclusion = judged[0] ?? didNotCome(sided);
  // Once the reference has come, what comes later is not before it. Events with the platform's
  // stamps may come in after those that they precede.
  const final = conclusion.state === 'broken' || (kind === 'before' && !view.platform);
  return final ? conclusion : pending(limit.untilUs, conclusion);
}

function watchLimit({ moment, kind, reference, member, view }: Sided): Limit {
  if (kind === 'before' && !view.platform) return { certainUs: Infinity, untilUs: Infinity };
  const sinceUs = reference.occurrence.seenUs;
  const limit = absenceLimit(watchedAs(moment.of), { member, view, sinceUs });
  const endUs = sinceUs + (view.withinUs ?? view.settleUs);
  return {
    certainUs: Math.max(limit.certainUs, endUs),
    untilUs: Math.max(limit.untilUs, endUs),
  };
}

function judgeOccurrence(found: Found, { kind, reference, view }: Sided): Settled {
  const difference = compareOf(reference, found, view);
  if (difference.kind === 'unknown') return difference.outcome;
  const { us } = difference;
  const side = us < 0 ? 'before' : 'after';
  const note = clocksNote(reference, found, view);
  const message = `${name(found)} came ${ms(Math.abs(us))} ${side} ${name(reference)}${note}`;
  const sight = {
    message,
    actual: { [`${name(found)} - ${name(reference)}`]: us / 1000 },
    deviation: { [`${found.moment.text} ${side} ${reference.moment.text}`]: true },
    evidence: [reference.occurrence.seq, found.occurrence.seq].toSorted((a, b) => a - b),
  };
  const wrong = difference.kind === 'exact' && us !== 0 && side === kind;
  return settled(wrong ? 'broken' : 'held', sight);
}

function didNotCome({ moment, reference }: Sided): Settled {
  const message = `${moment.text} did not come, ${name(reference)} did`;
  const evidence = [reference.occurrence.seq];
  return settled('held', { message, actual: { [moment.text]: null }, evidence });
}

function foundOn(moment: Moment, occurrence: Occurrence, view: View): Found {
  const labelled = view.membersOf(occurrence.member.name).length > 1;
  return { moment, occurrence, labelled };
}
