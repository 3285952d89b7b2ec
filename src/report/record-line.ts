// One record of the evidence as one line. Text comes out as it is: the sink makes it visible.
import type { Json } from '../base/json.ts';
import type { ConnectionInfo, EvidenceRecord } from '../result/evidence.ts';
import type { RecordPayload } from './payload-text.ts';

/** A record as a report shows it. */
export interface RecordLine {
  /** Who acts or sees: the client, the backend, or the tester's own hand. */
  readonly lane: 'client' | 'backend' | 'driver';
  /** Two or three words for a chart. */
  readonly label: string;
  /** One line without the bytes. */
  readonly what: string;
  readonly payload?: RecordPayload;
}

/** Describes any record. */
export function recordLine(record: EvidenceRecord): RecordLine {
  switch (record.kind) {
    case 'connecting':
      return client(
        'connect',
        `connects to ${record.host}:${record.port}${record.secure ? ' with TLS' : ''}`,
      );
    case 'resolved':
      return client('resolved', `name resolved to ${record.address}`);
    case 'tcp':
      return client('tcp', tcpText(record));
    case 'tls':
      return client('tls', tlsText(record));
    case 'request':
      return client('upgrade request', `writes ${firstLine(record.raw)}`, record.raw);
    case 'sent':
      return client('sent', 'request handed to the kernel');
    case 'firstByte':
      return client('first byte', 'first byte of the answer');
    case 'interim':
      return client(`${record.head.status}`, `interim answer ${headText(record.head)}`, record.raw);
    case 'response':
      return client(`${record.head.status || 'not HTTP'}`, responseText(record), record.raw);
    case 'body':
      return client('body', 'body of the answer', record.body);
    case 'frame':
      return client(frameLabel(record), frameText(record), record.payload);
    case 'message':
      return client('message', messageText(record), record.payload);
    case 'protocolError':
      return client(
        record.code,
        `${record.message} (${record.code}, close code ${record.closeCode})`,
        record.bytes,
      );
    case 'fin':
      return client('FIN', record.direction === 'in' ? 'endpoint sent FIN' : 'sends FIN');
    case 'reset':
      return client(
        'RST',
        record.direction === 'in'
          ? `connection reset (${record.code})`
          : `resets the connection (${record.code})`,
      );
    case 'silence':
      return client('silence', 'from here on neither reads nor writes');
    case 'failure':
      return client(
        record.code,
        `${record.outcome} in phase ${record.phase}: ${record.message} (${record.code})`,
      );
    case 'closed':
      return client('closed', 'socket is gone');
    case 'invocation':
      return invocationLine(record);
    case 'call':
      return client(
        record.name,
        `${record.verb}: ${record.method} ${record.url}`,
        textPayload(record.body),
      );
    case 'answer':
      return client(
        `${record.status ?? 'no answer'}`,
        `${record.name} answered ${record.failure ?? `HTTP ${record.status ?? '?'}`}`,
        record.body,
      );
    case 'step':
      break;
  }
  return { lane: 'driver', label: record.verb, what: stepText(record) };
}

/** Whom a record is about: empty with a single connection, else `a`, or `a[3]` within a group. */
export function connectionName(
  record: EvidenceRecord,
  connections: readonly ConnectionInfo[],
): string {
  const members = connections.find(({ name }) => name === record.connection)?.members ?? 1;
  if (members > 1) return `${record.connection}[${record.member}]`;
  return connections.length > 1 ? record.connection : '';
}

type Kind<K extends EvidenceRecord['kind']> = Extract<EvidenceRecord, { kind: K }>;

function client(label: string, what: string, payload?: RecordPayload): RecordLine {
  return { lane: 'client', label, what, ...(payload === undefined ? {} : { payload }) };
}

function firstLine(raw: RecordPayload): string {
  const line = raw.text?.split(/\r?\n/, 1)[0] ?? '';
  return line === '' ? 'the upgrade request' : line;
}

function tcpText({ localPort, remote, proxy }: Kind<'tcp'>): string {
  if (proxy === undefined) return `TCP established from port ${localPort} to ${remote}`;
  return `tunnel through the proxy ${proxy} (${remote}) from port ${localPort}`;
}

function tlsText(record: Kind<'tls'>): string {
  const alpn = record.alpn === undefined ? '' : `, ALPN ${record.alpn}`;
  const verified = record.verified
    ? ''
    : `, NOT VERIFIED (${record.problem ?? 'verification was switched off'})`;
  return `${record.version} ${record.cipher}${alpn}${verified}`;
}

function headText(head: Kind<'response'>['head']): string {
  return [head.version, head.status, head.phrase].filter((part) => part !== '').join(' ');
}

function responseText({ head, opened, violations }: Kind<'response'>): string {
  const answer = head.status === 0 ? 'answer that is not HTTP' : `answer ${headText(head)}`;
  if (opened) return `${answer}: the connection is open`;
  return violations.length === 0 ? answer : `${answer}: ${violations.join(', ')}`;
}

const OPCODES: Readonly<Record<number, string>> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

function frameLabel(record: Kind<'frame'>): string {
  const name = OPCODES[record.opcode] ?? `opcode ${record.opcode}`;
  return record.close === undefined ? name : `${name} ${record.close.code ?? 'without code'}`;
}

function frameText(record: Kind<'frame'>): string {
  const { close } = record;
  const flags = [
    record.fin ? '' : 'more follows',
    record.rsv === 0 ? '' : `RSV ${record.rsv}`,
    record.masked === (record.direction === 'out') ? '' : record.masked ? 'MASKED' : 'NOT MASKED',
  ].filter((flag) => flag !== '');
  const reason =
    close === undefined || close.reason === '' ? '' : ` ${JSON.stringify(close.reason)}`;
  const verb = record.direction === 'out' ? 'sends' : 'receives';
  return `${verb} ${frameLabel(record)} frame${reason}${flags.length === 0 ? '' : ` (${flags.join(', ')})`}`;
}

function messageText(record: Kind<'message'>): string {
  const fragments = record.fragments > 1 ? ` in ${record.fragments} fragments` : '';
  return `${record.binary ? 'binary' : 'text'} message complete${fragments}`;
}

function invocationLine(record: Kind<'invocation'>): RecordLine {
  const planned = record.planned === true ? ' (not before this, as planned)' : '';
  const clock = record.clock === 'platform' ? ' (platform clock)' : planned;
  const content = record.phase === 'ended' ? record.answer : record.event;
  const payload = content === undefined ? undefined : jsonPayload(content);
  return {
    lane: 'backend',
    label: `${record.type} ${record.phase}`,
    what: `${record.type} ${PHASE_TEXT[record.phase]}${clock}`,
    ...(payload === undefined ? {} : { payload }),
  };
}

const PHASE_TEXT: Readonly<Record<Kind<'invocation'>['phase'], string>> = {
  started: 'invoked',
  released: 'released',
  ended: 'answered',
  abandoned: 'abandoned: the caller had gone',
};

function stepText(record: Kind<'step'>): string {
  const message = record.message === undefined ? '' : `: ${record.message}`;
  return `step ${record.index} ${record.verb} ${record.phase}${message}`;
}

function jsonPayload(value: Json): RecordPayload {
  const text = JSON.stringify(value);
  return { bytes: Buffer.byteLength(text), text };
}

function textPayload(text: string | undefined): RecordPayload | undefined {
  return text === undefined ? undefined : { bytes: Buffer.byteLength(text), text };
}
