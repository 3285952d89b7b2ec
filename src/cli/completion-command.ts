// `ws-assay completion`: a script for a shell, which asks `ws-assay complete` for what may follow.
import { Argument, type Command } from 'commander';
import { FAULTS } from '../gateway/faults.ts';
import { complete, type Words } from './complete.ts';
import { COMPLETION_SCRIPTS } from './completion-script.ts';
import type { Io } from './io.ts';
import { loadRequirements } from './library.ts';
import type { Perform } from './option.ts';
import { findScenarios, findSuites, findTargets } from './workspace.ts';

/** Adds `completion`, and `complete`, which no help shows. */
export function addCompletion(program: Command, io: Io, perform: Perform): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and ids in a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .action((shell: keyof typeof COMPLETION_SCRIPTS) =>
      perform(async () => {
        io.stdout(COMPLETION_SCRIPTS[shell]);
        return 0;
      }),
    );
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .passThroughOptions()
    .allowUnknownOption()
    .action((words: string[]) =>
      perform(async () => {
        io.stdout(
          complete(program, words, wordsOf(io))
            .map((word) => `${word}\n`)
            .join(''),
        );
        return 0;
      }),
    );
}

function wordsOf(io: Io): Words {
  return {
    scenarios: () => [...findScenarios(io).keys()],
    suites: () => [...findSuites(io).keys()],
    targets: () => [...findTargets(io).keys()],
    requirements: () => [...loadRequirements(io).byId.keys()],
    faults: () => FAULTS.map(({ name }) => name),
  };
}
