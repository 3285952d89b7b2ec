// Can an endpoint be reached at all? A dial without a request, and its failure as a problem.
import type { Clock } from '../base/clock.ts';
import type { Redactor } from '../base/redact.ts';
import type { RunProblem } from '../result/run-result.ts';
import { routeOf } from '../target/route.ts';
import { type DialFailure, dial, isDialFailure } from '../wire/dial.ts';
import type { Station } from './station.ts';

const DIAL_MS = 10_000;

/** What a dial needs of a run. */
export interface Reaching {
  readonly station: Pick<Station, 'target'>;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/** Dials the endpoint of a role (TCP, TLS; no request); resolves with why it cannot be reached. */
export async function reach(run: Reaching, role: string): Promise<RunProblem | undefined> {
  const url = new URL(run.station.target.endpoints[role]?.url ?? '');
  const secure = /^(wss|https):$/.test(url.protocol);
  let phase: DialFailure['phase'] = 'dns';
  const dialing = dial(
    {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      secure,
      tls: run.station.target.network,
      route: routeOf(run.station.target.network),
    },
    {
      phase: (entered) => {
        phase = entered;
      },
      resolved: ignore,
      connected: ignore,
      secured: ignore,
    },
  );
  const done = new AbortController();
  const result = await Promise.race([
    dialing.line,
    run.clock
      .sleep(DIAL_MS, AbortSignal.any([done.signal, run.signal]))
      .then(() => lateFailure(phase)),
  ]);
  done.abort();
  if (!isDialFailure(result)) {
    result.destroy();
    return undefined;
  }
  dialing.cancel();
  return unreachableProblem(run.redactor.text(url.href), result);
}

function lateFailure(phase: DialFailure['phase']): DialFailure {
  const missing = phase === 'dns' ? 'address' : phase === 'tls' ? 'answer' : 'connection';
  return { phase, code: 'TIMEOUT', message: `no ${missing} within ${DIAL_MS / 1000} s` };
}

function unreachableProblem(url: string, failure: DialFailure): RunProblem {
  const tls = failure.phase === 'tls';
  return {
    code: tls ? 'TARGET_TLS' : 'TARGET_UNREACHABLE',
    message: `${url} ${tls ? 'did not complete TLS' : 'cannot be reached'}: ${failure.message} (${failure.code}).`,
    hint: hintFor(failure),
  };
}

/** What to do about a failure, as a sentence. */
export function hintFor({ phase, code }: DialFailure): string {
  if (phase === 'dns') return 'Check the host name.';
  if (phase === 'proxy') return proxyHint(code);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'The certificate is for another name: give the name to ask for and verify with --servername.';
  }
  if (/X509|KEY_VALUES|NO_START_LINE/.test(code)) {
    return 'The client certificate and its key do not belong together, or one of them is damaged.';
  }
  if (CERTIFICATE_CODES.test(code)) {
    return 'If the certificate is meant to be trusted, give its authority with --ca; --insecure goes on without verifying.';
  }
  if (phase === 'tls') return 'Does this port speak TLS? ws:// is the scheme without it.';
  return 'Is the endpoint running, and is the port right?';
}

function proxyHint(code: string): string {
  if (code === 'PROXY_REFUSED') {
    return 'Does the proxy allow this host and port, and does it want user:password@ in its URL?';
  }
  return 'Is the proxy right? --proxy names one, --no-proxy goes without.';
}

const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|ISSUER/;

function ignore(): void {}
