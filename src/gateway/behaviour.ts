// Everything the gateway decides, in one place, so that a fault can replace one decision by a wrong
// one. The functions themselves live where their subject lives.
import type { Api } from './api.ts';
import {
  API_KEY_REFUSALS,
  checkApiKey,
  presentedApiKey,
  requireApiKey,
  validApiKey,
} from './api-key.ts';
import { judgeAuthorizer, missingIdentity } from './authorizer.ts';
import {
  admit,
  authorize,
  callAuthorizer,
  connectArn,
  connectRoute,
  integrate,
  stageOf,
} from './connect.ts';
import type { Connection, Traffic } from './connection.ts';
import { clientEnding, deliverDisconnect } from './disconnect.ts';
import {
  authorizerEvent,
  type Closure,
  connectEvent,
  disconnectEvent,
  messageEvent,
  newOccasion,
} from './event.ts';
import type { OutgoingFrame, Replacement } from './frame-tap.ts';
import {
  acceptanceFields,
  asksForUpgrade,
  HANDSHAKE_RULES,
  type HandshakeRule,
} from './handshake.ts';
import { type Refusal, refusal } from './http-answer.ts';
import {
  authenticate,
  authorizeCaller,
  findAccessKey,
  IAM_REFUSALS,
  notPermitted,
  permits,
  SIGNATURE_RULES,
  type SignatureRule,
} from './iam.ts';
import { drawId } from './identifiers.ts';
import {
  ACCEPTED,
  type ConnectVerdict,
  type IntegrationOutcome,
  judgeConnect,
} from './integration.ts';
import { requestPayload, templateInput } from './integration-request.ts';
import { type BackendResult, selectResponse } from './integration-response.ts';
import { CLOSE_TIMEOUT_MS, FRAME_BYTES, MESSAGE_BYTES, URL_BYTES } from './limits.ts';
import {
  deleteConnection,
  findConnection,
  manage,
  managementArn,
  managementPath,
  postTo,
} from './management.ts';
import { errorFrame, handleMessage, judgeMessage, sendReply } from './message.ts';
import { fitsModel } from './message-model.ts';
import { frameJudge, type Opening } from './open.ts';
import type { RequestHead } from './request-head.ts';
import { mapParameters } from './request-parameters.ts';
import { routeKeyOf } from './route-selection.ts';
import { forwardedHeaders, mayInvoke, mockStatus } from './run-integration.ts';
import { readSignature } from './signature.ts';
import { accountBucket, refuseThrottled, routeBucket, throttle } from './throttle.ts';
import { TLS_VERSIONS, type TlsVersions } from './tls.ts';
import type { TokenBucketLimits } from './token-bucket.ts';
import type { Metering, PlanKey, UsagePlans } from './usage-plan.ts';

/** What is known when a frame goes out. */
interface FrameContext {
  /** The client has sent a close frame, so a close frame now answers it. */
  readonly answersClose: boolean;
  /** Invokes $disconnect now; it is not invoked a second time. */
  readonly tell: (closure: Closure) => Promise<IntegrationOutcome | undefined>;
}

/** The decisions of a gateway. */
export interface Behaviour {
  readonly handshakeRules: readonly HandshakeRule[];
  readonly asksForUpgrade: typeof asksForUpgrade;
  /** The versions of TLS that an API with a certificate speaks. */
  readonly tlsVersions: TlsVersions;
  /** Whether an API with a certificate serves plain text on the same port, too. */
  readonly servesPlainText: boolean;
  /** Longest request target. */
  readonly urlBytes: number;
  readonly stageOf: typeof stageOf;
  /** What an upgrade is told whose path is no stage. */
  readonly unknownPathRefusal: Refusal;
  readonly acceptanceFields: typeof acceptanceFields;
  readonly drawConnectionId: (head: RequestHead) => string;
  readonly newOccasion: typeof newOccasion;
  readonly connectArn: typeof connectArn;

  readonly throttle: typeof throttle;
  readonly routeBucket: typeof routeBucket;
  readonly accountBucket: typeof accountBucket;
  /** The limits that a bucket gets when these are configured. */
  readonly bucketLimits: (configured: TokenBucketLimits) => TokenBucketLimits;
  readonly refuseThrottled: typeof refuseThrottled;

  readonly admit: typeof admit;
  readonly authorize: typeof authorize;
  readonly callAuthorizer: typeof callAuthorizer;
  readonly integrate: typeof integrate;
  readonly connectRoute: typeof connectRoute;
  /** What becomes of an upgrade when $connect has no integration. */
  readonly withoutIntegration: ConnectVerdict;
  /** The time that $connect gets when so much is configured. */
  readonly connectTimeoutMs: (configuredMs: number) => number;
  readonly missingIdentity: typeof missingIdentity;
  readonly missingIdentityRefusal: Refusal;
  readonly judgeAuthorizer: typeof judgeAuthorizer;
  readonly judgeConnect: typeof judgeConnect;

  readonly authorizeCaller: typeof authorizeCaller;
  readonly authenticate: typeof authenticate;
  readonly readSignature: typeof readSignature;
  readonly findAccessKey: typeof findAccessKey;
  readonly signatureRules: readonly SignatureRule[];
  readonly iamRefusals: typeof IAM_REFUSALS;
  readonly permits: typeof permits;
  readonly notPermitted: typeof notPermitted;
  /** The status of everything that IAM refuses. */
  readonly iamStatus: number;
  readonly managementArn: typeof managementArn;
  readonly mayInvoke: typeof mayInvoke;
  readonly mapParameters: typeof mapParameters;
  readonly forwardedHeaders: typeof forwardedHeaders;
  /** What an HTTP backend answered, as the gateway takes it. */
  readonly httpResult: (result: BackendResult) => BackendResult;
  readonly templateInput: typeof templateInput;
  readonly requestPayload: typeof requestPayload;
  readonly mockStatus: typeof mockStatus;
  readonly selectResponse: typeof selectResponse;

  readonly checkApiKey: typeof checkApiKey;
  readonly presentedApiKey: typeof presentedApiKey;
  readonly validApiKey: typeof validApiKey;
  readonly requireApiKey: typeof requireApiKey;
  readonly apiKeyRefusals: typeof API_KEY_REFUSALS;
  /** Asks the plan of a key whether it has room, and counts. */
  readonly meterApiKey: (plans: UsagePlans, key: PlanKey) => Metering;

  readonly connectEvent: typeof connectEvent;
  readonly authorizerEvent: typeof authorizerEvent;
  readonly messageEvent: typeof messageEvent;
  readonly disconnectEvent: typeof disconnectEvent;

  /** Messages that are sent right after the 101. */
  readonly greetings: (opening: Opening) => readonly string[];
  /** Makes the judge of one connection's frames. */
  readonly frameJudge: () => ReturnType<typeof frameJudge>;
  /** Longest message; 0 for no limit. */
  readonly messageLimitBytes: number;
  /** Changes frames on their way out; `undefined` leaves them alone. */
  readonly outgoing:
    | ((frame: OutgoingFrame, context: FrameContext) => Replacement | Promise<Replacement>)
    | undefined;
  /** Sees the bytes of a client as they come; absent: nobody looks. */
  readonly incoming:
    | ((api: Api, connection: () => Connection) => (chunk: Buffer) => void)
    | undefined;
  /** Whether TCP ends with the closing handshake. */
  readonly endsTcp: boolean;
  readonly closeTimeoutMs: number;
  /** What a ping does beside being answered. */
  readonly onPing: (api: Api, connection: Connection, payload: string) => void;
  readonly handleMessage: typeof handleMessage;
  readonly routeKeyOf: typeof routeKeyOf;
  readonly fitsModel: typeof fitsModel;
  readonly judgeMessage: typeof judgeMessage;
  /** The time that the integration of a message gets when so much is configured. */
  readonly messageTimeoutMs: (configuredMs: number) => number;
  readonly errorFrame: typeof errorFrame;
  readonly reply: typeof sendReply;

  readonly clientEnding: typeof clientEnding;
  /** Idle time and age that end a connection when so much is configured. */
  readonly idleTimeoutMs: (configuredMs: number) => number;
  readonly maxDurationMs: (configuredMs: number) => number;
  /** Whether the idle time starts anew. Of pings no source says it; as with other traffic. */
  readonly keepsAlive: (traffic: Traffic) => boolean;
  /** How an idle or too old connection is closed. */
  readonly goingAway: Closure;
  readonly deliverDisconnect: typeof deliverDisconnect;

  readonly managementPath: typeof managementPath;
  /** Longest body that POST takes. */
  readonly postLimitBytes: number;
  readonly manage: typeof manage;
  readonly findConnection: typeof findConnection;
  readonly postTo: typeof postTo;
  readonly deleteConnection: typeof deleteConnection;
}

/** The behaviour of API Gateway as far as it is known. */
export const CORRECT_BEHAVIOUR: Behaviour = {
  handshakeRules: HANDSHAKE_RULES,
  asksForUpgrade,
  tlsVersions: TLS_VERSIONS,
  servesPlainText: false,
  urlBytes: URL_BYTES,
  stageOf,
  unknownPathRefusal: refusal(403),
  acceptanceFields,
  drawConnectionId: drawId,
  newOccasion,
  connectArn,
  throttle,
  routeBucket,
  accountBucket,
  bucketLimits: (configured) => configured,
  refuseThrottled,
  admit,
  authorize,
  callAuthorizer,
  integrate,
  connectRoute,
  // An integration on $connect is optional: without one the stage is open.
  withoutIntegration: ACCEPTED,
  connectTimeoutMs: (configuredMs) => configuredMs,
  missingIdentity,
  missingIdentityRefusal: refusal(401),
  judgeAuthorizer,
  judgeConnect,
  authorizeCaller,
  authenticate,
  readSignature,
  findAccessKey,
  signatureRules: SIGNATURE_RULES,
  iamRefusals: IAM_REFUSALS,
  permits,
  notPermitted,
  iamStatus: 403,
  managementArn,
  mayInvoke,
  mapParameters,
  forwardedHeaders,
  httpResult: (result) => result,
  templateInput,
  requestPayload,
  mockStatus,
  selectResponse,
  checkApiKey,
  presentedApiKey,
  validApiKey,
  requireApiKey,
  apiKeyRefusals: API_KEY_REFUSALS,
  meterApiKey: (plans, key) => plans.meter(key),
  connectEvent,
  authorizerEvent,
  messageEvent,
  disconnectEvent,
  greetings: () => [],
  frameJudge: () => frameJudge(FRAME_BYTES),
  messageLimitBytes: MESSAGE_BYTES,
  outgoing: undefined,
  incoming: undefined,
  endsTcp: true,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
  onPing: () => undefined,
  handleMessage,
  routeKeyOf,
  fitsModel,
  judgeMessage,
  messageTimeoutMs: (configuredMs) => configuredMs,
  errorFrame,
  reply: sendReply,
  clientEnding,
  idleTimeoutMs: (configuredMs) => configuredMs,
  maxDurationMs: (configuredMs) => configuredMs,
  keepsAlive: () => true,
  goingAway: { code: 1001, reason: 'Going away', cause: 'going-away' },
  deliverDisconnect,
  managementPath,
  postLimitBytes: MESSAGE_BYTES,
  manage,
  findConnection,
  postTo,
  deleteConnection,
};
