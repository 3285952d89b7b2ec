// Judges what the @connections API answered.
import type { Json } from '../base/json.ts';
import type { Fields } from '../scenario/model.ts';
import { type Known, parseJson } from './field.ts';
import { judgeFields } from './fields.ts';
import { joinHeaders, textOf } from './handshake.ts';
import { ms } from './ms.ts';
import { combineParts, errored, type Outcome, pending, resolve } from './outcome.ts';
import type { Member, Sighted, View } from './view.ts';
import { presenceLimit } from './window.ts';

/** Judges every call that is named: each of its answers must match, and there must be one. */
export function judgeAnswers(
  want: Readonly<Record<string, Fields>>,
  { member, view, nowUs }: { member: Member; view: View; nowUs: number },
): Outcome {
  const all = Object.entries(want).flatMap(([name, fields]) =>
    exchangesOf(name, member).map((records) =>
      judgeExchange({ name, fields, records, member, view }),
    ),
  );
  const outcome = combineParts(all.map((one) => resolve(one, nowUs)));
  // As long as steps are running the same call may go out again.
  const mayRepeat = outcome.state === 'held' && view.stepsEndedUs === Infinity;
  return mayRepeat ? pending(Infinity, outcome) : outcome;
}

/** The value of a field of the first answer in these records. */
export function answerSource(records: readonly Sighted[]): (field: string) => Known {
  const answer = records.find(isAnswer);
  if (answer === undefined) return () => ({ known: false, value: undefined, evidence: [] });
  return (field) => {
    const isBody = field === 'body' || field === 'json';
    const cut = isBody && answer.body?.truncated === true;
    const empty = field === 'body' && answer.body?.bytes === 0;
    return { known: true, value: answerField(field, answer), evidence: [answer.seq], cut, empty };
  };
}

type Answer = Extract<Sighted, { readonly kind: 'answer' }>;

function isAnswer(record: Sighted): record is Answer {
  return record.kind === 'answer';
}

// A call in a `repeat` goes out several times: call by call, each with the answer that follows it.
// Without any call there is one exchange, an empty one.
function exchangesOf(name: string, member: Member): readonly (readonly Sighted[])[] {
  const exchanges: Sighted[][] = [];
  for (const record of member.records) {
    if (record.kind === 'call' && record.name === name) exchanges.push([record]);
    if (isAnswer(record) && record.name === name) {
      const open = exchanges.find((exchange) => !exchange.some(isAnswer));
      if (open === undefined) exchanges.push([record]);
      else open.push(record);
    }
  }
  return exchanges.length === 0 ? [[]] : exchanges;
}

function judgeExchange(question: {
  readonly name: string;
  readonly fields: Fields;
  readonly records: readonly Sighted[];
  readonly member: Member;
  readonly view: View;
}): Outcome {
  const { name, fields, records, member, view } = question;
  const unreachable = records.find(isUnreachable);
  if (unreachable !== undefined) return noAnswer(name, unreachable);
  return judgeFields({
    fields,
    root: `answers.${name}`,
    limit: presenceLimit(`call:${name}`, member, view),
    records,
    sourceOf: answerSource,
    describe: (seen) => describeAnswer(name, seen),
    told: ['status'],
    unknown: `${name} was not answered in time`,
  });
}

// What keeps a request from ever reaching the API says nothing about the API.
const NOT_REACHED = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/;

function isUnreachable(record: Sighted): record is Answer {
  return isAnswer(record) && record.failure !== undefined && NOT_REACHED.test(record.failure);
}

function noAnswer(name: string, { failure = '', seq }: Answer): Outcome {
  return errored('TARGET_UNREACHABLE', `${name} could not be sent: ${failure}`, [seq]);
}

function answerField(field: string, answer: Answer): Json | undefined {
  const text = textOf(answer.body);
  switch (field) {
    case 'status':
      return answer.status;
    case 'headers':
      return answer.headers === undefined ? undefined : joinHeaders(answer.headers);
    case 'body':
      return text;
    case 'json':
      return parseJson(text);
    default:
      throw new Error(`an answer has no field "${field}"`);
  }
}

function describeAnswer(name: string, records: readonly Sighted[]): string {
  const call = records.find(({ kind }) => kind === 'call');
  const answer = records.find(isAnswer);
  if (answer === undefined) {
    return call === undefined ? `${name} was never sent` : `${name} had no answer`;
  }
  if (answer.status === undefined) return `${name} failed: ${answer.failure ?? 'no reason given'}`;
  const took = call === undefined ? '' : `, ${ms(answer.atUs - call.atUs)} after the call`;
  return `${name} was answered with ${answer.status}${took}`;
}
