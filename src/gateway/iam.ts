// AWS_IAM: is a request signed by somebody who may do this? Statuses, types and texts are those that
// IAM and REST APIs give; WebSocket APIs document the 403 only.
import { createHash } from 'node:crypto';
import type { Api } from './api.ts';
import type { GatewayConfig } from './config.ts';
import { SIGNATURE_SKEW_MS } from './limits.ts';
import { evaluatePolicy, readPolicy } from './policy.ts';
import { type RequestHead } from './request-head.ts';
import { type ClaimedSignature, dateOf, expectedSignature, sameSecret } from './signature.ts';

/** The principal that has signed a request, as events show it. */
export interface Caller {
  readonly accountId: string;
  /** `AIDA…`, the unique id of the user. */
  readonly userId: string;
  readonly userArn: string;
  readonly accessKeyId: string;
}

/** A signature, the key that it names, and the request it belongs to. */
export interface SigningCase {
  readonly claimed: ClaimedSignature;
  readonly key: AccessKey;
  readonly head: RequestHead;
  readonly payloadHash: string;
  readonly region: string;
  readonly nowMs: number;
}

/** Why a request is not authorized: an error of the service. */
export interface IamRefusal {
  readonly errorType: string;
  readonly message: string;
}

/** One requirement on a signature, and what is answered when it does not hold. */
export interface SignatureRule {
  readonly name: string;
  readonly holds: (signed: SigningCase) => boolean;
  readonly refuse: (signed: SigningCase) => IamRefusal;
}

/** What becomes of a request. */
export type IamVerdict =
  | { readonly kind: 'permitted'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly refusal: IamRefusal };

/** A request and what it wants to do. */
export interface IamRequest {
  readonly head: RequestHead;
  /** Hex SHA-256 of the body. */
  readonly payloadHash: string;
  /** `execute-api:Invoke` or `execute-api:ManageConnections`. */
  readonly action: string;
  /** The ARN of the route, or of the call. */
  readonly resource: string;
}

/** Authenticates the caller of a request, then asks the caller's policy. */
export function authorizeCaller(api: Api, request: IamRequest): IamVerdict {
  const { behaviour } = api;
  const authenticated = behaviour.authenticate(api, request);
  if (authenticated.kind === 'refused') return authenticated;
  const { caller } = authenticated;
  return behaviour.permits(api, caller, request)
    ? authenticated
    : { kind: 'refused', refusal: behaviour.notPermitted(caller, request) };
}

/** Who has signed a request; nobody, when one rule of the signature does not hold. */
export function authenticate(
  api: Api,
  { head, payloadHash }: Pick<IamRequest, 'head' | 'payloadHash'>,
): IamVerdict {
  const { behaviour, clock, region } = api;
  const reading = behaviour.readSignature(head);
  if (reading.kind === 'absent') return refused(behaviour.iamRefusals.unsigned);
  if (reading.kind === 'incomplete') {
    return refused({ errorType: 'IncompleteSignatureException', message: reading.message });
  }
  const { claimed } = reading;
  const key = behaviour.findAccessKey(api, claimed);
  if (key === undefined) return refused(behaviour.iamRefusals.unknownKey);
  const signed = { claimed, key, head, payloadHash, region, nowMs: clock.wallMs() };
  const broken = behaviour.signatureRules.find((rule) => !rule.holds(signed));
  return broken === undefined
    ? { kind: 'permitted', caller: callerOf(api, key) }
    : refused(broken.refuse(signed));
}

/** An access key and the user it belongs to. */
export interface AccessKey {
  readonly id: string;
  readonly userName: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** The key with the id that a signature names, when it is active. */
export function findAccessKey(
  { users }: Pick<Api, 'users'>,
  { accessKeyId: id }: ClaimedSignature,
): AccessKey | undefined {
  for (const [userName, { AccessKeys }] of Object.entries(users)) {
    if (!Object.hasOwn(AccessKeys, id)) continue;
    const found = AccessKeys[id];
    if (found === undefined || found.Status === 'Inactive') return undefined;
    const { SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = found;
    return { id, userName, secretAccessKey, sessionToken };
  }
  return undefined;
}

/** The rules in the order in which they are applied; the first that does not hold is told. */
export const SIGNATURE_RULES: readonly SignatureRule[] = [
  {
    name: 'date',
    holds: ({ claimed }) => dateOf(claimed.date) !== undefined,
    refuse: () => incompleteRefusal('Date must be in ISO-8601 basic format: YYYYMMDDThhmmssZ.'),
  },
  {
    name: 'region',
    holds: ({ claimed, region }) => claimed.scope.region === region,
    refuse: ({ region }) => invalid(`Credential should be scoped to a valid Region: '${region}'.`),
  },
  {
    name: 'service',
    holds: ({ claimed }) => claimed.scope.service === 'execute-api',
    refuse: () => invalid("Credential should be scoped to correct service: 'execute-api'."),
  },
  {
    name: 'terminator',
    holds: ({ claimed }) => claimed.scope.terminator === 'aws4_request',
    refuse: () => invalid("Credential should be scoped with a valid terminator: 'aws4_request'."),
  },
  {
    name: 'scope-date',
    holds: ({ claimed }) => claimed.scope.date === claimed.date.slice(0, 8),
    refuse: () =>
      invalid('Date in Credential scope does not match YYYYMMDD of the date of the request.'),
  },
  // "You must include the host header and any x-amz-* headers in the request."
  {
    name: 'signed-headers',
    holds: ({ claimed, head }) => areSigned(claimed, head),
    refuse: () =>
      invalid("'Host' and every 'x-amz-*' header must be a 'SignedHeader' in the Authorization."),
  },
  {
    name: 'expires',
    holds: ({ claimed }) => claimed.expires === undefined || isValidity(claimed.expires),
    refuse: () => incompleteRefusal('X-Amz-Expires must be a number of seconds from 1 to 604800.'),
  },
  {
    name: 'not-expired',
    holds: ({ claimed, nowMs }) => nowMs < endOf(claimed),
    refuse: ({ claimed }) => invalid(`Signature expired: ${claimed.date} is too long ago.`),
  },
  {
    name: 'not-early',
    holds: ({ claimed, nowMs }) => (dateOf(claimed.date) ?? 0) <= nowMs + SIGNATURE_SKEW_MS,
    refuse: ({ claimed }) =>
      invalid(`Signature not yet current: ${claimed.date} is still to come.`),
  },
  {
    name: 'session-token',
    holds: ({ claimed, key }) => isTokenOf(key, claimed.sessionToken),
    refuse: () => IAM_REFUSALS.unknownKey,
  },
  {
    name: 'signature',
    holds: ({ claimed, key, head, payloadHash }) =>
      sameSecret(
        claimed.signature,
        expectedSignature(claimed, key.secretAccessKey, { head, payloadHash }),
      ),
    refuse: () =>
      invalid(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
      ),
  },
];

/** What the rules have nothing to do with. */
export const IAM_REFUSALS: Readonly<Record<'unsigned' | 'unknownKey', IamRefusal>> = {
  unsigned: {
    errorType: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  },
  unknownKey: {
    errorType: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  },
};

/** True when the policy of the caller allows the action on the resource. */
export function permits(
  { users }: Api,
  caller: Caller,
  { action, resource }: Pick<IamRequest, 'action' | 'resource'>,
): boolean {
  const statements = readPolicy(users[nameOf(caller)]?.PolicyDocument) ?? [];
  return evaluatePolicy(statements, action, resource) === 'allow';
}

/** The refusal of a caller whose policy does not allow it. */
export function notPermitted(
  { userArn }: Caller,
  { action, resource }: Pick<IamRequest, 'action' | 'resource'>,
): IamRefusal {
  const message = `User: ${userArn} is not authorized to perform: ${action} on resource: ${resource}`;
  return { errorType: 'AccessDeniedException', message };
}

/** The users of an account, by name. */
export type UsersConfig = GatewayConfig['Users'];

function callerOf({ accountId }: Api, { id, userName }: AccessKey): Caller {
  return {
    accountId,
    userId: userIdOf(userName),
    userArn: `arn:aws:iam::${accountId}:user/${userName}`,
    accessKeyId: id,
  };
}

function nameOf({ userArn }: Caller): string {
  return userArn.slice(userArn.indexOf('/') + 1);
}

// Unique ids are drawn by IAM; this one is the same in each run.
function userIdOf(name: string): string {
  const digest = createHash('sha256').update(name).digest();
  return `AIDA${Array.from(digest.subarray(0, 17), (byte) => BASE32[byte % 32]).join('')}`;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function areSigned({ signedHeaders }: ClaimedSignature, head: RequestHead): boolean {
  const amazon = head.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => name.startsWith('x-amz-'));
  const inOrder = signedHeaders.every(
    (name, index) => index === 0 || (signedHeaders[index - 1] ?? '') < name,
  );
  return inOrder && ['host', ...amazon].every((name) => signedHeaders.includes(name));
}

function isValidity(seconds: string): boolean {
  return /^[1-9]\d{0,5}$/.test(seconds) && Number(seconds) <= 604_800;
}

// A presigned request says how long it is valid; any other is as long as clocks may differ.
function endOf({ date, expires }: ClaimedSignature): number {
  const validMs = expires === undefined ? SIGNATURE_SKEW_MS : Number(expires) * 1000;
  return (dateOf(date) ?? 0) + validMs;
}

function isTokenOf({ sessionToken }: AccessKey, token: string | undefined): boolean {
  if (sessionToken === undefined || token === undefined) return sessionToken === token;
  return sameSecret(sessionToken, token);
}

function invalid(message: string): IamRefusal {
  return { errorType: 'InvalidSignatureException', message };
}

function incompleteRefusal(message: string): IamRefusal {
  return { errorType: 'IncompleteSignatureException', message };
}

function refused(refusal: IamRefusal): IamVerdict {
  return { kind: 'refused', refusal };
}
