// The baseline file that a command works with: read, parsed, and held against the scenarios it names.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ToolError } from '../base/errors.ts';
import { type ListedCheck, listChecks } from '../scenario/cross-check.ts';
import {
  type Diagnostic,
  type DiagnosticCode,
  hasErrors,
  renderDiagnostics,
} from '../scenario/diagnostic.ts';
import { takeApart } from '../scenario/select.ts';
import {
  type Baseline,
  expiresSoon,
  otherTarget,
  parseBaseline,
  unknownChecks,
} from '../target/baseline.ts';
import type { Target } from '../target/model.ts';
import type { Io } from './io.ts';
import { loadScenarios } from './library.ts';
import { describe, type FoundFile, findScenarios, readText, scenarioFilesAt } from './workspace.ts';

/** A baseline file as it was read. */
export interface ReadBaseline {
  readonly text: string;
  /** Undefined where mistakes of its own keep it from being used. */
  readonly baseline: Baseline | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** The file that `--baseline` names, else the target's own; undefined: there is none. */
export function baselineFileOf(
  io: Io,
  { baseline }: { readonly baseline?: string | boolean },
  target: Pick<Target, 'baseline'>,
): FoundFile | undefined {
  if (baseline === false) return undefined;
  const path = typeof baseline === 'string' ? resolve(io.cwd, baseline) : target.baseline;
  return path === undefined ? undefined : describe(io, path);
}

/**
 * Reads a file and finds every mistake, also entries about checks that no scenario has.
 *
 * @param leaveOpen codes of mistakes that the caller will correct
 */
export async function readBaseline(
  io: Io,
  found: FoundFile,
  leaveOpen: readonly DiagnosticCode[] = [],
): Promise<ReadBaseline> {
  const text = readText(found.path);
  const parsed = parseBaseline({ file: found.shown, text }, leaveOpen);
  if ('diagnostics' in parsed) {
    return { text, baseline: undefined, diagnostics: parsed.diagnostics };
  }
  const { baseline } = parsed;
  const unknown = leaveOpen.includes('BSL_UNKNOWN_CHECK')
    ? []
    : unknownChecks(baseline, await checksNamedBy(io, baseline));
  return { text, baseline, diagnostics: unknown };
}

/**
 * The baseline of a run, and what a person should know of it.
 *
 * @throws {ToolError} FILE_UNREADABLE, FILE_INVALID with every mistake
 */
export async function demandBaseline(
  io: Io,
  found: FoundFile,
  target: Target,
): Promise<{ readonly baseline: Baseline; readonly notices: string }> {
  if (!existsSync(found.path)) throw noSuchFile(found);
  const { text, baseline, diagnostics } = await readBaseline(io, found);
  const today = new Date(io.clock.wallMs()).toISOString().slice(0, 10);
  const all =
    baseline === undefined
      ? diagnostics
      : [...diagnostics, ...otherTarget(baseline, target), ...expiresSoon(baseline, today)];
  const rendered = renderDiagnostics(all, { [found.shown]: text });
  if (baseline === undefined || hasErrors(all)) throw new ToolError('FILE_INVALID', rendered);
  return { baseline, notices: rendered };
}

function noSuchFile({ shown }: FoundFile): ToolError {
  return new ToolError('FILE_UNREADABLE', `There is no baseline ${shown}.`, {
    hint: 'ws-assay baseline update --target <name> makes one from a run; --no-baseline runs without.',
  });
}

/** The checks of every scenario that an entry names. */
async function checksNamedBy(io: Io, { entries }: Baseline): Promise<readonly ListedCheck[]> {
  const names = new Set(entries.map(({ check }) => takeApart(check).scenario));
  const files = new Map(
    [...names].flatMap((id) => filesFor(io, id)).map((file) => [file.path, file]),
  );
  // What is wrong with them is said where they are run or validated.
  const { loaded } = await loadScenarios([...files.values()]);
  const checks = loaded.flatMap(({ scenario }) => listChecks(scenario));
  // A near miss in the name of a scenario is worth a suggestion as well.
  return files.size === names.size ? checks : [...checks, ...(await allChecks(io))];
}

async function allChecks(io: Io): Promise<readonly ListedCheck[]> {
  const { loaded } = await loadScenarios([...findScenarios(io).values()]);
  return loaded.flatMap(({ scenario }) => listChecks(scenario));
}

/** Below `scenarios/`, else a file anywhere, whose id is its path; `file/name` is of a module. */
function filesFor(io: Io, id: string): readonly FoundFile[] {
  const known = findScenarios(io).get(id);
  if (known !== undefined) return [known];
  const module = id.replace(/\/[^/]*$/, '');
  const names = [
    ...['yaml', 'yml'].map((ending) => `${id}.${ending}`),
    ...[id, module].flatMap((path) => ['mjs', 'js', 'mts', 'ts'].map((end) => `${path}.${end}`)),
  ];
  const [first] = names.filter((name) => existsSync(resolve(io.cwd, name)));
  return first === undefined ? [] : (scenarioFilesAt(io, first) ?? []);
}
