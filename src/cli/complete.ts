// What may follow on a command line that is being written. Pure: the words of this place are asked for by name.
import type { Command, Option } from 'commander';

/** Where words that are no part of the command line itself come from. */
export interface Words {
  readonly scenarios: () => readonly string[];
  readonly suites: () => readonly string[];
  readonly targets: () => readonly string[];
  readonly requirements: () => readonly string[];
  readonly faults: () => readonly string[];
}

/** What may stand for the last of the words behind the program's name; empty: a file, or anything. */
export function complete(
  program: Command,
  words: readonly string[],
  known: Words,
): readonly string[] {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, path } = commandOf(program, before);
  return candidates({ command, path, before, current }, known)
    .filter((one) => one.startsWith(current))
    .toSorted();
}

interface Line {
  readonly command: Command;
  /** `report merge`; empty for none. */
  readonly path: string;
  readonly before: readonly string[];
  readonly current: string;
}

function candidates({ command, path, before, current }: Line, known: Words): readonly string[] {
  const options = command.createHelp().visibleOptions(command);
  const asked = options.find(
    (one) => takesValue(one) && [one.long, one.short].includes(before.at(-1)),
  );
  if (asked !== undefined) return valuesOf(asked, known);
  if (current.startsWith('-')) return options.flatMap(({ long }) => long ?? []);
  return [...subcommandsOf(command), ...(ARGUMENTS[path]?.(known) ?? [])];
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function valuesOf({ long, argChoices }: Option, known: Words): readonly string[] {
  if (argChoices !== undefined) return argChoices;
  if (long === '--target') return known.targets();
  if (long === '--fault') return known.faults();
  return long === '--scenario' ? known.scenarios() : [];
}

const whatRuns = ({ suites, scenarios }: Words): readonly string[] => [...suites(), ...scenarios()];

const ARGUMENTS: Readonly<Record<string, (known: Words) => readonly string[]>> = {
  run: whatRuns,
  list: whatRuns,
  explain: ({ scenarios, requirements }) => [...scenarios(), ...requirements()],
  calibrate: ({ suites }) => suites(),
  'baseline update': ({ suites }) => suites(),
  'export k6': ({ scenarios }) => scenarios(),
  selftest: ({ faults }) => faults(),
  completion: () => ['bash', 'zsh', 'fish'],
};

function subcommandsOf(command: Command): readonly string[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown
    .map((one) => one.name())
    .filter((name) => name !== 'help' || command.parent === null);
}

function commandOf(program: Command, words: readonly string[]): Pick<Line, 'command' | 'path'> {
  let command = program;
  const path: string[] = [];
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) continue;
    command = next;
    path.push(word);
  }
  return { command, path: path.join(' ') };
}
