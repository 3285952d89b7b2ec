// Faults of the idle timeout and the maximum duration.
import type { Traffic } from '../connection.ts';
import type { Fault } from './fault.ts';

const RESETS = [
  'duration/idle-after-client-message#stays-open',
  'duration/idle-after-server-message#stays-open',
];

const IN_SILENCE = [
  'duration/silence#not-before-the-timeout',
  'duration/silence#soon-after-the-timeout',
];

// The longest that timers of Node.js can be set to.
const NEVER_MS = 2 ** 31 - 1;

/** Faults of how long connections last. */
export const DURATION_FAULTS: readonly Fault[] = [
  {
    name: 'no-idle-timeout',
    description: 'never closes a connection for being idle',
    breaks: [
      'duration/idle#not-before-the-timeout',
      'duration/idle#soon-after-the-timeout',
      'duration/idle#client-sees-1001',
      ...RESETS,
      ...IN_SILENCE,
    ],
    change: () => ({ idleTimeoutMs: () => NEVER_MS }),
  },
  {
    name: 'halves-the-idle-timeout',
    description: 'closes an idle connection after half of the time',
    breaks: ['duration/idle#not-before-the-timeout', ...RESETS],
    change: () => ({ idleTimeoutMs: (configuredMs) => configuredMs / 2 }),
  },
  {
    name: 'idle-is-1000',
    description: 'closes an idle connection with 1000',
    breaks: ['duration/idle#client-sees-1001', 'duration/idle#code-and-reason'],
    change: () => ({ goingAway: { code: 1000, reason: 'Going away', cause: 'going-away' } }),
  },
  {
    name: 'idle-without-a-reason',
    description: 'closes an idle connection with 1001 and no reason',
    breaks: ['duration/idle#code-and-reason'],
    change: () => ({ goingAway: { code: 1001, reason: '', cause: 'going-away' } }),
  },
  {
    name: 'messages-do-not-keep-alive',
    description: 'a message from the client does not start the idle time anew',
    breaks: [
      'duration/idle-after-client-message#stays-open',
      'duration/maximum#not-before-the-maximum',
    ],
    change: deafTo('message'),
  },
  {
    name: 'posts-do-not-keep-alive',
    description: 'a message from the backend does not start the idle time anew',
    breaks: ['duration/idle-after-server-message#stays-open'],
    change: deafTo('sent'),
  },
  {
    name: 'no-disconnect-after-idle',
    description: 'does not invoke $disconnect for a connection that was idle or too old',
    breaks: ['duration/idle#code-and-reason', 'duration/maximum#told', ...IN_SILENCE],
    change: (correct) => ({
      deliverDisconnect: async (api, facts, closure) =>
        closure.cause === 'going-away' ? undefined : correct.deliverDisconnect(api, facts, closure),
    }),
  },
  {
    name: 'no-maximum-duration',
    description: 'lets an active connection live for ever',
    breaks: ['duration/maximum#soon-after-the-maximum'],
    change: () => ({ maxDurationMs: () => NEVER_MS }),
  },
  {
    name: 'maximum-duration-too-short',
    description: 'closes a connection after four fifths of the maximum duration',
    breaks: ['duration/maximum#not-before-the-maximum'],
    change: () => ({ maxDurationMs: (configuredMs) => configuredMs * 0.8 }),
  },
];

function deafTo(what: Traffic): Fault['change'] {
  return () => ({ keepsAlive: (traffic) => traffic !== what });
}
