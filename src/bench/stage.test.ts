import { describe, expect, it } from 'vitest';
import type { LoadAttempt } from '../result/load-attempt.ts';
import { attemptOf } from './fixture/simulated-server.ts';
import { judgeStage, type OfferedStage } from './stage.ts';

// A hundred of them: all but the last two as quick as the first.
function stageOf(
  times: { readonly lateMs?: number; readonly tookMs?: number },
  more: Partial<OfferedStage> = {},
): OfferedStage {
  const { lateMs = 0, tookMs = 3 } = times;
  const attempts = Array.from({ length: 100 }, (_, at): LoadAttempt => {
    const isSlow = at >= 98;
    const startMs = at * 10 + (isSlow ? lateMs : 0);
    return attemptOf({ dueMs: at * 10, startMs, answeredMs: startMs + (isSlow ? tookMs : 3) });
  });
  return { ratePerS: 100, due: 100, attempts, limits: [], isInterrupted: false, ...more };
}

const refuse = (attempts: readonly LoadAttempt[], n: number): readonly LoadAttempt[] =>
  attempts.map((one, at) =>
    at < n ? attemptOf({ ...one, outcome: 'refused', status: 503, answeredMs: NaN }) : one,
  );

describe('a rate', () => {
  it('is kept when all opened within the limit, counted from when they were due', () => {
    expect(judgeStage(stageOf({ lateMs: 20, tookMs: 30 }), 50)).toEqual({
      ratePerS: 100,
      attempts: 100,
      opened: 100,
      failed: {},
      intended: { p50Ms: 3, p99Ms: 50 },
      actual: { p50Ms: 3, p99Ms: 30 },
      latenessP99Ms: 20,
      limits: [],
      verdict: 'kept',
      because: 'p99 was 50.0 ms',
    });
  });

  it('is late when even from the actual start it took longer', () => {
    expect(judgeStage(stageOf({ tookMs: 80 }), 50)).toMatchObject({
      verdict: 'late',
      because: 'p99 was 80.0 ms',
    });
  });

  it('is not laid on the endpoint when only the generator was late', () => {
    expect(judgeStage(stageOf({ lateMs: 60 }), 50)).toMatchObject({
      verdict: 'generator',
      because:
        'the generator was the bottleneck: 1% of the attempts started more than 60.0 ms late, and took 3.0 ms from there (p99)',
    });
  });

  it('is not laid on the endpoint when the generator had other trouble', () => {
    const limits = ['a worker used 99% of a core (at most 95%)'];
    expect(judgeStage(stageOf({ tookMs: 80 }, { limits }), 50)).toMatchObject({
      verdict: 'generator',
      because: 'the generator was the bottleneck: a worker used 99% of a core (at most 95%)',
    });
    expect(judgeStage(stageOf({}, { limits }), 50).verdict).toBe('kept');
  });

  it('is late when half took far longer than the generator was late', () => {
    const limits = ['1% of the attempts started more than 20.0 ms late (at most 10 ms)'];
    const { attempts } = stageOf({ lateMs: 20 });
    const queued = (byMs: number) =>
      attempts.map((one) => attemptOf({ ...one, answeredMs: one.startMs + byMs }));
    const late = judgeStage(stageOf({}, { attempts: queued(71), limits }), 50);
    expect(late).toMatchObject({ verdict: 'late', because: 'p99 was 91.0 ms' });
    const unclear = judgeStage(stageOf({}, { attempts: queued(69), limits }), 50);
    expect(unclear.verdict).toBe('generator');
  });

  it('failed when one was refused', () => {
    const { attempts } = stageOf({});
    expect(judgeStage(stageOf({}, { attempts: refuse(attempts, 1) }), 50)).toMatchObject({
      opened: 99,
      failed: { 'status 503': 1 },
      verdict: 'failed',
      because: 'not all opened: 1 status 503 of 100',
    });
  });

  it('has no times when none opened', () => {
    const { attempts } = stageOf({});
    const judged = judgeStage(stageOf({}, { attempts: refuse(attempts, 100) }), 50);
    expect(judged).toMatchObject({ opened: 0, verdict: 'failed' });
    expect(judged).not.toHaveProperty('intended');
  });

  it('of which some were never sent, or are lost with their worker, is the generator’s', () => {
    const { attempts } = stageOf({});
    const because = 'the generator was the bottleneck: 10 of 100 were never sent';
    const fewer = judgeStage(stageOf({}, { attempts: attempts.slice(10) }), 50);
    expect(fewer).toMatchObject({ verdict: 'generator', because });
    const unsent = attempts.map((one, at) =>
      at < 10 ? attemptOf({ ...one, outcome: 'unsent', startMs: NaN, answeredMs: NaN }) : one,
    );
    const told = judgeStage(stageOf({}, { attempts: unsent }), 50);
    expect(told).toMatchObject({ verdict: 'generator', because, latenessP99Ms: 0 });
  });

  it('of which nothing is known was not kept', () => {
    expect(judgeStage(stageOf({}, { attempts: [], due: 0 }), 50).verdict).not.toBe('kept');
  });

  it('that was interrupted is not judged', () => {
    expect(judgeStage(stageOf({}, { isInterrupted: true }), 50).verdict).toBe('interrupted');
  });
});
