// The second pass over a load or a throttle: shares that add up, names of phases, and what can be
// asked of attempts of which only a few numbers are kept.
import { buildPhase, phaseName } from './build-load.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import { arrivalsOf, lastsMs } from './load-model.ts';
import { checkLoadThresholds, type LoadPhases } from './load-threshold-names.ts';
import { isOpen } from './name-scope.ts';
import { CLIENT, type Names } from './names.ts';
import { PERCENT } from './schema-matcher.ts';
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  textOf,
} from './source-node.ts';

/** The entry of what drives a document, where that is no steps. */
export function loadEntry(root: SourceNode): MapEntry | undefined {
  if (entryOf(root, 'steps') !== undefined) return undefined;
  return entryOf(root, 'load') ?? entryOf(root, 'throttle');
}

/** Reports what does not fit in a load or a throttle. The tree may have mistakes. */
export function checkLoad(root: SourceNode, driver: MapEntry, found: Diagnostic[]): Names {
  const { key, value } = driver;
  checkAround(root, key, found);
  checkShares(childOf(value, 'connect'), 'the attempts', found);
  checkShares(childOf(value, 'endings'), 'the connections', found);
  for (const plans of backendsOf(value)) checkHolds(plans, found);
  const phases = phasesOf(value, found);
  checkLoadThresholds(root, { driver: key, phases, endings: endingShares(value), found });
  return { connections: [CLIENT], calls: new Map() };
}

function report(
  found: Diagnostic[],
  problem: Omit<Diagnostic, 'severity' | 'code'> & { readonly code: DiagnosticCode },
): void {
  found.push({ severity: 'error', ...problem });
}

function checkAround(root: SourceNode, driver: string, found: Diagnostic[]): void {
  const checks = entryOf(root, 'checks');
  if (checks !== undefined) {
    const message = `a ${driver} has thresholds and no checks`;
    const hint = 'write thresholds: a check of each connection is share: 100%, of: { … }';
    report(found, { code: 'SCN_MISPLACED', span: checks.keySpan, message, hint });
  }
  const isolation = entryOf(root, 'isolation');
  if (textOf(isolation?.value) !== 'shared' || isolation === undefined) return;
  const message = `a ${driver} runs alone`;
  const hint = 'leave isolation out: it is exclusive';
  report(found, { code: 'SCN_MISPLACED', span: isolation.value.span, message, hint });
}

// Of the digits: 0.1 + 0.2 is not 0.3 in binary.
const HUNDREDTHS = 1e6;

function checkShares(list: SourceNode | undefined, what: string, found: Diagnostic[]): void {
  const items = itemsOf(list);
  if (list === undefined || items.length === 0) return;
  if (items.length > 1) {
    for (const item of items.filter((one) => one.kind === 'map')) {
      if (entryOf(item, 'share') !== undefined) continue;
      const message = '"share" is missing';
      const hint = `add share: 50%, its part of ${what}`;
      report(found, { code: 'SCN_MISSING_KEY', span: item.span, message, hint });
    }
  }
  const shares = items.map((item) => childOf(item, 'share'));
  if (items.length === 1 && shares[0] === undefined) return;
  const parts = shares.map((one) => PERCENT.exec(textOf(one) ?? '')?.[1]);
  if (shares.some(isOpen) || parts.includes(undefined)) return;
  const sum = parts.reduce((all, one) => all + Math.round(Number(one) * HUNDREDTHS), 0);
  if (sum === 100 * HUNDREDTHS) return;
  const message = `the shares add up to ${sum / HUNDREDTHS}%`;
  const hint = 'change them so that they add up to 100%';
  const span = shares.at(-1)?.span ?? list.span;
  report(found, { code: 'SCN_BAD_VALUE', span, message, hint });
}

function backendsOf(driver: SourceNode): readonly SourceNode[] {
  const connect = childOf(driver, 'connect');
  const connects = connect?.kind === 'list' ? connect.items : [connect];
  return connects.flatMap((one) => childOf(one, 'backend') ?? []);
}

function checkHolds(backend: SourceNode, found: Diagnostic[]): void {
  for (const { value } of entriesOf(backend)) {
    const hold = entryOf(value, 'hold');
    if (hold === undefined) continue;
    const message = 'nothing releases what a load holds';
    const hint = 'write delay: 1s instead';
    report(found, { code: 'SCN_MISPLACED', span: hold.keySpan, message, hint });
  }
}

/** The phases by name, with what they schedule. Reports names that are taken. */
function phasesOf(driver: SourceNode, found: Diagnostic[]): LoadPhases {
  const phases = new Map<string, { arrivals: number; ms: number }>();
  let isOpenEnded = false;
  for (const [index, phase] of itemsOf(childOf(driver, 'phases')).entries()) {
    const name = phaseName(phase, index);
    const given = childOf(phase, 'name');
    if (phases.has(name)) {
      const span = given?.span ?? phase.span;
      const hint = 'choose another name';
      report(found, { code: 'SCN_DUPLICATE_NAME', span, message: `"${name}" is taken`, hint });
      continue;
    }
    isOpenEnded ||= isOpen(given) || entriesOf(phase).some(({ value }) => isOpen(value));
    const parts = buildPhase(phase, index);
    phases.set(name, {
      arrivals: parts.reduce((sum, one) => sum + arrivalsOf(one), 0),
      ms: parts.reduce((sum, one) => sum + lastsMs(one), 0),
    });
  }
  return { byName: phases, isOpen: isOpenEnded };
}

/** The shares of the endings by their words; undefined where a variable hides one. */
function endingShares(driver: SourceNode): ReadonlyMap<string, number> | undefined {
  const items = itemsOf(childOf(driver, 'endings'));
  const shares = new Map<string, number>();
  for (const item of items) {
    const verb = entriesOf(item).find(({ key }) => key !== 'share');
    const share = childOf(item, 'share');
    if (verb === undefined || isOpen(share) || isOpen(verb.value)) return undefined;
    const word = verb.key === 'drop' ? (textOf(verb.value) ?? '') : verb.key;
    const part = share === undefined ? 1 : Number(PERCENT.exec(textOf(share) ?? '')?.[1]) / 100;
    shares.set(word, (shares.get(word) ?? 0) + part);
  }
  return items.length === 0 ? new Map([['close', 1]]) : shares;
}
