// Judges the events of the backend: how often it was invoked, and with what.

import { validateSchema } from '../base/json-schema.ts';
import type { EventQuantity, Invocation } from '../scenario/model.ts';
import { eventMatchers } from './field.ts';
import { instantOf, TYPE_OF } from './moment.ts';
import { combineParts, type Outcome, resolve } from './outcome.ts';
import { type Item, judgeQuantity } from './quantity.ts';
import type { Member, View } from './view.ts';
import { absenceLimit, presenceLimit } from './window.ts';

/** Judges every invocation that is named; all must hold. */
export function judgeEvents(
  want: Readonly<Partial<Record<Invocation, EventQuantity>>>,
  { member, view, nowUs }: { member: Member; view: View; nowUs: number },
): Outcome {
  const all = INVOCATIONS.flatMap((invocation) => {
    const quantity = want[invocation];
    if (quantity === undefined) return [];
    return [resolve(judgeInvocation({ invocation, quantity, member, view }), nowUs)];
  });
  return combineParts(all);
}

/** The invocations of one kind, in order; the source of each has the field `event`. */
export function invocationsOf(invocation: Invocation, member: Member): readonly Item[] {
  return member.records.flatMap((record) => {
    if (record.kind !== 'invocation' || record.phase !== 'started') return [];
    if (record.type !== TYPE_OF[invocation]) return [];
    const { seq, seenUs, event } = record;
    return [{ seq, seenUs, source: () => ({ known: true, value: event, evidence: [seq] }) }];
  });
}

const INVOCATIONS: readonly Invocation[] = ['authorizer', '$connect', 'message', '$disconnect'];

function judgeInvocation(question: {
  readonly invocation: Invocation;
  readonly quantity: EventQuantity;
  readonly member: Member;
  readonly view: View;
}): Outcome {
  const { invocation, quantity, member, view } = question;
  const { schema } = quantity;
  return judgeQuantity({
    want: quantity,
    toMatchers: eventMatchers,
    flaws: (item) =>
      schema === undefined ? [] : validateSchema(schema, item.source('event').value ?? null),
    inspects: schema !== undefined,
    items: invocationsOf(invocation, member),
    noun: `event ${invocation}`,
    root: invocation,
    causeUs: instantOf(invocation === '$disconnect' ? 'closing' : 'sent', member),
    presence: presenceLimit(invocation, member, view),
    absence: (sinceUs) => absenceLimit(invocation, { member, view, sinceUs }),
  });
}
