// An endpoint to be measured: resolved once, so that names and credentials cost nothing while it is.

import type { Clock } from '../base/clock.ts';
import { ToolError } from '../base/errors.ts';
import type { Redactor } from '../base/redact.ts';
import { registerCredentials } from '../case/credentials.ts';
import { buildRequest } from '../case/request.ts';
import { signAttempt } from '../case/sign.ts';
import { plainConnect } from '../run/knock.ts';
import { addressOf, type LoadOptions, type ResolvedLoad, resolveLoad } from '../run/load-plan.ts';
import type { LoadPhaseSpec } from '../scenario/load-model.ts';
import type { Target } from '../target/model.ts';
import { routeOf } from '../target/route.ts';
import { openConnection } from '../wire/connection.ts';
import { placeOf } from '../wire/url.ts';
import type { DialEndpoint } from './trip.ts';

/** An endpoint that may be measured. */
export interface BenchTarget {
  /** Without secrets. */
  readonly url: string;
  /** `address:port`. */
  readonly address: string;
  readonly secure: boolean;
  readonly insecure: boolean;
  readonly dial: DialEndpoint;
  /** A load on it, each connection closed as soon as it is open; or why it cannot be carried out from here. */
  load(phases: readonly LoadPhaseSpec[], seed: string): Promise<ResolvedLoad>;
}

/** What it takes. */
export interface Preparing {
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly subprotocols: readonly string[];
  /** For an answer, and for the end of a closing handshake. */
  readonly timeoutMs: number;
  readonly options: LoadOptions;
}

const ROLE = 'open';
const CLOSING_MS = 5000;

/**
 * Prepares a target that was given by its URL.
 *
 * @throws {ToolError} USAGE where it may not be put under load, TARGET_UNREACHABLE where its name has no address
 */
export async function prepareEndpoint(target: Target, how: Preparing): Promise<BenchTarget> {
  const { clock, redactor, signal, subprotocols, timeoutMs, options } = how;
  const connect = { ...plainConnect(ROLE, target), subprotocols };
  const request = buildRequest(connect, target, { nonce: '' });
  registerCredentials(redactor, request);
  const place = placeOf(request.url);
  if (place === undefined) throw new ToolError('USAGE', 'The URL is not one of ws: or wss:.');
  const found = await addressOf(target, place);
  if (typeof found !== 'string') {
    throw new ToolError('TARGET_UNREACHABLE', `${redactor.text(found.problem)}.`);
  }
  const fixed = { host: place.host.toLowerCase(), port: place.port, addresses: [found] };
  const overrides = [fixed, ...target.network.overrides];
  const resolved: Target = { ...target, network: { ...target.network, overrides } };
  const live = new Set<() => void>();
  signal.addEventListener('abort', () => {
    for (const dispose of live) dispose();
  });
  const load: BenchTarget['load'] = (phases, seed) =>
    resolveLoad(
      {
        connects: [{ share: 1, connect, resume: false }],
        arrivals: 'even',
        seed: undefined,
        phases,
        openForMs: 0,
        endings: [{ share: 1, kind: 'close', code: 1000 }],
        messages: undefined,
        pings: undefined,
        reconnect: undefined,
        withinMs: timeoutMs,
        drainMs: 0,
      },
      { target: resolved, redactor, options, seed, nonce: '' },
    );
  // Whether it may be put under load at all is said before anything is sent.
  const tried = await load([{ kind: 'rate', name: 'try', from: 1, to: 1, durationMs: 1000 }], '');
  if ('problem' in tried) throw new ToolError('USAGE', `${capital(redactor.text(tried.problem))}.`);
  return {
    url: redactor.text(request.url),
    address: `${found.includes(':') ? `[${found}]` : found}:${place.port}`,
    secure: place.secure,
    insecure: place.secure && target.network.insecure,
    load,
    dial: (onRecord) => {
      const signed = signAttempt(request, connect, { target: resolved, wallMs: clock.wallMs() });
      if (signed.isSigned) registerCredentials(redactor, signed);
      const connection = openConnection({
        url: request.url,
        clock,
        redactor,
        request: {
          method: connect.method,
          target: signed.target,
          headers: signed.headers,
          subprotocols,
        },
        deadlines: {
          totalMs: timeoutMs,
          phasesMs: { closing: Math.min(CLOSING_MS, timeoutMs) },
        },
        tls: resolved.network,
        route: routeOf(resolved.network),
        onRecord,
      });
      const dispose = (): void => connection.dispose();
      live.add(dispose);
      void connection.closed.then(() => live.delete(dispose));
      return connection;
    },
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
