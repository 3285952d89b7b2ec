// From a load and a target to what the generator is given: everything resolved. What a load cannot do
// is said in one sentence, before anything is sent.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { messageOf } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { registerCredentials } from '../case/credentials.ts';
import { plansFor } from '../case/plans.ts';
import { buildRequest, credentialsFor } from '../case/request.ts';
import { registerDeviation } from '../case/sign.ts';
import { type Machine, readMachine } from '../load/machine.ts';
import type { LoadEnding, LoadEndpoint, LoadPhase, LoadPlan } from '../load/plan.ts';
import { loadProblem, mostOpen, workersForOpen } from '../load/preflight.ts';
import {
  arrivalsOf,
  type LoadConnect,
  type LoadPhaseSpec,
  type LoadSpec,
} from '../scenario/load-model.ts';
import type { Target } from '../target/model.ts';
import { routeOf } from '../target/route.ts';
import { overriddenAddresses, proxyFor } from '../wire/route.ts';
import { buildRequest as writeRequest } from '../wire/upgrade-request.ts';
import { NONCE_MARK, openForSignature, openNonce, signingOfLoad } from './load-signing.ts';

/** What the command line says about loads. */
export interface LoadOptions {
  /** Undefined: as many as the load needs. */
  readonly workers?: number | undefined;
  /** Spin instead of timers. */
  readonly precise?: boolean;
  /** Hosts other than loopback that may be put under load. */
  readonly allowHosts: readonly string[];
}

/** What resolving needs. */
export interface Resolving {
  readonly target: Target;
  readonly redactor: Redactor;
  readonly options: LoadOptions;
  readonly seed: string;
  /** What all nonces of the load begin with. */
  readonly nonce: string;
  /** Somebody else sends it, elsewhere: nothing is looked up, and this machine's limits are not asked. */
  readonly isElsewhere?: boolean;
}

/** A plan, or why there is none. */
export type ResolvedLoad = { readonly plan: LoadPlan } | { readonly problem: string };

/** Resolves a load: endpoints, credentials, addresses, the text of the requests. */
export async function resolveLoad(load: LoadSpec, resolving: Resolving): Promise<ResolvedLoad> {
  const endpoints = await Promise.all(
    load.connects.map((connect) => resolveConnect(connect, resolving)),
  );
  const problem = endpoints.find((one) => typeof one === 'string');
  if (typeof problem === 'string') return { problem };
  const resolved = endpoints.filter((one) => typeof one !== 'string');
  const plans = load.connects.map(({ connect }) =>
    JSON.stringify(plansFor(connect, resolving.target)),
  );
  // An invocation is told by the nonce of its attempt, and that says nothing of its endpoint.
  if (new Set(plans).size > 1) {
    return { problem: 'the endpoints of one load have different plans of the backend' };
  }
  const { options, seed, nonce, isElsewhere = false } = resolving;
  const machine = readMachine();
  const plan: LoadPlan = {
    endpoints: resolved,
    phases: load.phases.map(phaseOf),
    arrivals: load.arrivals,
    seed: load.seed ?? seed,
    openForMs: load.openForMs,
    endings: load.endings.map(endingOf),
    timeoutMs: load.withinMs,
    ...(load.messages === undefined ? {} : { messages: load.messages }),
    ...(load.pings === undefined ? {} : { pings: load.pings }),
    ...(load.reconnect === undefined ? {} : { reconnect: load.reconnect }),
    precise: options.precise ?? false,
    workers: 1,
    sources: sourcesFor(resolved, load.phases),
    nonce,
    breaker: { share: SILENT_SHARE },
  };
  const staffed = { ...plan, workers: options.workers ?? workersFor(plan, machine) };
  const lack = isElsewhere ? undefined : loadProblem(staffed, machine);
  return lack === undefined ? { plan: staffed } : { problem: lack };
}

/** Of the last thousand attempts so many without any answer end a load. */
const SILENT_SHARE = 0.9;

// Where the handshake has the key.
const KEY = '{key}';

async function resolveConnect(
  { connect, share, resume }: LoadConnect,
  resolving: Resolving,
): Promise<LoadEndpoint | string> {
  const { target, redactor } = resolving;
  const endpoint = target.endpoints[connect.endpoint];
  if (endpoint === undefined) return `the target has no endpoint ${connect.endpoint}`;
  const request = buildRequest(connect, target, { nonce: NONCE_MARK });
  const { authorizer } = plansFor(connect, target);
  registerCredentials(redactor, { ...request, authorizer });
  const url = new URL(request.url);
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  const place = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
  };
  const reached = await reach(place, resolving);
  if ('problem' in reached) return reached.problem;
  const sign = signingOfLoad(connect, request, credentialsFor(connect, endpoint.credentials));
  registerDeviation(redactor, connect.sign);
  const text = writeRequest(url, {
    method: connect.method,
    ...(sign === undefined ? request : openForSignature(request, sign)),
    subprotocols: connect.subprotocols,
    extensions: connect.extensions,
    key: KEY,
  });
  const { network } = target;
  return {
    share,
    role: connect.endpoint,
    address: reached.address,
    port: place.port,
    ...(secure
      ? {
          tls: {
            servername: network.servername ?? (isIP(place.host) === 0 ? place.host : ''),
            ...(network.ca === undefined ? {} : { ca: network.ca }),
            ...(network.cert === undefined ? {} : { cert: network.cert }),
            ...(network.key === undefined ? {} : { key: network.key }),
            insecure: network.insecure,
            resume,
          },
        }
      : {}),
    request: openNonce(text),
    subprotocols: connect.subprotocols,
    ...(sign === undefined ? {} : { sign }),
  };
}

/** The address that may be put under load from here, or why none is. */
async function reach(
  place: Parameters<typeof proxyFor>[1] & { readonly host: string; readonly port: number },
  { target, options, isElsewhere = false }: Resolving,
): Promise<{ readonly address: string } | { readonly problem: string }> {
  const { host } = place;
  if (isElsewhere) return { address: host };
  if (proxyFor(routeOf(target.network), place) !== undefined) {
    return {
      problem: `${host} is reached through a proxy, and a load would measure that: use --no-proxy`,
    };
  }
  const address = await addressOf(target, place);
  if (typeof address !== 'string') return address;
  if (isLoopback(address) || options.allowHosts.includes(host)) return { address };
  return {
    problem: `${host} (${address}) is not this machine: --allow-host ${host} says that you may put it under load`,
  };
}

/** The address of a host: as it stands, as it was overridden, as DNS says; or why there is none. */
export async function addressOf(
  { network }: Target,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string | { readonly problem: string }> {
  if (isIP(host) !== 0) return host;
  const [given] = overriddenAddresses(routeOf(network), { host, port }) ?? [];
  if (given !== undefined) return given;
  try {
    return (await lookup(host)).address;
  } catch (thrown) {
    return { problem: `${host} has no address: ${messageOf(thrown)}` };
  }
}

/** True for an address of this machine that nobody else can reach. */
function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\./.test(address) || address === '::1';
}

// A worker keeps its schedule up to about 14 000 a second; half of a core's worth leaves it room.
const RATE_OF_A_WORKER = 4000;

// For the rate as many as there are cores at most; for what they hold as many as it takes.
function workersFor(plan: LoadPlan, machine: Machine): number {
  const rates = plan.phases.map((one) => (one.kind === 'rate' ? Math.max(one.from, one.to) : 0));
  const wanted = Math.ceil(Math.max(0, ...rates) / RATE_OF_A_WORKER);
  const forRate = Math.max(1, Math.min(availableParallelism(), wanted));
  return Math.max(forRate, workersForOpen(mostOpen(plan), machine));
}

// The ports of one address are used up sooner: an ended connection keeps its own for a minute.
const MANY_ARRIVALS = 10_000;
const SOURCES = 8;

function sourcesFor(
  endpoints: readonly LoadEndpoint[],
  phases: readonly LoadPhaseSpec[],
): readonly string[] {
  const arrivals = phases.reduce((sum, phase) => sum + arrivalsOf(phase), 0);
  const isLocal = endpoints.every(({ address }) => address.startsWith('127.'));
  if (!isLocal || arrivals <= MANY_ARRIVALS) return [];
  return Array.from({ length: SOURCES }, (_, at) => `127.0.0.${at + 2}`);
}

function phaseOf(phase: LoadPhaseSpec): LoadPhase {
  return phase;
}

function endingOf({ share, kind, code, reason }: LoadSpec['endings'][number]): LoadEnding {
  return {
    share,
    kind,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
  };
}
