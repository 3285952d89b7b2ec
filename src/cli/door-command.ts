// The commands of the first minutes: `doctor`.
import type { Command } from 'commander';
import type { DoctorOptions } from './commands/doctor.ts';
import type { Io } from './io.ts';
import { collect, type Perform, withNetwork, withSigning } from './option.ts';

/** Adds `doctor`. */
export function addDoor(program: Command, io: Io, perform: Perform): void {
  const command = program
    .command('doctor')
    .description('look whether anything can be tested from here, and say what to do about it')
    .option('--url <url>', 'an endpoint: ws:// or wss://')
    .option('--header <name: value>', 'sent to --url (repeatable)', collect, [])
    .option('--target <name|file>', 'a target: targets/<name>/target.yaml')
    .option('--json', 'every check as JSON on stdout')
    .action((options: DoctorOptions) =>
      perform(async () => (await import('./commands/doctor.ts')).doctorCommand(io, options)),
    );
  withSigning(withNetwork(command));
}
