// The way to an endpoint, phase by phase: name, TCP (or a proxy's tunnel), and what TLS is made of. Nothing is asked of
// the endpoint, and nothing is sent over a connection that is not trusted.
import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { hintFor } from '../run/reach.ts';
import type { Network } from '../target/model.ts';
import { routeOf } from '../target/route.ts';
import { type DialFailure, dial, isDialFailure, type Line } from '../wire/dial.ts';
import type { TlsSession } from '../wire/tls.ts';
import type { Place } from '../wire/url.ts';
import type { Diagnosis } from './diagnosis.ts';

const DIAL_MS = 10_000;
const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

/** What it takes. */
export interface LineExamining {
  readonly network: Network;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Marks {
  readonly diagnoses: Diagnosis[];
  phase: DialFailure['phase'];
  fromUs: number;
  session: TlsSession | undefined;
}

/** Dials once. The last diagnosis is a failure where the endpoint cannot be reached. */
export async function examineLine(place: Place, run: LineExamining): Promise<readonly Diagnosis[]> {
  const marks: Marks = { diagnoses: [], phase: 'dns', fromUs: 0, session: undefined };
  const result = await dialed(place, run, marks);
  if (isDialFailure(result)) return [...marks.diagnoses, failureDiagnosis(result)];
  try {
    const isTls = result.socket instanceof TLSSocket && marks.session !== undefined;
    if (!isTls) return marks.diagnoses;
    const certificate = result.socket.getPeerCertificate();
    return [
      ...marks.diagnoses,
      ...certificateDiagnoses(certificate, {
        host: run.network.servername ?? place.host,
        problem: marks.session?.problem,
        nowMs: run.clock.wallMs(),
        insecure: run.network.insecure,
      }),
    ];
  } finally {
    result.destroy();
  }
}

async function dialed(
  { host, port, secure }: Place,
  { network, clock, signal }: LineExamining,
  marks: Marks,
): Promise<Line | DialFailure> {
  const note = (check: string, found: string): void => {
    const ms = ((clock.nowUs() - marks.fromUs) / 1000).toFixed(1);
    marks.diagnoses.push({ check, state: 'ok', found: `${found}, ${ms} ms` });
  };
  // Verification is done below, part by part; nothing is sent before.
  const tls = { ...network, insecure: true };
  const dialing = dial(
    { host, port, secure, tls, route: routeOf(network) },
    {
      phase: (entered) => Object.assign(marks, { phase: entered, fromUs: clock.nowUs() }),
      resolved: (address) => {
        if (marks.phase === 'dns' && marks.fromUs > 0) note('dns', `${host} is ${address}`);
      },
      connected: ({ remote, proxy }) => {
        if (proxy === undefined) note('tcp', `${remote} accepts`);
        else note('proxy tunnel', `${proxy} leads to ${host}:${port}`);
      },
      secured: (session) => {
        marks.session = session;
        note('tls handshake', `${session.version}, ${session.cipher}`);
      },
    },
  );
  const done = new AbortController();
  const late = clock
    .sleep(DIAL_MS, AbortSignal.any([done.signal, signal]))
    .then(() => lateFailure(marks.phase));
  const result = await Promise.race([dialing.line, late]);
  done.abort();
  if (isDialFailure(result)) dialing.cancel();
  return result;
}

function lateFailure(phase: DialFailure['phase']): DialFailure {
  return { phase, code: 'TIMEOUT', message: `nothing within ${DIAL_MS / 1000} s` };
}

function failureDiagnosis(failure: DialFailure): Diagnosis {
  const { phase, code, message } = failure;
  return {
    check: phase === 'tls' ? 'tls handshake' : phase,
    state: 'fail',
    found: `${message} (${code})`,
    advice: hintFor(failure),
  };
}

/** How a certificate is judged. */
interface Judging {
  /** The name it must be for. */
  readonly host: string;
  /** Node's own finding; undefined: none. */
  readonly problem: string | undefined;
  readonly nowMs: number;
  /** Verification is off: what is wrong is said and fails nothing. */
  readonly insecure: boolean;
}

/** Chain, name and dates of a certificate, each a check of its own. */
function certificateDiagnoses(
  certificate: PeerCertificate,
  judging: Judging,
): readonly Diagnosis[] {
  const wrong = judging.insecure ? 'warn' : 'fail';
  return [
    chainDiagnosis(judging, wrong),
    nameDiagnosis(certificate, judging, wrong),
    dateDiagnosis(certificate, judging, wrong),
    ...(judging.insecure ? [INSECURE] : []),
  ];
}

const INSECURE: Diagnosis = {
  check: 'tls insecure',
  state: 'warn',
  found: 'certificates are not verified',
  advice:
    'Anyone on the way can read and change what is sent. Give the authority with --ca instead.',
};

type Wrong = 'warn' | 'fail';

/** OpenSSL looks at names and dates only when it has found a chain to an authority that it trusts. */
function chainDiagnosis({ problem }: Judging, wrong: Wrong): Diagnosis {
  const check = 'tls chain';
  const isOfOther =
    problem === undefined || /ALTNAME_INVALID|does not match|EXPIRED|NOT_YET_VALID/.test(problem);
  if (isOfOther) return { check, state: 'ok', found: 'leads to an authority that is trusted' };
  const isAlone = problem === 'DEPTH_ZERO_SELF_SIGNED_CERT';
  return {
    check,
    state: wrong,
    found: `${isAlone ? 'the certificate has signed itself' : 'leads to no authority that is trusted'} (${problem})`,
    advice: isAlone
      ? 'If it is yours, trust it with --ca certificate.pem.'
      : 'Give the authority with --ca (its PEM file). If a public authority signed it, the server does not send the certificates in between.',
  };
}

function nameDiagnosis(certificate: PeerCertificate, { host }: Judging, wrong: Wrong): Diagnosis {
  const check = 'tls name';
  const names = certificate.subjectaltname ?? '';
  if (checkServerIdentity(host, certificate) === undefined)
    return { check, state: 'ok', found: `is for ${host}` };
  return {
    check,
    state: wrong,
    found: `is not for ${host}, but for ${names === '' ? 'no name' : names.replaceAll(/DNS:|IP Address:/g, '')}`,
    advice:
      'Use a URL with one of these names, or say which to ask for and verify with --servername.',
  };
}

function dateDiagnosis(
  { valid_from: from, valid_to: to }: PeerCertificate,
  { nowMs }: Judging,
  wrong: Wrong,
): Diagnosis {
  const check = 'tls dates';
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const day = (ms: number): string =>
    Number.isNaN(ms) ? 'an unknown day' : new Date(ms).toISOString().slice(0, 10);
  if (nowMs < fromMs)
    return {
      check,
      state: wrong,
      found: `is valid from ${day(fromMs)} only`,
      advice: 'Is the clock of this machine right? Else wait, or have it issued again.',
    };
  if (nowMs > toMs)
    return {
      check,
      state: wrong,
      found: `has expired on ${day(toMs)}`,
      advice: 'Renew the certificate on the server, and have the server read it again.',
    };
  if (toMs - nowMs < SOON_MS)
    return { check, state: 'warn', found: `expires on ${day(toMs)}`, advice: 'Renew it.' };
  return { check, state: 'ok', found: `is valid until ${day(toMs)}` };
}

/** The message of what was thrown while an endpoint was examined, as a diagnosis. */
export function thrownDiagnosis(check: string, thrown: unknown, advice?: string): Diagnosis {
  return {
    check,
    state: 'fail',
    found: messageOf(thrown).replace(/\.$/, ''),
    ...(advice === undefined ? {} : { advice }),
  };
}
