import { describe, expect, it } from 'vitest';
import { acceptFor, newKey } from './accept-key.ts';
import { type Asked, createAnswerMemo, judgeBytes } from './answer-memo.ts';
import { createHeadParser } from './http-head.ts';

function asked(): Asked {
  const key = newKey();
  return { key, accept: acceptFor(key), subprotocols: ['chat'] };
}

const answer = (accept: string, more = ''): Buffer =>
  Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`,
  );

describe('what is remembered of answers', () => {
  it.each([
    ['a right one', (accept: string) => answer(accept)],
    [
      'one with a subprotocol',
      (accept: string) => answer(accept, 'Sec-WebSocket-Protocol: chat\r\n'),
    ],
    [
      'one that selects what was not offered',
      (accept: string) => answer(accept, 'Sec-WebSocket-Protocol: x\r\n'),
    ],
    [
      'one with the accept value in another header',
      (accept: string) => answer('x', `X-Accept: ${accept}\r\n`),
    ],
    [
      'one with the accept value twice',
      (accept: string) => answer(accept, `Sec-WebSocket-Accept: ${accept}\r\n`),
    ],
    [
      'one with frames behind it',
      (accept: string) => Buffer.concat([answer(accept), Buffer.from([0x81, 0])]),
    ],
    ['a refusal', () => Buffer.from('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')],
    [
      'an interim answer first',
      (accept: string) =>
        Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), answer(accept)]),
    ],
    ['rubbish', () => Buffer.from('SSH-2.0-x\r\n\r\n')],
  ])('is for %s what the parser says, the first time and later', (_, bytesFor) => {
    const memo = createAnswerMemo();
    for (let time = 0; time < 3; time += 1) {
      const one = asked();
      const bytes = bytesFor(one.accept);
      const expected = judgeBytes(createHeadParser(), bytes, one);
      const got = memo.read(bytes, one);
      expect({ ...got, rest: Buffer.from('rest' in got ? got.rest : []).toString('hex') }).toEqual({
        ...expected,
        head:
          time === 0 || expected === undefined
            ? expected?.head
            : 'head' in got
              ? got.head
              : undefined,
        rest: Buffer.from(expected?.rest ?? []).toString('hex'),
      });
      expect('head' in got && got.head.status).toBe(expected?.head.status);
    }
  });

  it('is never that a wrong accept value is right', () => {
    const memo = createAnswerMemo();
    const first = asked();
    expect(memo.read(answer(first.accept), first)).toMatchObject({ violations: [] });
    const second = asked();
    expect(memo.read(answer(first.accept), second)).toMatchObject({
      violations: ['accept-mismatch'],
    });
  });

  it('hands over a parser where the head is not complete', () => {
    const one = asked();
    const bytes = answer(one.accept);
    const parser = createAnswerMemo().read(bytes.subarray(0, 30), one);
    if (!('push' in parser)) throw new Error('judged too early');
    expect(judgeBytes(parser, bytes.subarray(30), one)?.violations).toEqual([]);
  });
});
