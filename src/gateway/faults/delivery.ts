// Faults of what a call of @connections does to connections, its own and others.
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { Api } from '../api.ts';
import type { Behaviour } from '../behaviour.ts';
import type { Connection } from '../connection.ts';
import { MESSAGE_BYTES } from '../limits.ts';
import { failure } from '../management.ts';
import { headerValues } from '../request-head.ts';
import { changeContext, type Fault } from './fault.ts';

/** Faults of what is delivered, and to whom. */
export const DELIVERY_FAULTS: readonly Fault[] = [
  {
    name: 'posts-to-all-of-a-session',
    description: 'what is posted to one connection reaches all that have its cookie',
    breaks: ['management/one-of-two#other-hears-nothing'],
    change: (correct) => ({
      manage: (api, request) => {
        const answer = correct.manage(api, request);
        if (request.method === 'POST' && answer.status === 200) {
          for (const other of othersOf(api, request)) other.send(request.body ?? '');
        }
        return answer;
      },
    }),
  },
  {
    name: 'deletes-all-of-a-session',
    description: 'DELETE closes all connections that have the cookie of the one that is meant',
    breaks: ['management/one-of-two#other-stays-open'],
    change: (correct) => ({
      deleteConnection: (api, connection) => {
        const { connectionId, stage } = connection.facts;
        for (const other of othersOf(api, { connectionId, stage })) {
          correct.deleteConnection(api, other);
        }
        correct.deleteConnection(api, connection);
      },
    }),
  },
  {
    name: 'cuts-posts-at-64-kb',
    description: 'sends the first 64 KB of what was posted',
    breaks: ['management/too-large#nothing-is-cut'],
    change: posting((body) => body.slice(0, 65_536)),
  },
  {
    name: 'trims-posts',
    description: 'sends what was posted without the white space around it',
    breaks: ['management/verbatim#unchanged'],
    change: posting((body) => body.trim()),
  },
  {
    name: 'rewrites-posted-json',
    description: 'parses JSON that was posted and writes it anew',
    breaks: ['management/verbatim#unchanged'],
    change: posting(rewritten),
  },
  {
    name: 'delivers-what-is-too-large',
    description: 'answers 413 to a post that is too large, and sends it all the same',
    breaks: ['management/too-large#too-large-not-delivered'],
    change: (correct) => ({
      postLimitBytes: Number.POSITIVE_INFINITY,
      manage: (api, request) => {
        const answer = correct.manage(api, request);
        return answer.status === 200 && Buffer.byteLength(request.body ?? '') > MESSAGE_BYTES
          ? failure(413, 'PayloadTooLargeException', 'Message is too long')
          : answer;
      },
    }),
  },
  {
    name: 'message-of-another-stage',
    description: 'MESSAGE events name the stage $default',
    breaks: ['message/event#same-stage'],
    change: messageSaying(() => ({ stage: '$default' })),
  },
  {
    name: 'message-from-localhost',
    description: 'MESSAGE events have the address of the gateway as sourceIp',
    breaks: ['message/event#same-source-ip'],
    change: messageSaying((context) => ({
      identity: {
        ...(isJsonObject(context['identity']) ? context['identity'] : {}),
        sourceIp: '127.0.0.2',
      },
    })),
  },
];

interface Place {
  readonly stage: string;
  readonly connectionId: string;
}

function othersOf(api: Api, { stage, connectionId }: Place): readonly Connection[] {
  const cookie = cookieOf(api.behaviour.findConnection(api, stage, connectionId));
  if (cookie === undefined) return [];
  return [...api.connections.values()].filter(
    (other) => other.facts.connectionId !== connectionId && cookieOf(other) === cookie,
  );
}

function cookieOf(connection: Connection | undefined): string | undefined {
  return connection && headerValues(connection.facts.request.head, 'cookie')[0];
}

function posting(change: (body: string) => string): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({ postTo: (connection, body) => correct.postTo(connection, change(body)) });
}

function messageSaying(
  said: (context: JsonObject) => JsonObject,
): (correct: Behaviour) => Partial<Behaviour> {
  return (correct) => ({
    messageEvent: (...asked) =>
      changeContext(correct.messageEvent(...asked), (context) => ({
        ...context,
        ...said(context),
      })),
  });
}

function rewritten(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body));
  } catch {
    return body;
  }
}
