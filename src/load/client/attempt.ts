// One attempt of a load by the client of the conformance cases: opened, held, ended as it is asked.
import { createRedactor } from '../../base/redact.ts';
import type { LoadAttempt } from '../../result/load-attempt.ts';
import { newKey } from '../../wire/accept-key.ts';
import { type Connection, type Handshake, openConnection } from '../../wire/connection.ts';
import { OPCODE, textFrame } from '../../wire/frame.ts';
import type { ResponseHead, WireRecord } from '../../wire/transcript.ts';
import type { LoadIo } from '../io.ts';
import { loadNonce } from '../nonce.ts';
import type { LoadEnding, LoadEndpoint, LoadPlan } from '../plan.ts';

/** What an attempt is of. */
export interface Attempting {
  readonly number: number;
  readonly phase: number;
  readonly dueMs: number;
  readonly endpoint: number;
  readonly ending: number;
}

/** Where it happens. */
export interface Surroundings {
  readonly plan: LoadPlan;
  readonly io: LoadIo;
  readonly zeroUs: number;
  /** Aborts when nothing shall stay open any more. */
  readonly over: AbortSignal;
  /** `afterMs`: from when it was due. */
  readonly onOpened: (of: Attempting, afterMs: number) => void;
  readonly onClosed: () => void;
}

/** An attempt when it is over, with what only its generator keeps. */
export interface Attempted {
  readonly attempt: LoadAttempt;
  readonly head: ResponseHead | undefined;
  readonly body: string;
  /** Why there was no answer: a code of the system. */
  readonly failure: string | undefined;
  readonly received: number;
  readonly sent: number;
  readonly pongs: number;
}

/** Carries one attempt out. Never rejects. */
export async function attemptOne(of: Attempting, around: Surroundings): Promise<Attempted> {
  const { plan, io } = around;
  const endpoint = plan.endpoints[of.endpoint];
  const ending = plan.endings[of.ending];
  if (endpoint === undefined || ending === undefined) throw new RangeError('no such endpoint');
  const records: WireRecord[] = [];
  const counts = { received: 0, pongs: 0, sent: 0 };
  const connection = open({ of, endpoint, ending, around }, (record) => {
    if (record.kind === 'message') counts.received += 1;
    else if (record.kind === 'frame' && record.opcode === OPCODE.pong) counts.pongs += 1;
    else records.push(record);
  });
  if (ending.kind === 'abort') {
    await connection.sent;
    connection.drop('reset');
    await connection.closed;
    return { ...counts, ...told(of, records, around, 'aborted') };
  }
  const handshake = await connection.answered;
  let calledUs: number | undefined;
  if (handshake.outcome === 'opened') {
    around.onOpened(of, instantIn(records, 'response', around) - of.dueMs);
    await hold(connection, around, counts);
    if (connection.state === 'open') {
      if (ending.kind === 'deleteConnection') calledUs = io.clock.nowUs();
      await end(connection, ending, { of, around });
    }
    await ends(connection, around);
    around.onClosed();
  } else await connection.closed;
  connection.dispose();
  const body = 'body' in handshake ? (handshake.body?.text ?? '') : '';
  return {
    ...counts,
    ...told(of, records, around, handshake.outcome, calledUs),
    ...headOf(handshake),
    body,
  };
}

function headOf(handshake: Handshake): Pick<Attempted, 'head' | 'failure'> {
  if ('head' in handshake) return { head: handshake.head, failure: undefined };
  return { head: undefined, failure: handshake.failure.code };
}

function open(
  {
    of,
    endpoint,
    ending,
    around,
  }: {
    readonly of: Attempting;
    readonly endpoint: LoadEndpoint;
    readonly ending: LoadEnding;
    readonly around: Surroundings;
  },
  onRecord: (record: WireRecord) => void,
): Connection {
  const { plan, io } = around;
  const { address, port, tls, subprotocols, request } = endpoint;
  const whole = request
    .replaceAll('{key}', newKey())
    .replaceAll('{nonce}', loadNonce(plan.nonce, of.number));
  const { sources } = plan;
  const localAddress = sources[of.number % Math.max(1, sources.length)];
  const host = address.includes(':') ? `[${address}]` : address;
  return openConnection({
    url: `${tls === undefined ? 'ws' : 'wss'}://${host}:${port}/`,
    clock: io.clock,
    // Nothing of it is kept.
    redactor: createRedactor(),
    request: {
      headers: [],
      subprotocols,
      raw: ending.kind === 'abort' ? whole.slice(0, Math.floor(whole.length / 2)) : whole,
    },
    deadlines: { totalMs: plan.timeoutMs },
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(localAddress === undefined ? {} : { localAddress }),
    onRecord,
  });
}

function tlsOf({ servername, ca, cert, key, insecure }: NonNullable<LoadEndpoint['tls']>) {
  return {
    ca,
    cert,
    key,
    insecure,
    servername: servername === '' ? undefined : servername,
  };
}

/** Stays open, sends what is to be sent, and returns when the server leaves or the time is over. */
async function hold(
  connection: Connection,
  { plan, io, over }: Surroundings,
  counts: { sent: number },
): Promise<void> {
  const { messages, pings } = plan;
  const left = new AbortController();
  void connection.closed.then(() => left.abort());
  const every = (ms: number, send: () => void): (() => void) => {
    let stop = io.clock.after(ms, function again() {
      send();
      stop = io.clock.after(ms, again);
    });
    return () => stop();
  };
  const stops = [
    ...(messages === undefined
      ? []
      : [
          every(messages.everyMs, () => {
            if (connection.send([textFrame(messages.text)])) counts.sent += 1;
          }),
        ]),
    ...(pings === undefined
      ? []
      : [every(pings.everyMs, () => void connection.send([{ ...PING }]))]),
  ];
  await io.clock.sleep(plan.openForMs, AbortSignal.any([over, left.signal]));
  for (const stop of stops) stop();
}

const PING = { opcode: OPCODE.ping, fin: true, rsv: 0, masked: true, payload: new Uint8Array() };

async function end(
  connection: Connection,
  ending: LoadEnding,
  { of, around }: { readonly of: Attempting; readonly around: Surroundings },
): Promise<void> {
  switch (ending.kind) {
    case 'close':
      connection.close(ending.code, ending.reason);
      return;
    case 'fin':
    case 'reset':
    case 'silence':
      connection.drop(ending.kind);
      return;
    case 'deleteConnection':
      if ((await around.io.deleteConnection?.(of.number, of)) !== true) connection.close(1000);
      return;
    case 'abort':
  }
}

// A server may keep its side open for ever after our FIN.
const LINGER_MS = 5000;

async function ends(connection: Connection, { io, over }: Surroundings): Promise<void> {
  const late = new AbortController();
  void connection.closed.then(() => late.abort());
  const linger = (async (): Promise<void> => {
    await io.clock.sleep(24 * 3_600_000, AbortSignal.any([over, late.signal]));
    await io.clock.sleep(LINGER_MS, late.signal);
  })();
  await Promise.race([connection.closed, linger]);
  late.abort();
}

function told(
  of: Attempting,
  records: readonly WireRecord[],
  { zeroUs }: Pick<Surroundings, 'zeroUs'>,
  outcome: LoadAttempt['outcome'],
  calledUs?: number,
): Pick<Attempted, 'attempt' | 'head' | 'body' | 'failure'> {
  const at = (kind: WireRecord['kind']): number => instantIn(records, kind, { zeroUs });
  const response = records.find((record) => record.kind === 'response');
  const head = response?.kind === 'response' ? response.head : undefined;
  const first = records.find(isClosing);
  const opened = outcome === 'opened';
  const called = calledUs !== undefined && !(first !== undefined && first.atUs < calledUs);
  const closingUs = called ? calledUs : first?.atUs;
  const isOurs = called || (first !== undefined && isOutgoing(first));
  const attempt: LoadAttempt = {
    ...of,
    outcome,
    status: head?.status ?? 0,
    subprotocol: head?.headers.find(([name]) => /^sec-websocket-protocol$/i.test(name))?.[1],
    startMs: at('connecting'),
    connectedMs: at('tcp'),
    securedMs: at('tls'),
    sentMs: at('sent'),
    firstByteMs: at('firstByte'),
    answeredMs: at('response'),
    closingMs: !opened || closingUs === undefined ? Number.NaN : (closingUs - zeroUs) / 1000,
    closedMs: Number.isNaN(at('closed')) ? at('failure') : at('closed'),
    closedBy: !opened || closingUs === undefined ? undefined : isOurs ? 'client' : 'server',
    closedHow: first === undefined || !opened ? undefined : HOW[first.kind],
    closeCode: opened ? codeOf(records) : undefined,
    endedByUs: opened && isOurs,
  };
  return { attempt, head, body: '', failure: undefined };
}

/** In ms from the start of the load; NaN where it is not there. */
function instantIn(
  records: readonly WireRecord[],
  kind: WireRecord['kind'],
  { zeroUs }: Pick<Surroundings, 'zeroUs'>,
): number {
  const record = records.find((one) => one.kind === kind);
  return record === undefined ? Number.NaN : (record.atUs - zeroUs) / 1000;
}

const HOW: Readonly<Record<string, LoadAttempt['closedHow']>> = {
  fin: 'fin',
  reset: 'reset',
  frame: 'close-frame',
};

function isClosing(record: WireRecord): boolean {
  if (record.kind === 'frame') return record.opcode === OPCODE.close;
  return record.kind === 'fin' || record.kind === 'reset' || record.kind === 'silence';
}

function isOutgoing(record: WireRecord): boolean {
  return record.kind === 'silence' || ('direction' in record && record.direction === 'out');
}

/** Of the server's close frame; 1005 if it was empty, 1006 without one. */
function codeOf(records: readonly WireRecord[]): number {
  const frame = records.find(
    (one) => one.kind === 'frame' && one.direction === 'in' && one.opcode === OPCODE.close,
  );
  if (frame?.kind !== 'frame') return 1006;
  return frame.close?.code ?? 1005;
}
