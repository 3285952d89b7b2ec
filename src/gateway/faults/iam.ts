// Faults of AWS_IAM, on $connect and on @connections.

import { isJsonObject } from '../../base/json.ts';
import type { Api } from '../api.ts';
import type { Behaviour } from '../behaviour.ts';
import { connectArn } from '../connect.ts';
import {
  authorizeCaller,
  type Caller,
  findAccessKey,
  type IamRequest,
  type IamVerdict,
  permits,
} from '../iam.ts';
import { evaluatePolicy, readPolicy, type Statement } from '../policy.ts';
import type { RequestHead } from '../request-head.ts';
import { readSignature } from '../signature.ts';
import { changeContext, type Fault, without } from './fault.ts';

const BADLY_SIGNED = [
  'iam/refused#refused',
  'iam/refused#status-403',
  'iam/refused#integration-not-called',
] as const;

const WITHOUT_PERMISSION = [
  'iam/not-permitted#refused',
  'iam/not-permitted#status-403',
  'iam/not-permitted#integration-not-called',
] as const;

/** Faults of AWS_IAM. */
export const IAM_FAULTS: readonly Fault[] = [
  {
    name: 'accepts-unsigned',
    description: 'looks at a signature where there is one, and takes requests without',
    breaks: [
      'auth/refused-behind-slash#integration-not-called',
      'auth/refused-behind-slash#not-opened',
      'iam/unsigned#status-403',
      'iam/connections-unsigned#answers-403',
      'auth/refused-before-integration#refused',
      'auth/refused-before-integration#integration-not-called',
    ],
    change: () => ({
      authorizeCaller: (api, request) =>
        readSignature(request.head).kind === 'absent'
          ? somebody(api)
          : authorizeCaller(api, request),
    }),
  },
  {
    name: 'does-not-verify-signature',
    description: 'believes what a signature says about itself',
    breaks: [...BADLY_SIGNED, 'iam/connections-forged#answers-403'],
    change: withoutRule('signature'),
  },
  {
    name: 'ignores-signature-expiry',
    description: 'takes signatures of any age',
    breaks: [...BADLY_SIGNED, 'iam/connections-forged#answers-403'],
    change: withoutRule('not-expired'),
  },
  {
    name: 'ignores-signing-region',
    description: 'takes signatures for any region',
    breaks: [...BADLY_SIGNED, 'iam/connections-scope#other-scopes-are-refused'],
    change: withoutRule('region'),
  },
  {
    name: 'ignores-signing-service',
    description: 'takes signatures for any service',
    breaks: [...BADLY_SIGNED, 'iam/connections-scope#other-scopes-are-refused'],
    change: withoutRule('service'),
  },
  {
    name: 'accepts-unknown-access-key',
    description: 'lets requests pass whose access key it does not know',
    breaks: [...BADLY_SIGNED, 'iam/connections-forged#answers-403'],
    change: () => ({
      authorizeCaller: (api, request) => {
        const reading = readSignature(request.head);
        const unknown =
          reading.kind === 'claimed' && findAccessKey(api, reading.claimed) === undefined;
        return unknown ? somebody(api) : authorizeCaller(api, request);
      },
    }),
  },
  {
    name: 'ignores-session-token',
    description: 'does not ask for the session token of temporary credentials',
    breaks: ['iam/without-session-token#refused', 'iam/without-session-token#status-403'],
    change: withoutRule('session-token'),
  },
  {
    name: 'refuses-temporary-credentials',
    description: 'knows no session tokens',
    breaks: [
      'iam/session-token#opens',
      'iam/without-session-token#refused',
      'iam/without-session-token#status-403',
    ],
    change: (correct) => ({
      signatureRules: correct.signatureRules.map((rule) =>
        rule.name === 'session-token'
          ? { ...rule, holds: ({ claimed }) => claimed.sessionToken === undefined }
          : rule,
      ),
    }),
  },
  {
    name: 'ignores-presigned-urls',
    description: 'looks for signatures in the Authorization header only',
    breaks: ['iam/presigned#opens', 'iam/session-token#opens'],
    change: () => ({
      readSignature: (head) => {
        const reading = readSignature(head);
        return reading.kind === 'claimed' && reading.claimed.place === 'query'
          ? { kind: 'absent' }
          : reading;
      },
    }),
  },
  {
    name: 'connects-with-presigned-urls-only',
    description: 'looks for the signature of an upgrade in its query only',
    breaks: [
      'iam/signed#opens',
      'iam/session-token#opens',
      'iam/policy-arn#admitted-by-its-own-arn',
      'iam/identity#tells-the-caller',
    ],
    change: () => ({
      authorizeCaller: (api, request) => {
        const reading = readSignature(request.head);
        const inHeader = reading.kind === 'claimed' && reading.claimed.place === 'header';
        return isConnect(request) && inHeader
          ? { kind: 'refused', refusal: api.behaviour.iamRefusals.unsigned }
          : authorizeCaller(api, request);
      },
    }),
  },
  {
    name: 'ignores-policies',
    description: 'lets everybody do everything who has signed',
    breaks: [
      ...WITHOUT_PERMISSION,
      'iam/policy-arn#refused-with-another',
      'iam/connections-not-permitted#answers-403',
      'iam/connections-arn#others-are-not',
    ],
    change: () => ({ permits: () => true }),
  },
  {
    name: 'ignores-policy-denies',
    description: 'an allow in a policy beats a deny',
    breaks: WITHOUT_PERMISSION,
    change: () => ({
      permits: (api, caller, request) =>
        statementsOf(api, caller).some(
          (statement) => evaluatePolicy([statement], request.action, request.resource) === 'allow',
        ),
    }),
  },
  {
    name: 'policy-of-any-stage',
    description: 'a policy about one stage allows to connect to all',
    breaks: ['iam/policy-arn#refused-with-another'],
    change: () => ({
      permits: (api, caller, request) =>
        permits(api, caller, request) ||
        (isConnect(request) &&
          Object.keys(api.config.Stages).some((stage) =>
            permits(api, caller, { ...request, resource: connectArn(api, stage) }),
          )),
    }),
  },
  {
    name: 'policy-of-any-route',
    description: 'a policy about one route of the stage allows to connect',
    breaks: [
      'iam/policy-arn#refused-with-another',
      'iam/not-permitted#integration-not-called',
      'iam/not-permitted#refused',
      'iam/not-permitted#status-403',
    ],
    change: () => ({
      permits: (api, caller, request) =>
        Object.keys(api.config.Routes).some((route) =>
          permits(api, caller, {
            ...request,
            resource: request.resource.replace('$connect', () => route),
          }),
        ),
    }),
  },
  {
    name: 'connect-arn-with-method',
    description: 'asks policies about GET of the stage, as those of REST APIs are',
    breaks: [
      'iam/signed#opens',
      'iam/presigned#opens',
      'iam/session-token#opens',
      'iam/identity#tells-the-caller',
      'iam/policy-arn#admitted-by-its-own-arn',
      'iam/not-permitted#integration-not-called',
      'iam/not-permitted#refused',
      'iam/not-permitted#status-403',
    ],
    change: () => ({
      permits: (api, caller, request) =>
        permits(api, caller, {
          ...request,
          resource: request.resource.replace(/\$connect$/, 'GET/'),
        }),
    }),
  },
  {
    name: 'iam-refuses-with-401',
    description: 'refuses with 401 what IAM refuses',
    breaks: [
      'iam/connections-forged#answers-403',
      'iam/unsigned#status-403',
      'iam/refused#status-403',
      'iam/without-session-token#status-403',
      'iam/not-permitted#status-403',
      'iam/connections-unsigned#answers-403',
      'iam/connections-not-permitted#answers-403',
      'iam/connections-arn#others-are-not',
      'iam/connections-scope#other-scopes-are-refused',
    ],
    change: () => ({ iamStatus: 401 }),
  },
  {
    name: 'hides-the-caller',
    description: 'the identity of events does not tell who has signed',
    breaks: ['iam/identity#tells-the-caller'],
    change: (correct) => ({
      connectEvent: (facts, occasion) =>
        changeContext(correct.connectEvent(facts, occasion), (context) => {
          const { identity } = context;
          return isJsonObject(identity)
            ? { ...context, identity: without(identity, 'accountId', 'caller', 'user', 'userArn') }
            : context;
        }),
    }),
  },
  {
    name: 'connections-of-any-signer',
    description: 'lets everybody manage connections who has signed',
    breaks: ['iam/connections-not-permitted#answers-403', 'iam/connections-arn#others-are-not'],
    change: () => ({
      permits: (api, caller, request) => !isConnect(request) || permits(api, caller, request),
    }),
  },
  {
    name: 'connections-of-forged-signers',
    description: 'does not verify the signatures of calls of @connections',
    breaks: ['iam/connections-forged#answers-403'],
    change: withoutRuleForCalls('signature'),
  },
  {
    name: 'connections-of-expired-signatures',
    description: 'takes signatures of any age for calls of @connections',
    breaks: ['iam/connections-forged#answers-403'],
    change: withoutRuleForCalls('not-expired'),
  },
  {
    name: 'connections-of-any-method',
    description: 'a policy that allows POST to connections allows every method',
    breaks: ['iam/connections-arn#others-are-not'],
    change: (correct) => ({
      managementArn: (api, call) => correct.managementArn(api, { ...call, method: 'POST' }),
    }),
  },
  {
    name: 'connections-arn-without-method',
    description: 'asks policies about a connection without the method of the call',
    breaks: ['iam/connections-arn#post-is-permitted'],
    change: () => ({
      permits: (api, caller, request) =>
        permits(api, caller, {
          ...request,
          resource: request.resource.replace(/\/[A-Z]+\/@connections/, '/@connections'),
        }) || isOfAll(api, caller, request),
    }),
  },
];

// A statement about all methods is about a call without one too.
function isOfAll(
  api: Api,
  caller: Caller,
  request: Pick<IamRequest, 'action' | 'resource'>,
): boolean {
  const wide = statementsOf(api, caller).filter(({ resources }) =>
    resources.every((resource) => !/\/[A-Z]+\/@connections/.test(resource)),
  );
  return evaluatePolicy(wide, request.action, request.resource) === 'allow';
}

function withoutRule(name: string): (correct: Behaviour) => Partial<Behaviour> {
  return ({ signatureRules }) => ({
    signatureRules: signatureRules.filter((rule) => rule.name !== name),
  });
}

function withoutRuleForCalls(name: string): (correct: Behaviour) => Partial<Behaviour> {
  return ({ signatureRules }) => ({
    signatureRules: signatureRules.map((rule) =>
      rule.name === name
        ? { ...rule, holds: (signed) => isCall(signed.head) || rule.holds(signed) }
        : rule,
    ),
  });
}

function isCall(head: RequestHead): boolean {
  return /\/(@|%40)connections\//i.test(head.target);
}

function somebody({ accountId }: Api): IamVerdict {
  const caller = {
    accountId,
    userId: 'anonymous',
    userArn: `arn:aws:iam::${accountId}:root`,
    accessKeyId: '',
  };
  return { kind: 'permitted', caller };
}

function isConnect({ action }: Pick<IamRequest, 'action'>): boolean {
  return action === 'execute-api:Invoke';
}

function statementsOf({ users }: Pick<Api, 'users'>, { userArn }: Caller): readonly Statement[] {
  const name = userArn.slice(userArn.indexOf('/') + 1);
  return readPolicy(users[name]?.PolicyDocument) ?? [];
}
