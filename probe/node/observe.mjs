// Lets ws-assay see what your own handler is called with: `export const handler = observe(myHandler)`.
// Needs sink.mjs, post.mjs and fail.mjs beside it. Without ASSAY_PROBE_SINK in the environment it does nothing;
// with it an event record is written when the handler begins and when it ends (docs/observing-your-backend.md).
import { randomUUID } from 'node:crypto';
import { complain, reasonOf } from './fail.mjs';
import { record } from './sink.mjs';

/** The same handler, observed. What it returns and throws stays as it is, also when the sink is away. */
export function observe(handler) {
  return async (event, context) => {
    if (!process.env.ASSAY_PROBE_SINK) return call(handler, event, context);
    const about = { v: 1, type: typeOf(event), invocationId: randomUUID() };
    const { connectionId, requestId } = event?.requestContext ?? {};
    const write = (more) =>
      record({ ...about, connectionId, requestId, ...more }).catch((error) =>
        complain(`not observed, ${about.type}: ${reasonOf(error)}`),
      );
    await write({ phase: 'started', at: Date.now(), event });
    try {
      const returned = await call(handler, event, context);
      await write({ phase: 'ended', at: Date.now(), answer: { return: returned ?? null } });
      return returned;
    } catch (error) {
      await write({ phase: 'ended', at: Date.now(), answer: { throw: reasonOf(error) } });
      throw error;
    }
  };
}

function typeOf(event) {
  if (event?.type === 'REQUEST') return 'AUTHORIZER';
  const { eventType, routeKey } = event?.requestContext ?? {};
  if (eventType) return eventType;
  return { $connect: 'CONNECT', $disconnect: 'DISCONNECT' }[routeKey] ?? 'MESSAGE';
}

// A handler that takes a callback answers through it, as on Lambda.
function call(handler, event, context) {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, value) =>
      error == null ? resolve(value) : reject(error),
    );
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
  });
}
