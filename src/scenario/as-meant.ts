// A document that has mistakes, as it was probably meant. The name pass works on it, so that a modifier
// in the wrong place is one mistake and not also that of every name that depends on it. Nothing is ever
// built from it.
import { VERBS } from './schema-step.ts';
import { childOf, type MapEntry, type SourceNode, textOf } from './source-node.ts';

/** Puts modifiers where they belong, and makes steps of what was meant as steps. */
export function asMeant(root: SourceNode): SourceNode {
  if (root.kind !== 'map') return root;
  const entries = root.entries.map((entry): MapEntry => {
    if (entry.key === 'steps') return { ...entry, value: straightenSteps(entry.value) };
    const judges = entry.key === 'checks' || entry.key === 'thresholds';
    return judges ? { ...entry, value: straightenChecks(entry.value) } : entry;
  });
  return { ...root, entries };
}

/** Steps without dashes are one muddled step; a verb without its colon is still that verb. */
function straightenSteps(steps: SourceNode): SourceNode {
  if (steps.kind === 'map')
    return { kind: 'list', items: [straightenStep(steps)], span: steps.span };
  return steps.kind === 'list' ? { ...steps, items: steps.items.map(straightenStep) } : steps;
}

function straightenStep(step: SourceNode): SourceNode {
  const word = textOf(step);
  if (step.kind === 'scalar' && word !== undefined && VERBS.includes(word)) {
    const value: SourceNode = { kind: 'map', entries: [], span: step.span };
    return { kind: 'map', entries: [{ key: word, keySpan: step.span, value }], span: step.span };
  }
  if (step.kind !== 'map') return step;
  const lifted = lift(step, ['as', 'connection'], VERBS);
  return { ...lifted, entries: lifted.entries.map(straightenInner) };
}

function straightenInner(entry: MapEntry): MapEntry {
  if (entry.key === 'parallel') return { ...entry, value: straightenSteps(entry.value) };
  if (entry.key !== 'repeat') return entry;
  const steps = childOf(entry.value, 'steps') ?? entry.value;
  const inner = { key: 'steps', keySpan: entry.keySpan, value: straightenSteps(steps) };
  return { ...entry, value: { kind: 'map', entries: [inner], span: entry.value.span } };
}

function straightenChecks(checks: SourceNode): SourceNode {
  if (checks.kind !== 'map') return checks;
  const entries = checks.entries.map((entry) => {
    const { value } = entry;
    return value.kind === 'map'
      ? { ...entry, value: lift(value, ['connection'], ABOUT_ONE) }
      : entry;
  });
  return { ...checks, entries };
}

const ABOUT_ONE = ['handshake', 'received', 'frames', 'closed', 'never', 'elapsed', 'of'];

type MapNode = Extract<SourceNode, { kind: 'map' }>;

/** Modifiers that were written inside an argument, moved beside it. */
function lift(map: MapNode, modifiers: readonly string[], holders: readonly string[]): MapNode {
  const missing = modifiers.filter((key) => childOf(map, key) === undefined);
  const inside = map.entries
    .filter(({ key }) => holders.includes(key))
    .flatMap(({ value }) => (value.kind === 'map' ? value.entries : []))
    .filter(({ key }) => missing.includes(key));
  return inside.length === 0 ? map : { ...map, entries: [...map.entries, ...inside] };
}
