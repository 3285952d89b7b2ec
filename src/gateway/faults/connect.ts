// Faults of $connect: what its answer means, and what is known of the connection.
import { createHash } from 'node:crypto';
import type { Connection } from '../connection.ts';
import type { Closure } from '../event.ts';
import { ACCEPTED, readProxyResponse, refused } from '../integration.ts';
import { headerValues } from '../request-head.ts';
import { type Fault, standIn } from './fault.ts';

const REFUSED: Closure = { code: 1006, reason: '', cause: 'refused' };

/** Faults of $connect. */
export const CONNECT_FAULTS: readonly Fault[] = [
  {
    name: 'refuses-with-403-always',
    description: 'answers 403 whatever $connect refuses with',
    breaks: [
      'integration/http-status-refuses#same-status',
      'integration/no-permission#status-500',
      'connect/status-passthrough#same-status',
      'connect/refuses-with-400#status-400',
      'connect/malformed-proxy-response#status-502',
      'connect/throws#status-502',
      'subprotocol/refused#status-400',
      'throttle/connect-route#its-answer',
      'throttle/refused-by-integration#same-status',
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
          ? ACCEPTED
          : correct.judgeConnect(outcome),
    }),
  },
  {
    name: 'opens-at-integration-timeout',
    description: 'opens the connection when the time of $connect is up',
    breaks: ['integration/short-timeout-ends#not-opened', 'connect/times-out#not-opened'],
    change: (correct) => ({
      judgeConnect: (outcome) =>
        outcome.kind === 'timed-out' ? ACCEPTED : correct.judgeConnect(outcome),
    }),
  },
  {
    name: 'doubles-integration-timeout',
    description: 'waits twice the configured time for $connect',
    breaks: [
      'connect/times-out#soon-after-the-timeout',
      'integration/short-timeout-ends#soon-after-the-timeout',
    ],
    change: () => ({ connectTimeoutMs: (configuredMs) => 2 * configuredMs }),
  },
  {
    name: 'halves-integration-timeout',
    description: 'gives $connect half the time that is configured',
    breaks: [
      'connect/slow-integration#opens',
      'connect/times-out#not-before-the-timeout',
      'integration/short-timeout-ends#not-before-the-timeout',
    ],
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
    name: 'invokes-connect-twice',
    description: 'invokes $connect once more when it has answered',
    breaks: [
      'connect/times-out#soon-after-the-timeout',
      'integration/short-timeout-ends#soon-after-the-timeout',
    ],
    change: (correct) => ({
      integrate: async (api, facts) => {
        await correct.integrate(api, facts);
        return correct.integrate(api, facts);
      },
    }),
  },
  {
    name: 'accepts-only-200',
    description: 'refuses when $connect answers 201 or 204',
    breaks: ['integration/http-status-opens#opens', 'connect/any-2xx-opens#opens'],
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
    breaks: ['connect/distinct-ids#request-ids', 'message/event#own-request-id'],
    change: () => ({ newOccasion: (epochMs) => ({ requestId: 'JC1dgf9yoAMCK-g=', epochMs }) }),
  },
  {
    name: 'disconnect-after-refusal',
    description: 'invokes $disconnect although $connect refused',
    breaks: [
      'connect/status-passthrough#no-disconnect',
      'connect/throws#no-disconnect',
      'connect/times-out#no-disconnect',
      'throttle/connect-route#integration-asked',
      'throttle/refused-by-integration#no-disconnect',
    ],
    change: (correct) => ({
      integrate: async (api, facts) => {
        const verdict = await correct.integrate(api, facts);
        if (verdict.kind === 'refused') void api.behaviour.deliverDisconnect(api, facts, REFUSED);
        return verdict;
      },
    }),
  },
];
