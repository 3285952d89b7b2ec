// Faults of $connect and of the upgrade.
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { acceptUpgrade, authorizedFacts, refuseUpgrade } from '../connect.ts';
import type { Connection } from '../connection.ts';
import type { Closure, ConnectionFacts } from '../event.ts';
import { refusal } from '../http-answer.ts';
import { type ConnectVerdict, readProxyResponse, refused } from '../integration.ts';
import { type HeaderField, headerValues } from '../request-head.ts';
import { type Fault, standIn } from './fault.ts';

const OPEN: Extract<ConnectVerdict, { kind: 'accepted' }> = {
  kind: 'accepted',
  subprotocol: undefined,
  response: undefined,
};

const REFUSED: Closure = { code: 1006, reason: '', cause: 'refused' };

// What is judged on a second connection, made once a first one has shown that the endpoint opens any.
const AFTER_A_FIRST_ONE: readonly string[] = [
  // DELETE takes the id all the same; but there is no connection that had opened.
  'disconnect/churn-deleted#told-after-deletion',
  'rfc6455-handshake/extension#none-named',
  'rfc6455-handshake/key-length#as-seen',
  'rfc6455-handshake/missing-connection#not-opened',
  'rfc6455-handshake/missing-key#error-status',
  'rfc6455-handshake/missing-key#not-opened',
  'rfc6455-handshake/missing-upgrade#not-opened',
  'rfc6455-handshake/missing-version#error-status',
  'rfc6455-handshake/missing-version#not-opened',
  'rfc6455-handshake/other-upgrade#not-opened',
  'rfc6455-handshake/post-method#not-opened',
  'rfc6455-handshake/reserved-bits#as-seen',
  'rfc6455-handshake/reserved-bits#connection-ends',
  'rfc6455-handshake/reserved-opcode#as-seen',
  'rfc6455-handshake/reserved-opcode#connection-ends',
  'rfc6455-handshake/subprotocol#named-once',
  'rfc6455-handshake/subprotocol#nothing-unoffered',
  'rfc6455-handshake/unmasked-frame#as-seen',
  'rfc6455-handshake/unmasked-frame#connection-ends',
  'rfc6455-handshake/wrong-version#error-status',
  'rfc6455-handshake/wrong-version#names-its-versions',
  'rfc6455-handshake/wrong-version#not-opened',
];

/** Faults of $connect and of the upgrade. */
export const CONNECT_FAULTS: readonly Fault[] = [
  {
    name: 'opens-before-integration',
    description: 'answers 101 before $connect is invoked, and closes with 1008 when it refuses',
    breaks: [
      'connect/pending-until-integration-completes#nothing-before-release',
      'connect/pending-until-refusal#nothing-before-release',
      'connect/pending-until-refusal#refused-after-release',
      'connect/pending-until-throw#nothing-before-release',
      'connect/pending-until-throw#refused-after-release',
      'connect/times-out#not-opened',
      'connect/times-out#not-before-the-timeout',
      'connect/status-passthrough#not-opened',
      'connect/status-passthrough#same-status',
      'connect/refuses-with-400#status-400',
      'connect/malformed-proxy-response#not-opened',
      'connect/malformed-proxy-response#status-502',
      'connect/throws#not-opened',
      'connect/throws#status-502',
      'connect/frame-before-101#no-message-before-connect-ends',
      'connect/parallel-pending#crowd-waits',
      'subprotocol/refused#status-400',
      'subprotocol/integration-selects#chosen',
      'subprotocol/one-offered#chosen',
    ],
    change: () => ({
      admit: async (api, candidate) => {
        const authorization = await api.behaviour.authorize(api, candidate.facts);
        if (authorization.kind === 'refused') {
          refuseUpgrade(api, candidate.pending, authorization.refusal);
          return;
        }
        const facts = authorizedFacts(candidate.facts, authorization);
        const settled = Promise.resolve()
          .then(() => api.behaviour.integrate(api, facts))
          .then((verdict) => (verdict.kind === 'accepted' ? facts : undefined));
        acceptUpgrade(api, { ...candidate, facts }, { verdict: OPEN, settled });
      },
    }),
  },
  {
    name: 'opens-before-authorizer',
    description:
      'answers 101 before the authorizer is called, and closes with 1008 when it refuses',
    breaks: [
      'authorizer/held#client-waits',
      'authorizer/explicit-deny#refused',
      'authorizer/explicit-deny#status-403',
      'authorizer/implicit-deny#refused',
      'authorizer/implicit-deny#status-403',
      'authorizer/throws-unauthorized#refused',
      'authorizer/throws-unauthorized#status-401',
      'authorizer/throws#refused',
      'authorizer/throws#status-500',
      'authorizer/malformed-result#refused',
      'authorizer/malformed-result#status-500',
      'authorizer/simple-response#refused',
      'authorizer/multi-statement-policy#decided-by-all',
      'api-key/from-authorizer-refused#refused',
      'api-key/from-authorizer-refused#status-403',
    ],
    change: (correct) => {
      // The identity source is checked in time; only the call of the authorizer comes late.
      const opened = new Map<string, (facts: ConnectionFacts | undefined) => void>();
      const openings = new Map<string, () => void>();
      return {
        callAuthorizer: (api, authorizer, facts) => {
          openings.get(facts.connectionId)?.();
          return correct.callAuthorizer(api, authorizer, facts);
        },
        admit: async (api, candidate) => {
          const { facts, pending } = candidate;
          const id = facts.connectionId;
          openings.set(id, () => {
            const settled = new Promise<ConnectionFacts | undefined>((resolve) => {
              opened.set(id, resolve);
            });
            acceptUpgrade(api, candidate, { verdict: OPEN, settled });
          });
          const authorization = await api.behaviour.authorize(api, facts);
          openings.delete(id);
          const settle = opened.get(id);
          opened.delete(id);
          if (authorization.kind === 'refused') {
            if (settle === undefined) refuseUpgrade(api, pending, authorization.refusal);
            settle?.(undefined);
            return;
          }
          const known = authorizedFacts(facts, authorization);
          const verdict = await api.behaviour.integrate(api, known);
          if (settle !== undefined) settle(verdict.kind === 'accepted' ? known : undefined);
          else if (verdict.kind === 'refused') refuseUpgrade(api, pending, verdict.refusal);
          else acceptUpgrade(api, { pending, facts: known }, { verdict });
        },
      };
    },
  },
  {
    name: 'refuses-with-403-always',
    description: 'answers 403 whatever $connect refuses with',
    breaks: [
      'connect/status-passthrough#same-status',
      'connect/refuses-with-400#status-400',
      'connect/malformed-proxy-response#status-502',
      'connect/throws#status-502',
      'subprotocol/refused#status-400',
    ],
    change: (correct) => ({
      judgeConnect: (outcome) => {
        const verdict = correct.judgeConnect(outcome);
        return verdict.kind === 'refused' && outcome.kind !== 'timed-out' ? refused(403) : verdict;
      },
    }),
  },
  {
    name: 'thrown-becomes-500',
    description: 'answers 500 when the $connect function throws',
    breaks: ['connect/throws#status-502'],
    change: (correct) => ({
      judgeConnect: (outcome) =>
        outcome.kind === 'failed' ? refused(500) : correct.judgeConnect(outcome),
    }),
  },
  {
    name: 'accepts-malformed-proxy-response',
    description: 'takes a $connect answer without a numeric statusCode as 200',
    breaks: [
      'connect/malformed-proxy-response#not-opened',
      'connect/malformed-proxy-response#status-502',
    ],
    change: (correct) => ({
      judgeConnect: (outcome) =>
        outcome.kind === 'returned' && readProxyResponse(outcome.value) === undefined
          ? OPEN
          : correct.judgeConnect(outcome),
    }),
  },
  {
    name: 'opens-at-integration-timeout',
    description: 'opens the connection when the time of $connect is up',
    breaks: ['connect/times-out#not-opened'],
    change: (correct) => ({
      judgeConnect: (outcome) =>
        outcome.kind === 'timed-out' ? OPEN : correct.judgeConnect(outcome),
    }),
  },
  {
    name: 'doubles-integration-timeout',
    description: 'waits twice the configured time for $connect',
    breaks: ['connect/times-out#soon-after-the-timeout'],
    change: () => ({ connectTimeoutMs: (configuredMs) => 2 * configuredMs }),
  },
  {
    name: 'halves-integration-timeout',
    description: 'gives $connect half the time that is configured',
    breaks: ['connect/slow-integration#opens', 'connect/times-out#not-before-the-timeout'],
    change: () => ({ connectTimeoutMs: (configuredMs) => configuredMs / 2 }),
  },
  {
    name: 'refuses-late-success',
    description: 'refuses with 504 when $connect took longer than 2 s, although it was in time',
    breaks: [
      'connect/pending-until-integration-completes#opens-after-release',
      'connect/slow-integration#opens',
      'connect/post-while-pending#opens-after-release',
      'connect/parallel-pending#crowd-opens',
    ],
    change: (correct) => ({
      integrate: async (api, facts) => {
        const startedUs = api.clock.nowUs();
        const verdict = await correct.integrate(api, facts);
        const late = api.clock.nowUs() - startedUs > 2_000_000;
        return late && verdict.kind === 'accepted' ? refused(504) : verdict;
      },
    }),
  },
  {
    name: 'accepts-only-200',
    description: 'refuses when $connect answers 201 or 204',
    breaks: ['connect/any-2xx-opens#opens'],
    change: (correct) => ({
      judgeConnect: (outcome) => {
        const verdict = correct.judgeConnect(outcome);
        const response = outcome.kind === 'returned' ? readProxyResponse(outcome.value) : undefined;
        if (verdict.kind === 'refused' || response === undefined) return verdict;
        return response.status === 200 ? verdict : refused(response.status);
      },
    }),
  },
  {
    name: 'forwards-integration-headers',
    description: 'copies all headers of the $connect answer into the 101',
    breaks: ['connect/answer-not-forwarded#no-headers'],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields(acceptance),
        ...headersOf(acceptance.response),
      ],
    }),
  },
  {
    name: 'delivers-connect-body',
    description: 'sends the body of the $connect answer to the client as a message',
    breaks: ['connect/answer-not-forwarded#no-message'],
    change: (correct) => ({
      greetings: (opening) => {
        const { response } = opening.verdict;
        const body = response === undefined ? undefined : readProxyResponse(response)?.body;
        return [...correct.greetings(opening), ...(body === undefined ? [] : [body])];
      },
    }),
  },
  {
    name: 'requires-connect-route',
    description: 'refuses with 502 when the API has no $connect route',
    breaks: ['connect/no-connect-route#opens', 'subprotocol/without-integration#none-chosen'],
    change: () => ({ withoutIntegration: refused(502) }),
  },
  {
    name: 'falls-back-to-default',
    description: 'invokes $default with the CONNECT event when there is no $connect route',
    breaks: ['connect/no-connect-route#default-not-called'],
    change: () => ({ connectRoute: (api) => api.Routes['$connect'] ?? api.Routes['$default'] }),
  },
  {
    name: 'registers-connection-early',
    description: 'knows a connection in @connections before $connect has completed',
    breaks: [
      'connect/post-while-pending#answers-410',
      'connect/post-while-pending#never-delivered',
    ],
    change: (correct) => {
      const early = new Map<
        string,
        { readonly facts: ConnectionFacts; readonly texts: string[] }
      >();
      return {
        integrate: async (api, facts) => {
          early.set(facts.connectionId, { facts, texts: [] });
          const verdict = await correct.integrate(api, facts);
          if (verdict.kind === 'refused') early.delete(facts.connectionId);
          return verdict;
        },
        findConnection: (api, stage, id) => {
          const waiting = early.get(id);
          if (waiting === undefined) return correct.findConnection(api, stage, id);
          return standIn(waiting.facts, (text) => waiting.texts.push(text));
        },
        greetings: (opening) => {
          const waiting = early.get(opening.facts.connectionId);
          early.delete(opening.facts.connectionId);
          return [...correct.greetings(opening), ...(waiting?.texts ?? [])];
        },
      };
    },
  },
  {
    name: 'keeps-refused-ids',
    description: 'still knows the id of an upgrade that $connect refused',
    breaks: ['connect/refused-id-is-gone#answers-410'],
    change: (correct) => {
      const kept = new Map<string, Connection>();
      return {
        integrate: async (api, facts) => {
          const verdict = await correct.integrate(api, facts);
          if (verdict.kind === 'refused') kept.set(facts.connectionId, standIn(facts));
          return verdict;
        },
        findConnection: (api, stage, id) => correct.findConnection(api, stage, id) ?? kept.get(id),
      };
    },
  },
  {
    name: 'twenty-upgrades-at-a-time',
    description: 'works on twenty upgrades at most; others wait in a queue',
    breaks: ['connect/parallel-pending#newcomer-opens-meanwhile'],
    change: (correct) => {
      const queue: (() => void)[] = [];
      let running = 0;
      return {
        admit: async (api, candidate) => {
          if (running >= 20) await new Promise<void>((resolve) => queue.push(resolve));
          running += 1;
          await correct.admit(api, candidate);
          running -= 1;
          queue.shift()?.();
        },
      };
    },
  },
  {
    name: 'refuses-beyond-eighteen-pending',
    description: 'refuses with 503 while eighteen $connect integrations are running',
    breaks: [
      'connect/parallel-pending#newcomer-opens-meanwhile',
      'connect/parallel-pending#crowd-waits',
      'connect/parallel-pending#crowd-opens',
    ],
    change: (correct) => {
      let running = 0;
      return {
        integrate: async (api, facts) => {
          if (running >= 18) return refused(503);
          running += 1;
          const verdict = await correct.integrate(api, facts);
          running -= 1;
          return verdict;
        },
      };
    },
  },
  {
    name: 'id-from-websocket-key',
    description: 'derives the connection id from Sec-WebSocket-Key',
    breaks: [
      'connect/distinct-ids#fresh-id-per-attempt',
      'connect/distinct-ids#two-connections',
      'connect/distinct-ids#unique-ids',
    ],
    change: () => ({
      drawConnectionId: (head) => {
        const [key = ''] = headerValues(head, 'sec-websocket-key');
        return `${createHash('sha256').update(key).digest('base64url').slice(0, 15)}=`;
      },
    }),
  },
  {
    name: 'constant-request-id',
    description: 'has the same requestId in every event',
    breaks: ['connect/distinct-ids#request-ids'],
    change: () => ({ newOccasion: (epochMs) => ({ requestId: 'JC1dgf9yoAMCK-g=', epochMs }) }),
  },
  {
    name: 'disconnect-after-refusal',
    description: 'invokes $disconnect although $connect refused',
    breaks: [
      'connect/status-passthrough#no-disconnect',
      'connect/throws#no-disconnect',
      'connect/times-out#no-disconnect',
    ],
    change: (correct) => ({
      integrate: async (api, facts) => {
        const verdict = await correct.integrate(api, facts);
        if (verdict.kind === 'refused') void api.behaviour.deliverDisconnect(api, facts, REFUSED);
        return verdict;
      },
    }),
  },
  {
    name: 'greets-after-101',
    description: 'sends the message "connected" after every 101',
    breaks: [
      'connect/upgrade-answer#nothing-unasked',
      'connect/answer-not-forwarded#no-message',
      'connect/post-while-pending#never-delivered',
      'management/post#arrives-as-text',
    ],
    change: (correct) => ({
      greetings: (opening) => ['connected', ...correct.greetings(opening)],
    }),
  },
  {
    name: 'checks-origin',
    description: 'refuses a foreign Origin with 403',
    breaks: ['connect/foreign-origin#opens'],
    change: (correct) => ({
      handshakeRules: [
        ...correct.handshakeRules,
        {
          name: 'origin',
          holds: (head) => {
            const [origin] = headerValues(head, 'origin');
            const [host = ''] = headerValues(head, 'host');
            return origin === undefined || origin.replace(/^[^:]*:\/\//, '') === host;
          },
          refuse: () => refusal(403),
        },
      ],
    }),
  },
  {
    name: 'sends-cors-headers',
    description: 'adds Access-Control-Allow-Origin to the 101',
    breaks: ['connect/foreign-origin#no-cors-headers'],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields(acceptance),
        ['Access-Control-Allow-Origin', '*'],
      ],
    }),
  },
  {
    name: 'wrong-accept',
    description: 'computes Sec-WebSocket-Accept without the GUID',
    breaks: [
      'authorizer/called-once#not-for-messages',
      'authorizer/context#as-strings',
      'authorizer/context#in-connect',
      'authorizer/context#in-disconnect',
      'authorizer/context#in-message',
      'authorizer/not-called-for-disconnect#once',
      'connect/parallel-pending#newcomer-opens-meanwhile',
      'connect/ping#not-a-message',
      'connect/ping#not-masked',
      'connect/ping#pong',
      'connect/post-after-open#succeeds',
      'connect/upgrade-answer#answer',
      'connect/upgrade-answer#opens-without-credentials',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/binary-frame#closed-with-1003',
      'disconnect/binary-frame#not-delivered',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/event#code-and-reason',
      'disconnect/event#headers',
      'disconnect/event#no-query',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/gone-after-close#answers-410',
      'disconnect/server-delete#client-sees-1000',
      'disconnect/server-delete#code-and-reason',
      'disconnect/slow-handler#closed-meanwhile',
      'disconnect/without-a-code#code-and-text',
      'management/delete#answers-204',
      'management/delete#closes-the-client',
      'management/encoded-id#accepted',
      'management/get#answers-200',
      'management/get#same-identity',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'management/gone#get-410',
      'management/gone#post-410',
      'management/post#answers-200',
      'management/post#arrives-as-text',
      'management/too-large#largest-accepted',
      'rfc6455-handshake/accept-value#accept',
      'rfc6455-handshake/answer#opens',
      'rfc6455-handshake/close#answered-with-a-close-frame',
      'rfc6455-handshake/close#code-is-not-1005',
      'rfc6455-handshake/close#code-is-used',
      'rfc6455-handshake/close#code-may-be-sent',
      'rfc6455-handshake/close#no-half-code',
      'rfc6455-handshake/close#tcp-ends',
      'rfc6455-handshake/empty-close#answered-with-a-close-frame',
      'rfc6455-handshake/empty-close#tcp-ends',
      'rfc6455-handshake/ping#no-reserved-bits',
      'rfc6455-handshake/ping#not-masked',
      'rfc6455-handshake/ping#pong',
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'subprotocol/not-in-message-events#no-headers',
      'api-key/connect-only#disconnect-comes',
      'api-key/connect-only#header-is-empty',
      'disconnect/churn#told-after-a-close-frame',
      'disconnect/churn#told-after-fin',
      'disconnect/churn#told-after-reset',
      'disconnect/churn#exactly-once',
      'disconnect/churn#never-before-its-end',
    ],
    prevents: AFTER_A_FIRST_ONE,
    change: (correct) => ({
      acceptanceFields: (acceptance) => {
        const [key = ''] = headerValues(acceptance.head, 'sec-websocket-key');
        const accept = createHash('sha1').update(key).digest('base64');
        return correct
          .acceptanceFields(acceptance)
          .map(([name, value]) => [name, name === 'Sec-WebSocket-Accept' ? accept : value]);
      },
    }),
  },
  {
    name: 'bare-101',
    description: 'sends neither Upgrade nor Connection in the 101',
    breaks: [
      'authorizer/called-once#not-for-messages',
      'authorizer/context#as-strings',
      'authorizer/context#in-connect',
      'authorizer/context#in-disconnect',
      'authorizer/context#in-message',
      'authorizer/not-called-for-disconnect#once',
      'connect/parallel-pending#newcomer-opens-meanwhile',
      'connect/ping#not-a-message',
      'connect/ping#not-masked',
      'connect/ping#pong',
      'connect/post-after-open#succeeds',
      'connect/upgrade-answer#answer',
      'connect/upgrade-answer#opens-without-credentials',
      'disconnect/answer-is-ignored#close-unchanged',
      'disconnect/binary-frame#closed-with-1003',
      'disconnect/binary-frame#not-delivered',
      'disconnect/code-and-reason#close-is-answered',
      'disconnect/event#code-and-reason',
      'disconnect/event#headers',
      'disconnect/event#no-query',
      'disconnect/follows-every-ending#its-shape',
      'disconnect/gone-after-close#answers-410',
      'disconnect/server-delete#client-sees-1000',
      'disconnect/server-delete#code-and-reason',
      'disconnect/slow-handler#closed-meanwhile',
      'disconnect/without-a-code#code-and-text',
      'management/delete#answers-204',
      'management/delete#closes-the-client',
      'management/encoded-id#accepted',
      'management/get#answers-200',
      'management/get#same-identity',
      'management/gone#delete-410',
      'management/gone#empty-body',
      'management/gone#error-type',
      'management/gone#get-410',
      'management/gone#post-410',
      'management/post#answers-200',
      'management/post#arrives-as-text',
      'management/too-large#largest-accepted',
      'rfc6455-handshake/answer#connection-header',
      'rfc6455-handshake/answer#opens',
      'rfc6455-handshake/answer#upgrade-header',
      'rfc6455-handshake/close#answered-with-a-close-frame',
      'rfc6455-handshake/close#code-is-not-1005',
      'rfc6455-handshake/close#code-is-used',
      'rfc6455-handshake/close#code-may-be-sent',
      'rfc6455-handshake/close#no-half-code',
      'rfc6455-handshake/close#tcp-ends',
      'rfc6455-handshake/empty-close#answered-with-a-close-frame',
      'rfc6455-handshake/empty-close#tcp-ends',
      'rfc6455-handshake/ping#no-reserved-bits',
      'rfc6455-handshake/ping#not-masked',
      'rfc6455-handshake/ping#pong',
      'rfc6455-handshake/ping#same-payload',
      'rfc6455-handshake/ping-between-fragments#pong',
      'rfc6455-handshake/unsolicited-pong#still-answers',
      'subprotocol/not-in-message-events#no-headers',
      'api-key/connect-only#disconnect-comes',
      'api-key/connect-only#header-is-empty',
      'disconnect/churn#told-after-a-close-frame',
      'disconnect/churn#told-after-fin',
      'disconnect/churn#told-after-reset',
      'disconnect/churn#exactly-once',
      'disconnect/churn#never-before-its-end',
    ],
    prevents: AFTER_A_FIRST_ONE,
    change: (correct) => ({
      acceptanceFields: (acceptance) =>
        correct
          .acceptanceFields(acceptance)
          .filter(([name]) => name !== 'Upgrade' && name !== 'Connection'),
    }),
  },
];

function headersOf(response: JsonObject | undefined): readonly HeaderField[] {
  const headers = response?.['headers'];
  return Object.entries(isJsonObject(headers) ? headers : {})
    .filter(([name]) => name.toLowerCase() !== 'sec-websocket-protocol')
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}
