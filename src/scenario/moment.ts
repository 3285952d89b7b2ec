// Moments: instants of a connection, of a backend invocation, of a management call.
//
//   moment     = [ connection "." ] ( point | invocation "." phase | call "." ( "called" | "returned" ) )
//   point      = "connecting" | "resolved" | … | "closed"
//   invocation = "authorizer" | "$connect" | "message" | "$disconnect"
//   phase      = "started" | "released" | "ended"
import type { ConnectionMoment, InvocationPhase, Moment } from './model.ts';
import { CONNECTION, INVOCATIONS, isInvocation } from './path.ts';
import { suggest } from './suggest.ts';

/** Instants that a connection has, in the order in which they usually come. */
export const POINTS = [
  'connecting',
  'resolved',
  'connected',
  'secured',
  'sent',
  'firstByte',
  'answered',
  'opened',
  'received',
  'closing',
  'closed',
] as const satisfies readonly ConnectionMoment[];

/** Instants that an invocation has. */
export const PHASES = [
  'started',
  'released',
  'ended',
] as const satisfies readonly InvocationPhase[];

/** Parses a moment; undefined when it is none. Whether its names exist is not looked at. */
export function parseMoment(text: string): Moment | undefined {
  const parts = text.split('.');
  const of = subjectOf(parts);
  if (of === undefined) return undefined;
  const [connection, ...more] = parts.slice(0, of.kind === 'connection' ? -1 : -2);
  if (more.length > 0 || (connection !== undefined && !CONNECTION.test(connection))) {
    return undefined;
  }
  return { connection, of, text };
}

/** What to write instead of `text`, which is not a moment. */
export function suggestMoment(text: string): string {
  const meant = suggest(text, ALL_MOMENTS);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  return 'write a moment: sent, firstByte, opened, closed, $connect.started, b.opened, …';
}

function subjectOf(parts: readonly string[]): Moment['of'] | undefined {
  const last = parts.at(-1) ?? '';
  const before = parts.at(-2) ?? '';
  const point = POINTS.find((name) => name === last);
  if (point !== undefined) return { kind: 'connection', name: point };
  const phase = PHASES.find((name) => name === last);
  if (phase !== undefined && isInvocation(before)) {
    return { kind: 'invocation', invocation: before, phase };
  }
  if ((last !== 'called' && last !== 'returned') || !CONNECTION.test(before)) return undefined;
  return { kind: 'call', call: before, phase: last };
}

const ALL_MOMENTS = [
  ...POINTS,
  ...INVOCATIONS.flatMap((invocation) => PHASES.map((phase) => `${invocation}.${phase}`)),
];
