// A whole benchmark: single connections one after the other, then rates.
import type { Clock } from '../base/clock.ts';
import type {
  BenchEndpoint,
  BenchFigureName,
  BenchRatio,
  BenchResult,
  BenchSweep,
} from '../result/bench-result.ts';
import { closedLoop, type LoopBounds, type RoundTrip } from './closed-loop.ts';
import type { BenchTarget } from './endpoint.ts';
import { figureOf, ratioOf } from './figures.ts';
import { describeFirstMessage, findFirstMessage } from './first-message.ts';
import { closeTrip, type FirstMessage, messageTrip, type Trip } from './trip.ts';

/** What is to be measured. */
export interface BenchPlan {
  /** One, or two that are compared. */
  readonly targets: readonly BenchTarget[];
  readonly bounds: LoopBounds;
  /** What is sent for the first message; `false`: messages are not measured; undefined: what works. */
  readonly message: string | false | undefined;
  readonly timeoutMs: number;
}

/** What measuring needs, and whom it tells. */
export interface BenchIo {
  readonly clock: Clock;
  /** Aborts when it is interrupted: what was measured until then is the result. */
  readonly signal: AbortSignal;
  /** What begins now. */
  note(text: string): void;
  /** Searches rates of a target of which the figures are known; absent: none are offered. */
  readonly sweep?: (target: BenchTarget, endpoint: BenchEndpoint) => Promise<BenchSweep>;
}

/** What is known of an endpoint's messages. */
interface Known {
  readonly first: FirstMessage | undefined;
  readonly said: string;
}

/** Measures; never rejects for what an endpoint did. */
export async function runBench(
  plan: BenchPlan,
  io: BenchIo,
): Promise<Pick<BenchResult, 'endpoints' | 'ratios' | 'interrupted'>> {
  const { targets, bounds } = plan;
  io.note('connections, one after the other');
  const closing = await closedLoop(
    targets.map(
      ({ dial }) =>
        () =>
          closeTrip(dial),
    ),
    bounds,
    io,
  );
  const isUp = closing.map((trips) => trips.some(({ marks }) => marks.opened !== undefined));
  const known = await Promise.all(
    targets.map((target, at) => learn(target, plan.message, isUp[at] ?? false)),
  );
  const talking = known.some(({ first }) => first !== undefined) && !io.signal.aborted;
  if (talking) io.note('connections with a first message');
  const saying = talking
    ? await closedLoop(
        targets.map(
          ({ dial }, at) =>
            () =>
              sayOne(dial, known[at]?.first, plan.timeoutMs),
        ),
        bounds,
        io,
      )
    : targets.map(() => []);
  const ratios = comparison(targets, closing, saying);
  const endpoints = targets.map((target, at) =>
    endpointOf(target, {
      closing: closing[at] ?? [],
      saying: saying[at] ?? [],
      message: known[at],
      asked: plan.message !== false && (isUp[at] ?? false),
    }),
  );
  return {
    endpoints: await withSweeps(targets, endpoints, io),
    ratios,
    interrupted: io.signal.aborted,
  };
}

// One after the other: two at a time would be measured against each other.
async function withSweeps(
  targets: readonly BenchTarget[],
  endpoints: readonly BenchEndpoint[],
  { sweep, signal }: BenchIo,
): Promise<readonly BenchEndpoint[]> {
  const swept: BenchEndpoint[] = [];
  for (const [at, endpoint] of endpoints.entries()) {
    const target = targets[at];
    const isPointless = target === undefined || signal.aborted || typicalMs(endpoint) === undefined;
    const found = isPointless ? undefined : await sweep?.(target, endpoint);
    swept.push(found === undefined ? endpoint : { ...endpoint, sweep: found });
  }
  return swept;
}

/** What connecting takes in the median, in ms; undefined: it never went well. */
export function typicalMs({ figures }: BenchEndpoint): number | undefined {
  return figures.find(({ name }) => name === 'open')?.times?.p50Ms;
}

async function learn(
  { dial }: BenchTarget,
  message: BenchPlan['message'],
  isUp: boolean,
): Promise<Known> {
  if (message === false) return { first: undefined, said: 'not measured (--no-message)' };
  if (!isUp) return { first: undefined, said: 'not measured: no connection opened' };
  const first = await findFirstMessage(dial, message);
  return { first, said: describeFirstMessage(first) };
}

async function sayOne(
  dial: BenchTarget['dial'],
  first: FirstMessage | undefined,
  timeoutMs: number,
): Promise<Trip> {
  if (first === undefined) return { marks: {}, failure: 'no message' };
  return await messageTrip(dial, first, timeoutMs);
}

const OF_CLOSING: readonly BenchFigureName[] = ['tcp', 'tls', 'upgrade', 'open', 'close'];

function endpointOf(
  { url, address, secure, insecure }: BenchTarget,
  measured: {
    readonly closing: readonly RoundTrip[];
    readonly saying: readonly RoundTrip[];
    readonly message: Known | undefined;
    readonly asked: boolean;
  },
): BenchEndpoint {
  const { closing, saying, message, asked } = measured;
  const names = OF_CLOSING.filter((name) => secure || name !== 'tls');
  const all = [...closing, ...saying];
  const failed = all.find(({ failure }) => failure !== undefined);
  const problem = all.some(({ failure }) => failure === undefined) ? undefined : failed?.detail;
  return {
    url,
    address,
    insecure,
    message: message?.said ?? '',
    figures: [
      ...names.map((name) => figureOf(name, closing)),
      ...(asked ? [figureOf('message', saying)] : []),
    ],
    ...(problem === undefined ? {} : { problem }),
  };
}

function comparison(
  targets: readonly BenchTarget[],
  closing: readonly (readonly RoundTrip[])[],
  saying: readonly (readonly RoundTrip[])[],
): readonly BenchRatio[] {
  if (targets.length < 2) return [];
  const [first = [], second = []] = closing;
  const [firstSaid = [], secondSaid = []] = saying;
  return [
    ...OF_CLOSING.flatMap((name) => ratioOf(name, first, second) ?? []),
    ...[ratioOf('message', firstSaid, secondSaid)].filter((one) => one !== undefined),
  ];
}
