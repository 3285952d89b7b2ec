// Faults of $disconnect that show only when many connections end at once: what a queue without
// room, a queue that delivers again, a slow sweep and a wrong look-up do.
import type { Behaviour } from '../behaviour.ts';
import type { Fault } from './fault.ts';

/** Faults that a single connection never meets. */
export const BURST_FAULTS: readonly Fault[] = [
  {
    name: 'drops-disconnects-of-a-burst-of-resets',
    description: 'drops $disconnect after a TCP reset while it delivers sixteen others',
    breaks: ['disconnect/churn#told-after-reset'],
    change: beyondRoom((deliver, [api, facts, closure]) =>
      closure.cause === 'reset' ? NOTHING : deliver(api, facts, closure),
    ),
  },
  {
    name: 'delays-disconnects-of-a-burst',
    description: 'delivers $disconnect forty seconds late while it delivers sixteen others',
    breaks: [
      'disconnect/churn#told-after-a-close-frame',
      'disconnect/churn#told-after-fin',
      'disconnect/churn#told-after-reset',
      'disconnect/churn-deleted#told-after-deletion',
    ],
    change: beyondRoom(async (deliver, asked) => {
      const [{ clock }] = asked;
      await clock.sleep(SWEEP_MS);
      return deliver(...asked);
    }),
  },
  {
    name: 'mixes-up-the-ids-of-a-burst',
    description:
      'delivers $disconnect with the id of the newest connection while it delivers sixteen others',
    breaks: [
      'disconnect/churn#told-after-a-close-frame',
      'disconnect/churn#told-after-fin',
      'disconnect/churn#told-after-reset',
      'disconnect/churn#never-before-its-end',
      'disconnect/churn-deleted#told-after-deletion',
    ],
    change: beyondRoom((deliver, [api, facts, closure]) => {
      const newest = [...api.connections.values()].at(-1);
      return deliver(api, newest?.facts ?? facts, closure);
    }),
  },
];

type Deliver = Behaviour['deliverDisconnect'];

const ROOM = 16;
const SWEEP_MS = 40_000;
const NOTHING = Promise.resolve(undefined);

/** Delivers in the other way what is asked for while so many are under way already. */
function beyondRoom(
  otherwise: (deliver: Deliver, asked: Parameters<Deliver>) => ReturnType<Deliver>,
): Fault['change'] {
  return ({ deliverDisconnect }) => {
    let underWay = 0;
    return {
      deliverDisconnect: async (...asked) => {
        const hasRoom = underWay < ROOM;
        underWay += 1;
        try {
          return await (hasRoom
            ? deliverDisconnect(...asked)
            : otherwise(deliverDisconnect, asked));
        } finally {
          underWay -= 1;
        }
      },
    };
  };
}
