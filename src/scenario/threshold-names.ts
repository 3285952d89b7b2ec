// What cannot be told from the shape of a threshold: ids that are taken, names that do not belong,
// and groups that are too small to ever decide it.
import { compareInterval, samplesToDecide, wilson } from '../base/interval.ts';
import { leastSamples } from '../base/percentile.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Reference, referencesIn } from './reference.ts';
import { PERCENTILES } from './schema-threshold.ts';
import { childOf, entriesOf, entryOf, type MapEntry, type SourceNode } from './source-node.ts';
import { buildShare, statisticEntry } from './statistic.ts';

/** What the steps have told. */
export interface Around {
  readonly found: Diagnostic[];
  /** Connections that the steps make; several of them have to be told apart. */
  readonly connections: number;
  /** An example of their names. */
  readonly example: string;
  /** How many members the connections named have at most; undefined: not known. Reports wrong names. */
  readonly membersOf: (connection: SourceNode | undefined) => number | undefined;
  /** Reports a name or a path that is wrong. */
  readonly checkReference: (reference: Reference) => void;
  readonly isOpen: (node: SourceNode | undefined) => boolean;
}

/** Reports every use of a name that does not fit, and every threshold that nothing can decide. */
export function checkThresholds(root: SourceNode, around: Around): void {
  const checks = childOf(root, 'checks');
  for (const entry of entriesOf(childOf(root, 'thresholds'))) {
    if (entryOf(checks, entry.key) !== undefined) takenId(entry, around);
    checkThreshold(entry, around);
  }
}

function takenId({ key, keySpan }: MapEntry, { found }: Around): void {
  const message = `"${key}" is the id of a check`;
  const hint = 'choose another id: they are unique across both';
  found.push({ code: 'SCN_DUPLICATE_NAME', severity: 'error', span: keySpan, message, hint });
}

function checkThreshold({ keySpan, value }: MapEntry, around: Around): void {
  const { found, connections, example } = around;
  const given = childOf(value, 'connection');
  const members = around.membersOf(given);
  for (const reference of referencesIn(childOf(value, 'of') ?? value)) {
    if (reference.connection === undefined) around.checkReference(reference);
    else namedInside(reference, around);
  }
  if (given === undefined && connections > 1 && value.kind === 'map') {
    const message = 'with several connections a threshold has to say which ones it is about';
    const hint = `add connection: ${example}`;
    found.push({ code: 'SCN_NAME_NEEDED', severity: 'error', span: keySpan, message, hint });
  } else if (members !== undefined) {
    tooFewSamples(value, {
      found,
      members,
      more: (least) => `connect ${least} or more`,
      example: (least) => `: connect: { count: ${least} }`,
    });
  }
  for (const entry of entriesOf(value)) {
    const hint = OF_LOADS[entry.key];
    if (hint === undefined) continue;
    const message = `"${entry.key}" does not belong here`;
    found.push({ code: 'SCN_MISPLACED', severity: 'error', span: entry.keySpan, message, hint });
  }
}

/** What only a load or a throttle has. */
const OF_LOADS: Readonly<Record<string, string>> = {
  rate: 'a rate is per second of a load phase, and steps have none: write count or share',
  estimate: 'an estimate is of a limiter, which a throttle finds out: write throttle: { offer: … }',
  during: 'during is about a phase of a load, and steps have none',
  abort: 'abort ends a load early; steps run to their end',
};

function namedInside({ node }: Reference, { found, isOpen }: Around): void {
  if (isOpen(node)) return;
  const message = 'a threshold judges each connection by itself';
  const hint = 'leave the name out and write connection beside of';
  found.push({ code: 'SCN_MISPLACED', severity: 'error', span: node.span, message, hint });
}

/** A group of which the size is known. */
interface Sized {
  readonly found: Diagnostic[];
  readonly members: number;
  /** What makes more of them: `connect 20 or more`. */
  readonly more: (least: number) => string;
  readonly example?: (least: number) => string;
}

/** Warns of a threshold that so many samples can never decide. */
export function tooFewSamples(threshold: SourceNode, sized: Sized): void {
  const statistic = statisticEntry(threshold);
  if (statistic === undefined) return;
  const { key, keySpan, value } = statistic;
  const problem =
    key === 'share'
      ? shareProblem(buildShare(value, threshold), sized)
      : percentileProblem(key, sized);
  if (problem === undefined) return;
  sized.found.push({
    code: 'SCN_TOO_FEW_SAMPLES',
    severity: 'warning',
    span: keySpan,
    ...problem,
  });
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

function percentileProblem(name: string, sized: Sized): Problem | undefined {
  const least = leastSamples(PERCENTILES[name] ?? 1);
  if (sized.members >= least || !Object.hasOwn(PERCENTILES, name)) return undefined;
  const message = `${counted(sized.members)} can never decide ${name}`;
  return { message, hint: `${sized.more(least)}${sized.example?.(least) ?? ''}` };
}

// Too few to pass, whatever comes: such a threshold can only fail, or say that it does not know.
function shareProblem(
  { want, confidence }: ReturnType<typeof buildShare>,
  sized: Sized,
): Problem | undefined {
  const { members } = sized;
  const { gte, lte } = want;
  if (want.is !== undefined || !isShare(gte) || !isShare(lte) || Number.isNaN(confidence)) {
    return undefined;
  }
  const bounds = { gte, lte };
  if (mayPass(members, { bounds, confidence })) return undefined;
  const message = `${counted(members)} can never show this share, whatever they come to`;
  return { message, hint: advice(sized, { bounds, confidence }) };
}

interface Question {
  readonly bounds: { readonly gte: number | undefined; readonly lte: number | undefined };
  readonly confidence: number;
}

// The lowest end of the interval that is high enough leaves the most room below the upper bound.
function mayPass(samples: number, { bounds, confidence }: Question): boolean {
  let [few, many] = [0, samples];
  while (few < many) {
    const held = Math.floor((few + many) / 2);
    if (wilson({ held, samples }, confidence).low >= (bounds.gte ?? 0)) many = held;
    else few = held + 1;
  }
  return compareInterval(wilson({ held: few, samples }, confidence), bounds) === 'inside';
}

function advice({ members: samples, more }: Sized, { bounds, confidence }: Question): string {
  const { gte, lte } = bounds;
  if (gte === 1) return 'write share: 100%, which is about this sample';
  if (lte === 0) return 'write share: 0%, which is about this sample';
  if (gte !== undefined && lte !== undefined)
    return `${more(0).split(' ')[0]} more, or ask for less`;
  const held = gte === undefined ? 0 : samples;
  const least = samplesToDecide({ held, samples }, { bounds, confidence });
  return `${more(least)}, or write share: ${gte === undefined ? '0%' : '100%'}, which is about this sample`;
}

function isShare(value: number | undefined): boolean {
  return value === undefined || value <= 1;
}

function counted(members: number): string {
  return members === 1 ? '1 connection' : `${members} connections`;
}
