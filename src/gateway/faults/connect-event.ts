// Faults of the $connect event, some of them of all events.
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Behaviour } from '../behaviour.ts';
import { queryParameters } from '../event.ts';
import { drawId } from '../identifiers.ts';
import { changeContext, type Fault, renameHeaders, without } from './fault.ts';

/** Faults of the $connect event. */
export const CONNECT_EVENT_FAULTS: readonly Fault[] = [
  {
    name: 'connect-event-has-body',
    description: 'CONNECT events have an empty body',
    breaks: ['connect/event#top-level-keys', 'connect/event#no-body'],
    change: inConnect((event) => ({ ...event, body: '' })),
  },
  {
    name: 'event-without-api-id',
    description: 'apiId is missing in the events of $connect, $disconnect and the authorizer',
    breaks: [
      'disconnect/event#same-api',
      'connect/event#request-context-keys',
      'connect/event#api-and-stage',
      'disconnect/follows-every-ending#its-shape',
      'authorizer/event#shape',
      'path/custom-domain#same-api',
      'authorizer/event#method-arn-names-the-api',
    ],
    change: (correct) => ({
      ...inConnect(dropApiId)(correct),
      ...inDisconnect(dropApiId)(correct),
      ...inAuthorizer(dropApiId)(correct),
    }),
  },
  {
    name: 'route-key-without-dollar',
    description: 'routeKey is connect or disconnect, without $',
    breaks: [
      'connect/event#route-and-type',
      'disconnect/follows-every-ending#its-shape',
      'integration/route-selection#connect-is-called',
      'integration/route-selection#disconnect-is-called',
      'integration/template-context#route-and-type',
    ],
    change: (correct) => ({
      ...inConnect(inContext((context) => ({ ...context, routeKey: 'connect' })))(correct),
      ...inDisconnect(inContext((context) => ({ ...context, routeKey: 'disconnect' })))(correct),
    }),
  },
  {
    name: 'lowercase-message-direction',
    description: 'messageDirection is in, not IN',
    breaks: [
      'connect/event#message-direction',
      'disconnect/follows-every-ending#its-shape',
      'message/event#its-shape',
    ],
    change: (correct) => {
      const lower = inContext((context) => ({ ...context, messageDirection: 'in' }));
      return {
        ...inConnect(lower)(correct),
        ...inDisconnect(lower)(correct),
        messageEvent: (...asked) => lower(correct.messageEvent(...asked)),
      };
    },
  },
  {
    name: 'connected-at-in-seconds',
    description: 'connectedAt is in seconds',
    breaks: [
      'connect/event#connected-at',
      'disconnect/follows-every-ending#its-shape',
      'authorizer/event#shape',
      'message/event#same-connected-at',
      'management/get-times#when-it-began',
    ],
    change: (correct) => {
      const seconds = inContext((context) => ({
        ...context,
        connectedAt: Math.floor(Number(context['connectedAt']) / 1000),
      }));
      return {
        ...inConnect(seconds)(correct),
        ...inDisconnect(seconds)(correct),
        ...inAuthorizer(seconds)(correct),
      };
    },
  },
  {
    name: 'connected-at-recomputed',
    description: 'connectedAt is the time of the event, not of the connection',
    breaks: [
      'integration/template-context#connected-at',
      'disconnect/event#same-connected-at',
      'message/event#same-connected-at',
    ],
    change: (correct) => {
      const anew = inContext((context) => ({
        ...context,
        connectedAt: context['requestTimeEpoch'],
      }));
      return {
        ...inConnect(anew)(correct),
        ...inDisconnect(anew)(correct),
        messageEvent: (...asked) => anew(correct.messageEvent(...asked)),
      };
    },
  },
  {
    name: 'request-time-in-iso',
    description: 'requestTime of CONNECT events is ISO 8601',
    breaks: ['integration/template-context#request-time', 'connect/event#request-time'],
    change: inConnect(isoTime),
  },
  {
    name: 'later-request-times-in-iso',
    description: 'requestTime of the events of authorizer, messages and $disconnect is ISO 8601',
    breaks: [
      'authorizer/event#shape',
      'disconnect/follows-every-ending#its-shape',
      'message/event#its-shape',
    ],
    change: (correct) => ({
      ...inDisconnect(isoTime)(correct),
      ...inAuthorizer(isoTime)(correct),
      messageEvent: (...asked) => isoTime(correct.messageEvent(...asked)),
    }),
  },
  {
    name: 'extended-request-id-differs',
    description: 'extendedRequestId is another id than requestId',
    breaks: ['connect/event#extended-request-id'],
    change: (correct) => {
      const differ = inContext((context) => ({ ...context, extendedRequestId: drawId() }));
      return {
        ...inConnect(differ)(correct),
        ...inDisconnect(differ)(correct),
        ...inAuthorizer(differ)(correct),
        messageEvent: (...asked) => differ(correct.messageEvent(...asked)),
      };
    },
  },
  {
    name: 'message-id-on-every-event',
    description: 'CONNECT and DISCONNECT events carry a messageId',
    breaks: ['connect/event#no-message-id', 'disconnect/follows-every-ending#its-shape'],
    change: (correct) => {
      const add = inContext((context) => ({ ...context, messageId: drawId() }));
      return { ...inConnect(add)(correct), ...inDisconnect(add)(correct) };
    },
  },
  {
    name: 'source-ip-with-port',
    description: 'identity.sourceIp of CONNECT events has a port',
    breaks: [
      'message/event#same-source-ip',
      'integration/template-context#identity',
      'connect/event#source-ip',
      'disconnect/event#same-identity',
      'management/get#same-identity',
    ],
    change: inConnect(
      inIdentity((identity) => {
        const { sourceIp } = identity;
        return { ...identity, sourceIp: typeof sourceIp === 'string' ? `${sourceIp}:54321` : null };
      }),
    ),
  },
  {
    name: 'drops-user-agent',
    description: 'identity.userAgent is missing in CONNECT events',
    breaks: ['connect/event#user-agent', 'management/get#same-user-agent'],
    change: inConnect(inIdentity((identity) => without(identity, 'userAgent'))),
  },
  {
    name: 'base64-flag-missing',
    description: 'isBase64Encoded is missing in CONNECT events',
    breaks: ['connect/event#top-level-keys', 'connect/event#not-base64'],
    change: inConnect((event) => without(event, 'isBase64Encoded')),
  },
  {
    name: 'empty-authorizer-in-event',
    description: 'requestContext.authorizer is empty, not absent, without an authorizer',
    breaks: ['connect/event#no-authorizer'],
    change: inConnect(inContext((context) => ({ authorizer: {}, ...context }))),
  },
  {
    name: 'lowercases-header-names',
    description: 'header names are in lower case in CONNECT and authorizer events',
    breaks: [
      'connect/event-headers#spelling',
      'connect/event-headers#added-by-the-gateway',
      'connect/event-headers#handshake',
      'connect/event-headers#custom',
      'connect/event-headers#multi-value',
      'subprotocol/offer-reaches-integration#in-order',
      'authorizer/event#upgrade-headers',
    ],
    change: (correct) => {
      const lower = (event: JsonObject): JsonObject =>
        renameHeaders(event, (name) => name.toLowerCase());
      return { ...inConnect(lower)(correct), ...inAuthorizer(lower)(correct) };
    },
  },
  {
    name: 'no-forwarded-headers',
    description: 'X-Forwarded-* and X-Amzn-Trace-Id are not added',
    breaks: ['connect/event-headers#added-by-the-gateway'],
    change: (correct) => {
      const drop = dropHeaders(/^x-(forwarded-|amzn-trace-id$)/i);
      return { ...inConnect(drop)(correct), ...inAuthorizer(drop)(correct) };
    },
  },
  {
    name: 'hides-handshake-headers',
    description: 'Host and Sec-WebSocket-* are not in the CONNECT event',
    breaks: [
      'integration/http-proxy-headers#version-is-seen',
      'connect/event-headers#handshake',
      'subprotocol/offer-reaches-integration#in-order',
    ],
    change: inConnect(dropHeaders(/^(host$|sec-websocket-)/i)),
  },
  {
    name: 'keeps-hop-by-hop-headers',
    description: 'Connection and Upgrade are in the CONNECT event',
    breaks: ['connect/event-headers#hop-by-hop'],
    change: inConnect((event) => {
      const add = (
        map: JsonObject,
        wrap: (text: string) => string | readonly string[],
      ): JsonObject => ({
        ...map,
        Connection: wrap('upgrade'),
        Upgrade: wrap('websocket'),
      });
      return {
        ...event,
        headers: add(mapOf(event['headers']), (text) => text),
        multiValueHeaders: add(mapOf(event['multiValueHeaders']), (text) => [text]),
      };
    }),
  },
  {
    name: 'hides-cookies',
    description: 'Cookie and Authorization are not in the CONNECT event',
    breaks: ['connect/event-headers#custom'],
    change: inConnect(dropHeaders(/^(cookie|authorization)$/i)),
  },
  {
    name: 'joins-repeated-headers',
    description: 'multiValueHeaders joins the values of a repeated header',
    breaks: ['connect/event-headers#multi-value'],
    change: inConnect((event) => ({
      ...event,
      multiValueHeaders: Object.fromEntries(
        Object.entries(mapOf(event['multiValueHeaders'])).map(([name, values]) => [
          name,
          [Array.isArray(values) ? values.join(', ') : ''],
        ]),
      ),
    })),
  },
  {
    name: 'no-multi-value-query',
    description: 'multiValueQueryStringParameters is missing in CONNECT events',
    breaks: [
      'integration/http-parameters#repeated-parameter',
      'connect/event-query#values',
      'connect/event-query#repeated',
    ],
    change: inConnect((event) => without(event, 'multiValueQueryStringParameters')),
  },
  {
    name: 'first-query-value-wins',
    description: 'queryStringParameters has the first of repeated values',
    breaks: ['connect/event-query#repeated'],
    change: (correct) => ({
      connectEvent: (facts, occasion) => {
        const event = correct.connectEvent(facts, occasion);
        const parameters = queryParameters(facts.request.head);
        if (parameters.length === 0) return event;
        const first = Object.fromEntries(parameters.toReversed());
        return { ...event, queryStringParameters: first };
      },
    }),
  },
];

type EventChange = (event: JsonObject) => JsonObject;
type BehaviourChange = (correct: Behaviour) => Partial<Behaviour>;

function inConnect(change: EventChange): BehaviourChange {
  return (correct) => ({
    connectEvent: (facts, occasion) => change(correct.connectEvent(facts, occasion)),
  });
}

function inDisconnect(change: EventChange): BehaviourChange {
  return (correct) => ({
    disconnectEvent: (...asked) => change(correct.disconnectEvent(...asked)),
  });
}

function inAuthorizer(change: EventChange): BehaviourChange {
  return (correct) => ({
    authorizerEvent: (facts, call) => change(correct.authorizerEvent(facts, call)),
  });
}

function inContext(change: (context: JsonObject) => JsonObject): EventChange {
  return (event) => changeContext(event, change);
}

function inIdentity(change: (identity: JsonObject) => JsonObject): EventChange {
  return inContext((context) => ({ ...context, identity: change(mapOf(context['identity'])) }));
}

function isoTime(event: JsonObject): JsonObject {
  return changeContext(event, (context) => ({
    ...context,
    requestTime: new Date(Number(context['requestTimeEpoch'])).toISOString(),
  }));
}

function dropApiId(event: JsonObject): JsonObject {
  return changeContext(event, (context) => without(context, 'apiId'));
}

function dropHeaders(pattern: RegExp): EventChange {
  return (event) => renameHeaders(event, (name) => (pattern.test(name) ? undefined : name));
}

function mapOf(value: JsonObject[string]): JsonObject {
  return isJsonObject(value) ? value : {};
}
