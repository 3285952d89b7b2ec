// A plan on its way to a scripted probe: signed parameters of the handshake, or of a JSON message
// (docs/probe-contract.md, "Scripted mode"). Vectors: probe/contract/vectors.json.
import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { Invocation, Plan, PlanAnswer } from '../scenario/model.ts';

/** Name and value, not encoded. */
export type Parameter = readonly [name: string, value: string];

/** What a plan is signed with. */
export interface Signing {
  readonly secret: string;
  /** Until when the plan holds, epoch seconds. */
  readonly expiresAtS: number;
}

/** The header that carries a plan where the query string is left alone. */
export const PLAN_HEADER = 'x-assay-plan';

/** The longest URL that a scripted plan may make, in bytes; a gateway would refuse a longer one. */
export const URL_LIMIT_BYTES = 4096;

/** The parameters of all plans together, signed; none where they say nothing. */
export function scriptPlans(
  plans: Readonly<Partial<Record<Invocation, Plan>>>,
  signing: Signing,
): readonly Parameter[] {
  const said = INVOCATIONS.flatMap((invocation) => {
    const plan = plans[invocation];
    if (plan === undefined) return [];
    return wordsOf(plan).map(
      ([word, value]): Parameter => [`assay.${NAMES[invocation]}.${word}`, value],
    );
  });
  if (said.length === 0) return [];
  const parameters: readonly Parameter[] = [...said, ['assay.exp', String(signing.expiresAtS)]];
  return [...parameters, ['assay.sig', signatureOf(parameters, signing.secret)]];
}

/** The signature of all parameters that begin with `assay.`, whatever else is among them. */
export function signatureOf(parameters: readonly Parameter[], secret: string): string {
  return createHmac('sha256', secret).update(signedText(parameters)).digest('base64url');
}

/** What is signed. */
export function signedText(parameters: readonly Parameter[]): string {
  const signed = parameters
    .filter(([name]) => name.startsWith('assay.') && name !== 'assay.sig')
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return JSON.stringify(signed);
}

/** The value of the header that carries them. */
export function planHeader(parameters: readonly Parameter[]): string {
  return new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
}

/** The text of a JSON message with its plan; undefined where there is no place for one in it. */
export function planInMessage(text: string, parameters: readonly Parameter[]): string | undefined {
  const message = parseObject(text);
  if (message === undefined) return undefined;
  return JSON.stringify({ ...message, assay: Object.fromEntries(parameters) });
}

const INVOCATIONS: readonly Invocation[] = ['authorizer', '$connect', 'message', '$disconnect'];

const NAMES: Readonly<Record<Invocation, string>> = {
  authorizer: 'authorizer',
  $connect: 'connect',
  message: 'message',
  $disconnect: 'disconnect',
};

function wordsOf({ when, answer }: Plan): readonly Parameter[] {
  return [...whenWords(when), ...answerWords(answer)];
}

function whenWords(when: Plan['when']): readonly Parameter[] {
  if (when.kind === 'now') return [];
  return when.kind === 'hang' ? [['hang', '1']] : [['delay', String(Math.ceil(when.ms))]];
}

// What is as without a plan is not said: the URL stays short.
function answerWords(answer: PlanAnswer): readonly Parameter[] {
  switch (answer.kind) {
    case 'throw':
      return [['throw', answer.message]];
    case 'return':
      return [['return', JSON.stringify(answer.value)]];
    case 'integration':
      return integrationWords(answer);
    case 'authorizer':
      return authorizerWords(answer);
    default:
      return answer;
  }
}

type Answer<K extends PlanAnswer['kind']> = Extract<PlanAnswer, { kind: K }>;

function integrationWords(answer: Answer<'integration'>): readonly Parameter[] {
  const { status, headers, body, echo } = answer;
  return [
    ...(status === 200 ? [] : [['status', String(status)] as const]),
    ...Object.entries(headers).map(([name, value]) => [`header.${name}`, value] as const),
    ...(body === undefined ? [] : [['body', body] as const]),
    ...(echo ? [['echo', '1'] as const] : []),
  ];
}

function authorizerWords(answer: Answer<'authorizer'>): readonly Parameter[] {
  const { effect, principalId, context, policy, usageIdentifierKey } = answer;
  return [
    ...(effect === 'allow' ? [] : [['effect', effect] as const]),
    ...(principalId === 'assay' ? [] : [['principalId', principalId] as const]),
    ...(context === undefined ? [] : [['context', JSON.stringify(context)] as const]),
    ...(policy === undefined ? [] : [['policy', JSON.stringify(policy)] as const]),
    ...(usageIdentifierKey === undefined
      ? []
      : [['usageIdentifierKey', usageIdentifierKey] as const]),
  ];
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
