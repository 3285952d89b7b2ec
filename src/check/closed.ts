// Judges how a connection ended, and reads it from the records. Code, reason and clean are what a
// browser reports in its close event: of the server's close frame, 1005 if that was empty, 1006
// without one (RFC 6455 section 7.1.5, 7.1.4).
import type { Json } from '../base/json.ts';
import type { Fields } from '../scenario/model.ts';
import type { Known } from './field.ts';
import { judgeFields } from './fields.ts';
import { whyNotOpened } from './handshake.ts';
import type { Outcome } from './outcome.ts';
import type { Member, Sighted, View } from './view.ts';
import { presenceLimit } from './window.ts';

/** Judges the fields of an ending: as soon as each is known, at the latest when it is due. */
export function judgeClosed(fields: Fields, member: Member, view: View): Outcome {
  return judgeFields({
    fields,
    root: 'closed',
    limit: presenceLimit('closed', member, view),
    records: member.records,
    sourceOf: closedSource,
    describe: describeClosed,
    told: ['by', 'how', 'code'],
    unknown: 'the connection had not ended in time',
  });
}

/** The value of a field of the ending in these records. */
export function closedSource(records: readonly Sighted[]): (field: string) => Known {
  const ending = readEnding(records);
  return (field) => {
    switch (field) {
      case 'by':
        return known(ending.first, ending.ended, byWhom(ending));
      case 'how':
        return known(ending.first, ending.ended, howBegun(ending));
      case 'code':
        return known(ending.theirs, ending.ended, codeOf(ending));
      case 'reason':
        return known(ending.theirs, ending.ended, reasonOf(ending));
      case 'clean':
        return known(undefined, ending.ended, isClean(ending));
      default:
        throw new Error(`an ending has no field "${field}"`);
    }
  };
}

type Frame = Extract<Sighted, { readonly kind: 'frame' }>;
type Ended = Extract<Sighted, { readonly kind: 'closed' }>;
type First = Extract<Sighted, { readonly kind: 'frame' | 'fin' | 'reset' }>;

interface Ending {
  /** False once it is known that there never was an open connection. */
  readonly opened: boolean;
  /** What it began with. */
  readonly first: First | undefined;
  /** The server's close frame. */
  readonly theirs: Frame | undefined;
  /** Ours. */
  readonly ours: Frame | undefined;
  /** TCP has ended. */
  readonly ended: Ended | undefined;
  /** The client failed the connection, as section 7.1.7 has it. */
  readonly failed: boolean;
}

const CLOSE = 8;
const NO_STATUS_RECEIVED = 1005;
const ABNORMAL_CLOSURE = 1006;

function readEnding(records: readonly Sighted[]): Ending {
  const frames = records.filter(isCloseFrame);
  return {
    opened: !records.some(isFailedHandshake),
    first: records.find(
      (record): record is First =>
        isCloseFrame(record) || record.kind === 'fin' || record.kind === 'reset',
    ),
    theirs: frames.find(({ direction }) => direction === 'in'),
    ours: frames.find(({ direction }) => direction === 'out'),
    ended: records.find((record): record is Ended => record.kind === 'closed'),
    failed: records.some(
      // What follows a close frame is discarded (1.4): the closing handshake was completed before it.
      (record) => record.kind === 'protocolError' && record.code !== 'data-after-close',
    ),
  };
}

function isFailedHandshake(record: Sighted): boolean {
  return record.kind === 'failure' || (record.kind === 'response' && !record.opened);
}

function isCloseFrame(record: Sighted): record is Frame {
  return record.kind === 'frame' && record.opcode === CLOSE;
}

// Known by the record that shows it, or when nothing more can come.
function known(
  shown: Sighted | undefined,
  ended: Sighted | undefined,
  value: Json | undefined,
): Known {
  const by = [shown, ended].filter((record) => record !== undefined);
  return { known: by.length > 0, value, evidence: by.map(({ seq }) => seq) };
}

// What never opened nobody closed: a refusal ends TCP, too, and shows nothing of how the endpoint ends
// connections.
function byWhom({ first, opened }: Ending): 'client' | 'server' | undefined {
  return first === undefined || !opened ? undefined : sideOf(first);
}

function howBegun({ first, opened }: Ending): string | undefined {
  if (!opened) return undefined;
  return first?.kind === 'frame' ? 'close-frame' : first?.kind;
}

function sideOf({ direction }: First): 'client' | 'server' {
  return direction === 'in' ? 'server' : 'client';
}

// A payload too short for a code is neither a code nor empty.
function codeOf({ theirs, ended }: Ending): number | undefined {
  if (theirs === undefined) return ended === undefined ? undefined : ABNORMAL_CLOSURE;
  return theirs.close?.code ?? (theirs.payload.bytes === 0 ? NO_STATUS_RECEIVED : undefined);
}

function reasonOf({ theirs, ended }: Ending): string | undefined {
  if (theirs !== undefined) return theirs.close?.reason ?? '';
  return ended === undefined ? undefined : '';
}

// "If the TCP connection is closed after the WebSocket closing handshake is completed, the WebSocket
// connection is said to have been closed cleanly": a close frame in each direction (7.1.4).
function isClean({ theirs, ours, ended, failed }: Ending): boolean | undefined {
  return ended === undefined ? undefined : theirs !== undefined && ours !== undefined && !failed;
}

function describeClosed(records: readonly Sighted[]): string {
  const unopened = whyNotOpened(records);
  const ended = describeEnding(readEnding(records));
  return unopened === undefined ? ended : `${unopened}; ${ended}`;
}

function describeEnding(ending: Ending): string {
  if (ending.first === undefined) {
    return ending.ended === undefined ? 'it was still open' : 'TCP ended by itself';
  }
  const began = `the ${sideOf(ending.first)} began to close with ${HOW[ending.first.kind]}`;
  const code = codeOf(ending);
  return code === undefined ? began : `${began}, the close code was ${code}`;
}

const HOW = { frame: 'a close frame', fin: 'FIN', reset: 'RST' } as const;
