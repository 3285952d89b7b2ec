// A scenario after parsing: durations in milliseconds, literals turned into matchers, defaults
// filled in. What the user may write is schema.ts; what it means is here.
import type { Json } from '../base/json.ts';
import type { SourceSpan } from '../base/source-span.ts';
import type { LoadSpec, ThrottleSpec } from './load-model.ts';

/** How strictly a requirement binds (RFC 2119). */
export type Level = 'must' | 'should' | 'may';

/** What may run beside a scenario on the same target. */
export type Isolation = 'shared' | 'exclusive' | 'destructive';

/** How long cases take: up to a minute, up to an hour, longer. */
export type Tier = 'fast' | 'slow' | 'hours';

/** The four ways in which a gateway calls the backend, as scenarios spell them. */
export type Invocation = 'authorizer' | '$connect' | 'message' | '$disconnect';

/** One runnable case: a scenario with its axis values. */
export interface CaseSpec {
  /** `connect/status-passthrough[status=403]`; axes sorted by name. */
  readonly id: string;
  readonly scenario: string;
  readonly file: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly title: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly isolation: Isolation;
  /** As declared, else by `waitMs`. */
  readonly tier: Tier;
  /** Target features, derived and written, sorted: `endpoint:custom`, `probe`, `observer`, `management`, … */
  readonly needs: readonly string[];
  /** Empty where a load or a throttle drives. */
  readonly steps: readonly Step[];
  readonly load?: LoadSpec;
  readonly throttle?: ThrottleSpec;
  /** The checks in the order written, then the thresholds: a threshold is a check of many at once. */
  readonly checks: readonly CheckSpec[];
  /** The longest the case can take, in milliseconds, from its deadlines. */
  readonly longestMs: number;
  /** What it waits on purpose, in milliseconds: its steps, or a time limit of the target that it is about. */
  readonly waitMs: number;
}

interface StepBase {
  readonly span: SourceSpan;
  /** Deadline in milliseconds. */
  readonly withinMs: number;
  /** The connection the step is about; set for every verb but `parallel`, `repeat`, `idle`. */
  readonly connection: string;
}

/** One step. Its verb decides the rest. */
export type Step =
  | (StepBase & { readonly verb: 'connect'; readonly connect: ConnectSpec })
  | (StepBase & { readonly verb: 'release'; readonly invocation: Invocation })
  | (StepBase & { readonly verb: 'send'; readonly send: SendSpec })
  | (StepBase & {
      readonly verb: 'close';
      readonly code: number | undefined;
      readonly reason: string;
    })
  | (StepBase & { readonly verb: 'drop'; readonly how: 'fin' | 'reset' | 'silence' })
  | (StepBase & { readonly verb: CallVerb; readonly call: CallSpec })
  | (StepBase & { readonly verb: 'wait'; readonly moment: Moment })
  | (StepBase & { readonly verb: 'idle'; readonly ms: number })
  | (StepBase & {
      readonly verb: 'repeat';
      readonly times: number;
      readonly everyMs: number;
      readonly atOnce: number;
      readonly steps: readonly Step[];
    })
  | (StepBase & { readonly verb: 'parallel'; readonly steps: readonly Step[] });

/** The calls of the @connections API. */
export type CallVerb = 'postToConnection' | 'getConnection' | 'deleteConnection';

/** How one request deviates from the right signature of its credentials. */
export interface SignSpec {
  readonly in: 'header' | 'query' | undefined;
  readonly region: string | undefined;
  readonly service: string | undefined;
  readonly expiresMs: number | undefined;
  /** Milliseconds from now, negative for the past. */
  readonly atMs: number;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** `false` sends none. */
  readonly sessionToken: string | false | undefined;
  /** What is changed after signing. */
  readonly tamper: 'signature' | 'query' | undefined;
}

/** A management call. */
export interface CallSpec {
  /** Unique among the calls of a scenario; the verb when unnamed. */
  readonly name: string;
  readonly body: string;
  /** Name in the credentials of the target's `management`; `default`, or `none`. */
  readonly credentials?: string;
  /** `false` sends it unsigned. */
  readonly sign?: SignSpec | false | undefined;
  /** Another id than the connection's own. */
  readonly id: string | undefined;
  readonly path: string | undefined;
  readonly headers: readonly HeaderSpec[];
}

/** A header or query parameter to send; `value: undefined` leaves the handshake's own header out. */
export interface HeaderSpec {
  readonly name: string;
  readonly value: string | undefined;
}

/** One `connect` step: what is sent, and what the backend shall do. */
export interface ConnectSpec {
  /** Role in the target file; `open` by default. */
  readonly endpoint: string;
  /** Name in the endpoint's credentials; `default`, or `none`. */
  readonly credentials: string;
  /** `false` sends it unsigned. */
  readonly sign?: SignSpec | false | undefined;
  /** Offered subprotocols in order; sent joined by `, `. */
  readonly subprotocols: readonly string[];
  /** Extensions to offer, as the header's text; nothing is offered by default. */
  readonly extensions: string | undefined;
  readonly headers: readonly HeaderSpec[];
  readonly query: readonly HeaderSpec[];
  readonly method: string;
  /** Path and query instead of the endpoint's own; `{stage}` in it is that of the endpoint. */
  readonly path: string | undefined;
  /** The query is filled up until the whole URL has that many bytes. */
  readonly urlBytes?: number | undefined;
  /** Where the nonce travels, when it is not where the target says. */
  readonly nonce?: 'header' | undefined;
  /** The whole request as text. */
  readonly raw: string | undefined;
  readonly tls:
    | false
    | { readonly version: string | undefined; readonly alpn: readonly string[] }
    | undefined;
  readonly backend: Readonly<Partial<Record<'authorizer' | '$connect' | '$disconnect', Plan>>>;
  /** Members of the group; 1 is a plain connection. */
  readonly count: number;
  /** How many may be on their way at a time. */
  readonly atOnce: number;
  /** True ends the step as soon as the request is written. */
  readonly untilSent: boolean;
}

/** What a `send` step writes. */
export type SendSpec = { readonly backend: Plan | undefined } & (
  | {
      readonly kind: 'text' | 'binary' | 'ping' | 'pong';
      readonly payload: PayloadSpec;
      readonly fragmentSize: number | undefined;
    }
  | { readonly kind: 'frames'; readonly frames: readonly FrameSpec[] }
  | { readonly kind: 'bytes'; readonly hex: string }
);

/** Bytes to send. */
export type PayloadSpec =
  | { readonly text: string }
  | { readonly hex: string }
  /** That many bytes of `a`. */
  | { readonly size: number };

/** One frame, valid or not, exactly as asked for. */
export interface FrameSpec {
  /** 0 to 15. */
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  readonly payload: PayloadSpec;
}

/** What the backend does when it is invoked. */
export interface Plan {
  /** When it answers: after a delay, at the `release` step but not before `ms`, or never. */
  readonly when:
    | { readonly kind: 'now' }
    | { readonly kind: 'delay' | 'hold'; readonly ms: number }
    | { readonly kind: 'hang' };
  readonly answer: PlanAnswer;
}

/** What it answers. */
export type PlanAnswer =
  | { readonly kind: 'throw'; readonly message: string }
  | { readonly kind: 'return'; readonly value: Json }
  /** An integration's proxy response. */
  | {
      readonly kind: 'integration';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string | undefined;
      /** Answer with the message's own body. */
      readonly echo: boolean;
    }
  /** An authorizer's policy. `policy` replaces the statement that `effect` would make. */
  | {
      readonly kind: 'authorizer';
      readonly effect: 'allow' | 'deny';
      readonly principalId: string;
      readonly context: Readonly<Record<string, Json>> | undefined;
      readonly policy: Json | undefined;
      readonly usageIdentifierKey: string | undefined;
      /** The context is filled up until the whole result has that many bytes as JSON. */
      readonly resultBytes?: number | undefined;
    };

/** An instant of one connection: `$connect.released`, `b.opened`, `postToConnection.returned`. */
export interface Moment {
  /** The connection named before it, or undefined: the check's or step's own. */
  readonly connection: string | undefined;
  readonly of:
    | { readonly kind: 'connection'; readonly name: ConnectionMoment }
    | {
        readonly kind: 'invocation';
        readonly invocation: Invocation;
        readonly phase: InvocationPhase;
      }
    | { readonly kind: 'call'; readonly call: string; readonly phase: 'called' | 'returned' };
  /** As it was written. */
  readonly text: string;
}

/** Instants that a connection has. */
export type ConnectionMoment =
  | 'connecting'
  | 'resolved'
  | 'connected'
  | 'secured'
  | 'sent'
  | 'firstByte'
  | 'answered'
  | 'opened'
  | 'received'
  | 'closing'
  | 'closed';

/** Instants that an invocation has. */
export type InvocationPhase = 'started' | 'released' | 'ended';

/** A check: one condition and its modifiers. */
export interface CheckSpec {
  readonly id: string;
  readonly span: SourceSpan;
  readonly title: string | undefined;
  readonly requirement: string | undefined;
  /** Written beside the check; otherwise the requirement's, otherwise must. */
  readonly level: Level | undefined;
  /** The connections it is about, at least one; each of them must satisfy it. */
  readonly connections: readonly string[];
  /** How long to watch, from the cause, in milliseconds; undefined: the condition's default. */
  readonly withinMs: number | undefined;
  /** Features that only this check needs, derived and written. */
  readonly needs: readonly string[];
  readonly condition: Condition | Threshold | EstimateSpec;
}

/** One number over many connections, and what it must be. */
export interface Threshold {
  readonly kind: 'threshold';
  readonly statistic: Statistic;
  /** Judged of each connection; of a percentile the `elapsed` that is measured, without a matcher. */
  readonly of: Condition;
  /** Which connections are samples; undefined: the default of what it is about. */
  readonly among: Among | undefined;
  /** Of a load: only attempts that were due in phases of these names. */
  readonly during?: readonly string[];
  /** Of a load: once it cannot be met any more the load ends. */
  readonly abort?: true;
}

/** What an estimate of the limiter must be: a word, or a number per second, of connects, of milliseconds. */
export interface EstimateSpec {
  readonly kind: 'estimate';
  readonly of: 'kind' | 'rate' | 'burst' | 'recovery';
  readonly want: Matcher;
}

/** The number. */
export type Statistic =
  /** From 0 to 1; `is` is exact, `gte` and `lte` are judged by the interval. */
  | { readonly kind: 'share'; readonly want: Matcher; readonly confidence: number }
  | { readonly kind: 'count'; readonly want: Matcher }
  /** Of a load: so many in each second of its schedule, or of the phases it is about. */
  | { readonly kind: 'rate'; readonly want: Matcher }
  /** By nearest rank, in milliseconds; `share: 1` is the longest. */
  | {
      readonly kind: 'percentile';
      readonly name: string;
      readonly share: number;
      readonly want: Matcher;
    };

/** What narrows the samples; all that is given must hold. */
export interface Among {
  readonly handshake: Fields | undefined;
  /** Opened, and ended by us in one of these ways. */
  readonly endings: readonly Ending[] | undefined;
}

/** How a connection was ended by us. */
export type Ending = 'close' | 'fin' | 'reset' | 'silence' | 'deleteConnection';

/** What must hold. */
export type Condition =
  | { readonly kind: 'handshake'; readonly fields: Fields }
  | { readonly kind: 'received' | 'frames'; readonly want: Quantity }
  | { readonly kind: 'events'; readonly want: Readonly<Partial<Record<Invocation, EventQuantity>>> }
  | { readonly kind: 'closed'; readonly fields: Fields }
  | { readonly kind: 'answers'; readonly want: Readonly<Record<string, Fields>> }
  | { readonly kind: 'order'; readonly moments: readonly Moment[] }
  | {
      readonly kind: 'never';
      readonly moment: Moment;
      readonly side: { readonly kind: 'before' | 'after'; readonly moment: Moment } | undefined;
    }
  | { readonly kind: 'elapsed'; readonly from: Moment; readonly to: Moment; readonly ms: Matcher }
  /** From the instant at the first path to that at the second one. */
  | {
      readonly kind: 'between';
      readonly paths: readonly [from: EvidencePath, to: EvidencePath];
      readonly ms: Matcher;
    }
  | { readonly kind: 'same'; readonly paths: readonly EvidencePath[] }
  | { readonly kind: 'distinct'; readonly paths: readonly EvidencePath[] }
  | { readonly kind: 'record'; readonly paths: readonly EvidencePath[] };

/** Matchers by field. Keys of `headers` are header names, keys of `json` and of events are paths. */
export interface Fields {
  readonly [field: string]: Matcher | Readonly<Record<string, Matcher>>;
}

/** How many, and what of them. All that are given must hold. */
export interface Quantity {
  readonly count: Matcher | undefined;
  readonly each: Fields | undefined;
  readonly some: Fields | undefined;
  readonly none: Fields | undefined;
}

/** The same for events, keys being paths into the event. */
export interface EventQuantity extends Quantity {
  /** A JSON Schema (2020-12) that each event satisfies. */
  readonly schema: Json | undefined;
}

/** All keys that are given must hold. A literal `x` is `{ is: x }`. Durations are in milliseconds. */
export interface Matcher {
  readonly is?: Json;
  readonly not?: Matcher;
  readonly oneOf?: readonly Json[];
  readonly absent?: boolean;
  readonly gte?: number;
  readonly lte?: number;
  /** Widens `is`, `gte`, `lte`: in units of the value, or as a share of it. */
  readonly tolerance?: { readonly kind: 'absolute' | 'share'; readonly value: number };
  readonly matches?: string;
  readonly contains?: Json;
  readonly schema?: Json;
}

/** A path into the evidence: `handshake.status`, `$connect.requestContext.connectionId`. */
export interface EvidencePath {
  readonly connection: string | undefined;
  /** `handshake`, `received`, `frames`, `closed`, `answers`, or an invocation. */
  readonly root: string;
  /** Keys and indexes below the root. */
  readonly keys: readonly (string | number)[];
  /** Only what this regular expression finds in the text there: its first group, else all that it matches. */
  readonly part?: string;
  readonly text: string;
}
