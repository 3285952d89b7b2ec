// The commands about finished runs that are held against something: another run.
import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { Perform } from './option.ts';

/** Adds `diff`. */
export function addCertify(program: Command, io: Io, perform: Perform): void {
  program
    .command('diff')
    .description('say what is not the same in two runs: checks added, changed, gone')
    .argument('<before>', 'result.json, journal.ndjson, or the folder of a run')
    .argument('<after>', 'the same of another run')
    .option('--json', 'the whole comparison as JSON')
    .action((before: string, after: string, options: { json?: boolean }) =>
      perform(async () =>
        (await import('./commands/diff.ts')).diffCommand(io, [before, after], options),
      ),
    );
}
