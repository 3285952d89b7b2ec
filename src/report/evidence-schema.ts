// The shape of what a saved run keeps of a case: its records, and how they were judged.
import { z } from 'zod';

const text = z.string();
const count = z.int().nonnegative();
const at = z.number();

const payload = z.looseObject({
  bytes: count,
  text: text.exactOptional(),
  hex: text.exactOptional(),
  truncated: z.literal(true).exactOptional(),
  sha256: text.exactOptional(),
});

const header = z.tuple([text, text]);

const head = z.looseObject({
  version: text,
  status: z.number(),
  phrase: text,
  headers: z.array(header),
});

const direction = z.enum(['in', 'out']);

// What every record has beside its kind.
const common = { seq: z.number(), atUs: at, connection: text, member: count };

const wireRecords = [
  z.looseObject({
    ...common,
    kind: z.literal('connecting'),
    host: text,
    port: z.number(),
    secure: z.boolean(),
  }),
  z.looseObject({ ...common, kind: z.literal('resolved'), address: text }),
  z.looseObject({
    ...common,
    kind: z.literal('tcp'),
    localPort: z.number(),
    remote: text,
    proxy: text.optional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('tls'),
    version: text,
    cipher: text,
    alpn: text.optional(),
    verified: z.boolean(),
    problem: text.exactOptional(),
  }),
  z.looseObject({ ...common, kind: z.literal('request'), raw: payload, key: text.optional() }),
  z.looseObject({ ...common, kind: z.literal('sent') }),
  z.looseObject({ ...common, kind: z.literal('firstByte') }),
  z.looseObject({ ...common, kind: z.literal('interim'), head, raw: payload }),
  z.looseObject({
    ...common,
    kind: z.literal('response'),
    head,
    raw: payload,
    opened: z.boolean(),
    violations: z.array(text),
  }),
  z.looseObject({ ...common, kind: z.literal('body'), body: payload }),
  z.looseObject({
    ...common,
    kind: z.literal('frame'),
    direction,
    opcode: z.number(),
    fin: z.boolean(),
    rsv: z.number(),
    masked: z.boolean(),
    payload,
    close: z.looseObject({ code: z.number().exactOptional(), reason: text }).exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('message'),
    binary: z.boolean(),
    payload,
    fragments: z.number(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('protocolError'),
    code: text,
    message: text,
    closeCode: z.number(),
    bytes: payload,
  }),
  z.looseObject({ ...common, kind: z.literal('fin'), direction }),
  z.looseObject({ ...common, kind: z.literal('reset'), direction, code: text }),
  z.looseObject({ ...common, kind: z.literal('silence') }),
  z.looseObject({
    ...common,
    kind: z.literal('failure'),
    outcome: text,
    phase: text,
    code: text,
    message: text,
  }),
  z.looseObject({ ...common, kind: z.literal('closed') }),
] as const;

/** One record. */
export const recordSchema = z.discriminatedUnion('kind', [
  ...wireRecords,
  z.looseObject({
    ...common,
    kind: z.literal('invocation'),
    type: z.enum(['AUTHORIZER', 'CONNECT', 'MESSAGE', 'DISCONNECT']),
    phase: z.enum(['started', 'released', 'ended', 'abandoned']),
    invocationId: text,
    clock: z.enum(['runner', 'platform']),
    planned: z.literal(true).exactOptional(),
    problem: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('call'),
    name: text,
    verb: text,
    method: text,
    url: text,
    body: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('answer'),
    name: text,
    status: z.number().exactOptional(),
    headers: z.array(header).exactOptional(),
    body: payload.exactOptional(),
    failure: text.exactOptional(),
  }),
  z.looseObject({
    ...common,
    kind: z.literal('step'),
    index: text,
    verb: text,
    phase: z.enum(['begun', 'ended', 'deadline', 'impossible', 'prevented']),
    message: text.exactOptional(),
  }),
]);

const ofConnection = z.looseObject({ connection: text, member: count });

const interruption = z.looseObject({
  cause: z.enum(['target', 'tool']),
  step: text,
  message: text,
});

const look = z.looseObject({
  atUs: at.exactOptional(),
  records: count,
  decided: z.array(text),
  retold: z.array(text).exactOptional(),
  clockBoundUs: at.exactOptional(),
  clockTickUs: at.exactOptional(),
  unrecognised: z.array(ofConnection).exactOptional(),
  interruption: interruption.exactOptional(),
});

/** How a case was judged. */
export const judgingSchema = z.looseObject({
  settleMs: z.number(),
  stepsEndedAtUs: at,
  interruption: interruption.exactOptional(),
  isPlatform: z.literal(true).exactOptional(),
  shortHold: text.exactOptional(),
  looks: z.array(look),
});
