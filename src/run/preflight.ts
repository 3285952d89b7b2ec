// A look before the run: can the endpoints be reached, does the backend's witness speak? What cannot
// be tested is said once, in one sentence, and never becomes a verdict about the target.
import type { Clock } from '../base/clock.ts';
import type { Redactor } from '../base/redact.ts';
import type { RunProblem } from '../result/run-result.ts';
import { knock, plainConnect } from './knock.ts';
import { reach } from './reach.ts';
import type { Station } from './station.ts';
import { hearFromObserver } from './witness.ts';

/** What was found. */
export interface Preflight {
  /** By role: why the endpoint cannot be tested. */
  readonly unreachable: Readonly<Record<string, RunProblem>>;
  /** Why the backend's events cannot be relied on. */
  readonly observer: RunProblem | undefined;
  /** The role whose backend was heard. */
  readonly heard: string | undefined;
  /** How late the observer told of events, in milliseconds. */
  readonly delaysMs: readonly number[];
}

/** What looking needs. */
export interface PreflightRun {
  readonly station: Station;
  /** The roles that the planned cases use. */
  readonly roles: readonly string[];
  /** Some planned case needs the probe or the observer. */
  readonly usesBackend: boolean;
  readonly clock: Clock;
  readonly seed: string;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** Dials every endpoint once (TCP, TLS; no request), then asks the probe for a sign of life. */
export async function preflight(run: PreflightRun): Promise<Preflight> {
  const looks = await Promise.all(
    run.roles.map(async (role) => [role, await reach(run, role)] as const),
  );
  const unreachable = Object.fromEntries(
    looks.flatMap(([role, problem]) => (problem === undefined ? [] : [[role, problem] as const])),
  );
  const asks = run.usesBackend && run.station.backend !== undefined;
  const role = asks ? await roleToHear(run, unreachable) : undefined;
  if (role === undefined)
    return { unreachable, observer: undefined, heard: undefined, delaysMs: [] };
  const { problem, delaysMs } =
    run.station.observer === undefined
      ? { problem: await hearFromProbe(run, role), delaysMs: [] }
      : await hearFromObserver(run, plainConnect(role, run.station.target));
  return {
    unreachable,
    observer: problem,
    heard: problem === undefined ? role : undefined,
    delaysMs,
  };
}

/**
 * By their own description nothing is invoked when a connection to these opens: their silence says
 * nothing of the probe.
 */
export const SILENT_ROLES: ReadonlySet<string> = new Set([
  'no-connect-route',
  'mock',
  'broken-template',
  'no-permission',
  'throttled-to-zero',
  // What its authorizer needs is not set: nobody is let in.
  'several-sources-unset',
]);

/**
 * An endpoint at which a probe that works is heard; else, where all are silent, none. `open` first,
 * also when no case uses it: whoever wants a credential may refuse the right one, and that is for the
 * cases to find out.
 */
async function roleToHear(
  run: PreflightRun,
  unreachable: Preflight['unreachable'],
): Promise<string | undefined> {
  const used = run.roles.filter((one) => unreachable[one] === undefined);
  if (used.length === 0) return undefined;
  const known = Object.keys(run.station.target.endpoints);
  const inTurn = new Set([...known.filter((one) => one === 'open'), ...used, ...known]);
  for (const role of inTurn) {
    if (SILENT_ROLES.has(role) || unreachable[role] !== undefined) continue;
    if (used.includes(role) || (await reach(run, role)) === undefined) return role;
  }
  return undefined;
}

const PROBE_MS = 10_000;

/** Connects once and waits for any invocation. A target whose probe never calls decides nothing. */
async function hearFromProbe(run: PreflightRun, role: string): Promise<RunProblem | undefined> {
  const isHeard = await knock(run, role, {
    as: 'preflight',
    withinMs: PROBE_MS,
    sign: ({ kind }) => kind === 'invocation',
  });
  return isHeard || run.signal.aborted ? undefined : silentProblem(role);
}

function silentProblem(role: string): RunProblem {
  return {
    code: 'OBSERVER_SILENT',
    message: `The target has a probe, but a connection to its endpoint "${role}" caused no invocation that reached the runner within ${PROBE_MS / 1000} s.`,
    hint: 'Does the handler run the probe, and can it reach ASSAY_PROBE_URL? See docs/probe-contract.md.',
  };
}
