// Faults of frame and message sizes, and of fragments.
import type { Behaviour } from '../behaviour.ts';
import { frameHead, frameHeadSize, OPCODE } from '../frame-walker.ts';
import { FRAME_BYTES, MESSAGE_BYTES } from '../limits.ts';
import { frameJudge } from '../open.ts';
import type { Fault } from './fault.ts';

/** Faults of sizes and fragments. */
export const FRAME_FAULTS: readonly Fault[] = [
  {
    name: 'no-frame-limit',
    description: 'accepts frames of any length',
    breaks: ['disconnect/frame-too-big#closed-with-1009', 'disconnect/frame-too-big#not-delivered'],
    change: () => ({ frameJudge: () => frameJudge(Number.POSITIVE_INFINITY) }),
  },
  {
    name: 'delivers-frames-that-are-too-long',
    description: 'delivers a frame that is too long, and closes with 1009 then',
    breaks: ['disconnect/frame-too-big#not-delivered'],
    change: (correct) => {
      const tooLong = new Set<number>();
      return {
        frameJudge: () => {
          const judge = correct.frameJudge();
          return (head) => {
            const verdict = judge(head);
            if (typeof verdict !== 'object' || verdict.code !== 1009) return verdict;
            tooLong.add(head.length);
            return 'pass';
          };
        },
        handleMessage: async (api, connection, message) => {
          const handled = correct.handleMessage(api, connection, message);
          if (tooLong.has(Buffer.byteLength(message.body))) {
            connection.close({ code: 1009, reason: '', cause: 'violation' });
          }
          await handled;
        },
      };
    },
  },
  {
    name: 'handles-messages-after-close',
    description: 'handles messages that come after the close frame of the client',
    breaks: ['disconnect/data-after-close#not-delivered'],
    change: () => ({ incoming: handleLateMessages }),
  },
  {
    name: 'no-message-limit',
    description: 'accepts messages of any length',
    breaks: [
      'disconnect/message-too-big#closed-with-1009',
      'disconnect/message-too-big#not-delivered',
    ],
    change: () => ({ messageLimitBytes: 0 }),
  },
  {
    name: 'delivers-messages-that-are-too-long',
    description: 'delivers a message that is too long, and closes with 1009 then',
    breaks: ['disconnect/message-too-big#not-delivered'],
    change: (correct) => ({
      messageLimitBytes: 0,
      handleMessage: async (api, connection, message) => {
        const handled = correct.handleMessage(api, connection, message);
        if (Buffer.byteLength(message.body) > MESSAGE_BYTES) {
          connection.close({ code: 1009, reason: '', cause: 'violation' });
        }
        await handled;
      },
    }),
  },
  {
    name: 'frame-limit-includes-the-head',
    description: 'the head of a frame counts among its 32 KiB',
    breaks: ['message/largest-frame#delivered-whole', 'message/largest#delivered-whole'],
    change: () => ({ frameJudge: () => frameJudge(FRAME_BYTES - 8) }),
  },
  {
    name: 'message-limit-of-64k',
    description: 'closes with 1009 above 64 KiB',
    breaks: ['message/largest#delivered-whole'],
    change: () => ({ messageLimitBytes: 64 * 1024 }),
  },
  {
    name: 'too-big-is-1008',
    description: 'closes with 1008 when a frame is too long',
    breaks: ['disconnect/frame-too-big#closed-with-1009'],
    change: (correct) => ({
      frameJudge: () => {
        const judge = correct.frameJudge();
        return (head) => {
          const verdict = judge(head);
          return typeof verdict === 'object' && verdict.code === 1009 ? { code: 1008 } : verdict;
        };
      },
    }),
  },
  {
    name: 'drops-middle-fragments',
    description: 'a fragment that is neither the first nor the last of its message is lost',
    breaks: [
      'message/fragments#one-message',
      'message/largest#delivered-whole',
      'disconnect/message-too-big#closed-with-1009',
      'disconnect/message-too-big#not-delivered',
    ],
    change: (correct) => ({
      frameJudge: () => {
        const judge = correct.frameJudge();
        return (head) => (head.opcode === 0 && !head.fin ? 'skip' : judge(head));
      },
    }),
  },
];

const handleLateMessages: NonNullable<Behaviour['incoming']> = (api, connection) => {
  let unread: Buffer = Buffer.alloc(0);
  let closing = false;
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let frame = firstFrame(unread); frame !== undefined; frame = firstFrame(unread)) {
      unread = unread.subarray(frame.size);
      if (closing && frame.opcode === OPCODE.text) {
        const body = frame.payload.toString('utf8');
        void api.behaviour.handleMessage(api, connection(), { body, isBase64Encoded: false });
      }
      closing ||= frame.opcode === OPCODE.close;
    }
  };
};

// A masked frame at the beginning, when it is complete.
function firstFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | undefined {
  const headSize = frameHeadSize(bytes);
  if (headSize === undefined || bytes.length < headSize) return undefined;
  const { opcode, length } = frameHead(bytes);
  const size = headSize + length;
  if (bytes.length < size) return undefined;
  const key = bytes.subarray(headSize - 4, headSize);
  const payload = bytes.subarray(headSize, size).map((byte, at) => byte ^ (key[at % 4] ?? 0));
  return { opcode, payload: Buffer.from(payload), size };
}
