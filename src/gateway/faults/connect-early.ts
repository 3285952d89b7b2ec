// Faults of a gateway that does not wait: it opens, or knows a connection, before all have decided.
import type { Behaviour } from '../behaviour.ts';
import { integrationOf } from '../config.ts';
import { acceptUpgrade, authorizedFacts, refuseUpgrade } from '../connect.ts';
import type { ConnectionFacts } from '../event.ts';
import { ACCEPTED } from '../integration.ts';
import { type Fault, standIn } from './fault.ts';

/** Faults of not waiting for authorizer and integration. */
export const CONNECT_EARLY_FAULTS: readonly Fault[] = [
  {
    name: 'opens-before-integration',
    description: 'answers 101 before $connect is invoked, and closes with 1008 when it refuses',
    breaks: [
      'integration/http-status-refuses#not-opened',
      'integration/http-status-refuses#same-status',
      'integration/no-permission#status-500',
      'integration/non-proxy-without-response#not-opened',
      'integration/pending#nothing-before-release',
      'integration/short-timeout-ends#not-before-the-timeout',
      'integration/short-timeout-ends#not-opened',
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
      'throttle/account#refused-by-one-or-the-other',
      'throttle/connect-route#its-answer',
      'throttle/refused-by-integration#same-status',
    ],
    change: () => ({ admit: admitEarly }),
  },
  {
    name: 'opens-before-http-integration',
    description:
      'answers 101 before an HTTP backend has answered, and closes with 1008 when it refuses',
    breaks: [
      'integration/http-status-refuses#not-opened',
      'integration/http-status-refuses#same-status',
      'integration/pending#nothing-before-release',
    ],
    change: earlyFor('HTTP', 'HTTP_PROXY'),
  },
  {
    name: 'opens-before-non-proxy-integration',
    description:
      'answers 101 before the function of a non-proxy integration has ended, and closes with 1008 when it refuses',
    breaks: [
      'integration/non-proxy-without-response#not-opened',
      'integration/pending#nothing-before-release',
    ],
    change: earlyFor('AWS'),
  },
  {
    name: 'opens-before-authorizer',
    description:
      'answers 101 before the authorizer is called, and closes with 1008 when it refuses',
    breaks: [
      'integration/non-proxy-without-response#not-opened',
      'integration/pending#nothing-before-release',
      'authorizer/held#client-waits',
      'authorizer/explicit-deny#refused',
      'authorizer/explicit-deny#status-403',
      'authorizer/implicit-deny#refused',
      'authorizer/implicit-deny#status-403',
      'authorizer/throws-unauthorized#refused',
      'authorizer/throws-unauthorized#status-401',
      'authorizer/throws#refused',
      'authorizer/throws#status-500',
      'authorizer/result-size#too-long-is-refused',
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
            acceptUpgrade(api, candidate, { verdict: ACCEPTED, settled });
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
];

/** Opens once the client is authorized; closes when the integration refuses. */
const admitEarly: Behaviour['admit'] = async (api, candidate) => {
  const authorization = await api.behaviour.authorize(api, candidate.facts);
  if (authorization.kind === 'refused') {
    refuseUpgrade(api, candidate.pending, authorization.refusal);
    return;
  }
  const facts = authorizedFacts(candidate.facts, authorization);
  const settled = Promise.resolve()
    .then(() => api.behaviour.integrate(api, facts))
    .then((verdict) => (verdict.kind === 'accepted' ? facts : undefined));
  acceptUpgrade(api, { ...candidate, facts }, { verdict: ACCEPTED, settled });
};

function earlyFor(...types: readonly string[]): Fault['change'] {
  return (correct) => ({
    admit: (api, candidate) => {
      const { config, behaviour } = api;
      const type = integrationOf(config, behaviour.connectRoute(config))?.IntegrationType ?? '';
      return (types.includes(type) ? admitEarly : correct.admit)(api, candidate);
    },
  });
}
