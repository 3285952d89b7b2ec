// What an endpoint answers to a plain upgrade request, and how far its clock is off.
import type { EvidenceRecord } from '../result/evidence.ts';
import { type Knocking, knock } from '../run/knock.ts';
import type { Diagnosis } from './diagnosis.ts';

const WITHIN_MS = 10_000;

type Answer = Extract<EvidenceRecord, { readonly kind: 'response' }>;

/** Opens one connection to the endpoint of a role, and closes it. */
export async function examineAnswer(run: Knocking, role: string): Promise<readonly Diagnosis[]> {
  let seen: EvidenceRecord | undefined;
  let openedMs = 0;
  const startUs = run.clock.nowUs();
  await knock(run, role, {
    as: 'doctor',
    withinMs: WITHIN_MS,
    sign: (record) => {
      if (!ENDS.has(record.kind)) return false;
      if (seen === undefined) openedMs = (run.clock.nowUs() - startUs) / 1000;
      seen ??= record;
      return true;
    },
  });
  if (seen?.kind !== 'response') return [unanswered(seen)];
  return [answered(seen, openedMs), ...clockDiagnosis(seen, run.clock.wallMs())];
}

const ENDS: ReadonlySet<string> = new Set(['response', 'failure', 'fin', 'reset']);

function unanswered(seen: EvidenceRecord | undefined): Diagnosis {
  const found =
    seen?.kind === 'failure'
      ? seen.message.replace(/\.$/, '')
      : seen === undefined
        ? `no answer within ${WITHIN_MS / 1000} s`
        : 'the connection ends without an answer';
  return {
    check: 'upgrade',
    state: 'fail',
    found,
    advice: 'Does a WebSocket server listen on this port, or only what stands in front of it?',
  };
}

function answered({ head, opened, violations }: Answer, ms: number): Diagnosis {
  const check = 'upgrade';
  const line = `${head.status} ${head.phrase}`.trim();
  if (opened) return { check, state: 'ok', found: `opens, ${ms.toFixed(1)} ms` };
  if (head.status === 101) {
    const broken = violations.join(', ');
    return {
      check,
      state: 'fail',
      found: `answers 101, and it is no WebSocket handshake: ${broken}`,
      advice: 'See what was sent: ws-assay run rfc6455-handshake --url with this URL.',
    };
  }
  return { check, found: `is refused with ${line}`, ...refusal(head.status) };
}

function refusal(status: number): Pick<Diagnosis, 'state' | 'advice'> {
  if (status === 0)
    return { state: 'fail', advice: 'This port does not speak HTTP. Is it the right one?' };
  if (status === 401 || status === 403)
    return {
      state: 'warn',
      advice:
        'It is there and wants a credential: --header "Authorization: Bearer …", --header "x-api-key: …", or --sign header (IAM). On API Gateway 403 also stands for a stage that does not exist.',
    };
  if (status === 429)
    return { state: 'warn', advice: 'It throttles just now. Wait, or raise its limit.' };
  if (status >= 500)
    return { state: 'fail', advice: 'Its backend does not answer, or fails: look into its log.' };
  if (status >= 300 && status < 400)
    return { state: 'fail', advice: 'It redirects. Use the URL that it leads to.' };
  return {
    state: 'fail',
    advice:
      'This is a web server, or a path without WebSocket: is the path (of API Gateway: the stage) right, and does the proxy in front pass on Upgrade and Connection?',
  };
}

// A signature of AWS is refused when it is five minutes old.
const SIGNATURE_MS = 300_000;
const NOTICEABLE_MS = 30_000;

/** By the Date of the answer, which is whole seconds. */
function clockDiagnosis({ head }: Answer, nowMs: number): readonly Diagnosis[] {
  const date = head.headers.find(([name]) => name.toLowerCase() === 'date')?.[1];
  const theirsMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirsMs)) return [];
  const offMs = Math.abs(nowMs - theirsMs);
  const check = 'clock of both';
  const found = `this machine and the endpoint differ by ${Math.round(offMs / 1000)} s`;
  if (offMs < NOTICEABLE_MS) return [{ check, state: 'ok', found }];
  const isRefused = offMs >= SIGNATURE_MS;
  return [
    {
      check,
      state: 'warn',
      found,
      advice: `Set the clock (chrony, timedatectl set-ntp true)${isRefused ? ': requests that are signed for IAM are refused' : ''}.`,
    },
  ];
}
