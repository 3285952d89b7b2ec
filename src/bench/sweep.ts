// The highest rate that an endpoint keeps: doubled until one is not kept, then between the two until they are a tenth
// apart; where not even the first one is kept, the lowest comes next. One bad moment decides nothing.
import { formatRate } from '../base/rate.ts';
import type { BenchStage, BenchSweep } from '../result/bench-result.ts';
import { judgeStage, type OfferedStage } from './stage.ts';

/** What is searched for. */
export interface SweepBounds {
  /** From due by the schedule to open. */
  readonly p99LimitMs: number;
  /** Never more is offered, per second. */
  readonly maxRatePerS: number;
}

/** Offers a rate and resolves with what came of it. */
export type OfferRate = (ratePerS: number) => Promise<OfferedStage>;

/** What is known so far: the highest rate that was kept, and the lowest above it that was not. */
interface Known {
  readonly kept?: number;
  readonly notKept?: BenchStage;
}

/** What is said where a single connection, all alone, takes longer than the limit. */
export function pointlessSweep(bounds: SweepBounds, typicalMs: number): BenchSweep {
  const took = `half of the single connections took ${typicalMs.toFixed(1)} ms or longer`;
  return { ...bounds, stages: [], outcome: 'none', because: `no rate can be kept: ${took}` };
}

/** Searches. Rejects with what `offer` rejects with. */
export async function sweepRates(bounds: SweepBounds, offer: OfferRate): Promise<BenchSweep> {
  const stages: BenchStage[] = [];
  const judged = async (ratePerS: number): Promise<BenchStage> => {
    const stage = judgeStage(await offer(ratePerS), bounds.p99LimitMs);
    stages.push(stage);
    return stage;
  };
  let known: Known = {};
  for (;;) {
    const rate = nextRate(known, bounds);
    if (rate === undefined) break;
    const stage = await decided(() => judged(rate));
    if (stage.verdict === 'interrupted') {
      return { ...bounds, stages, ...found(known), ...INTERRUPTED };
    }
    known = stage.verdict === 'kept' ? { ...known, kept: rate } : { ...known, notKept: stage };
  }
  return { ...bounds, stages, ...found(known), ...conclude(known, { bounds, stages }) };
}

const INTERRUPTED = { outcome: 'interrupted', because: 'interrupted' } as const;

/**
 * What one good offer keeps is kept. What was not kept is offered once more, and again while the generator had trouble
 * each time; the one in which it had none counts.
 */
async function decided(offer: () => Promise<BenchStage>): Promise<BenchStage> {
  const notKept: BenchStage[] = [];
  while (notKept.length < MOST_OFFERS) {
    const stage = await offer();
    if (stage.verdict === 'kept' || stage.verdict === 'interrupted') return stage;
    notKept.push(stage);
    const clean = notKept.find(({ verdict }) => isClean(verdict));
    if (notKept.length > 1 && clean !== undefined) return clean;
  }
  const [last] = notKept.slice(-1);
  if (last === undefined) throw new RangeError('nothing was offered');
  return last;
}

const MOST_OFFERS = 3;

// Not kept, and by the endpoint's doing.
function isClean(verdict: BenchStage['verdict']): boolean {
  return verdict === 'late' || verdict === 'failed';
}

const START_PER_S = 50;
const LOWEST_PER_S = 10;
const APART = 1.1;

/** Undefined: enough is known. */
function nextRate({ kept, notKept }: Known, { maxRatePerS }: SweepBounds): number | undefined {
  const failed = notKept?.ratePerS;
  if (kept === undefined) {
    if (failed === undefined) return Math.min(START_PER_S, maxRatePerS);
    return failed <= LOWEST_PER_S ? undefined : LOWEST_PER_S;
  }
  if (failed === undefined) {
    return kept >= maxRatePerS ? undefined : Math.min(2 * kept, maxRatePerS);
  }
  const between = round(Math.sqrt(kept * failed));
  return failed / kept <= APART || between <= kept || between >= failed ? undefined : between;
}

// To what people write; the steps are wider than that.
function round(rate: number): number {
  return rate < 100 ? Math.round(rate) : Number(rate.toPrecision(3));
}

function found({ kept, notKept }: Known): Pick<BenchSweep, 'ratePerS' | 'notKeptPerS'> {
  return {
    ...(kept === undefined ? {} : { ratePerS: kept }),
    ...(notKept === undefined ? {} : { notKeptPerS: notKept.ratePerS }),
  };
}

function conclude(
  { kept, notKept }: Known,
  { bounds, stages }: { readonly bounds: SweepBounds; readonly stages: readonly BenchStage[] },
): Pick<BenchSweep, 'outcome' | 'because'> {
  if (notKept === undefined) {
    const because = `it keeps ${formatRate(bounds.maxRatePerS)}, and no more may be offered (--max-rate)`;
    return { outcome: 'ceiling', because };
  }
  const why = `at ${formatRate(notKept.ratePerS)} ${notKept.because}`;
  if (notKept.verdict === 'generator') {
    const known = kept === undefined ? 'no rate was kept' : `${formatRate(kept)} was kept`;
    const beyond = stages
      .filter(({ verdict, ratePerS }) => isClean(verdict) && ratePerS > notKept.ratePerS)
      .map(({ ratePerS }) => ratePerS);
    const bound = beyond.length === 0 ? '' : `, ${formatRate(Math.min(...beyond))} was not`;
    return { outcome: 'inconclusive', because: `inconclusive: ${why}; ${known}${bound}` };
  }
  if (kept === undefined)
    return { outcome: 'none', because: `it does not keep ${formatRate(notKept.ratePerS)}: ${why}` };
  return { outcome: 'found', because: `it keeps ${formatRate(kept)}; ${why}` };
}
