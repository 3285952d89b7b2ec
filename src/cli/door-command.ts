// The commands of the first minutes: `init` and `doctor`.
import { type Command, Option } from 'commander';
import type { DoctorOptions } from './commands/doctor.ts';
import type { InitOptions } from './commands/init.ts';
import { AUTHS, CIS } from './init-files.ts';
import type { Io } from './io.ts';
import { collect, type Perform, withNetwork, withSigning } from './option.ts';

/** Adds both. */
export function addDoor(program: Command, io: Io, perform: Perform): void {
  program
    .command('init')
    .description('write a scenario, a target and a CI file for an endpoint of your own')
    .argument('[folder]', 'where to write; default: here')
    .option('--url <url>', 'the endpoint: ws:// or wss://')
    .addOption(new Option('--auth <kind>', 'what it wants of a client').choices(AUTHS))
    .addOption(new Option('--ci <kind>', 'where it is checked after a push').choices(CIS))
    .option('--yes', 'ask nothing: what is not given is none')
    .action((folder: string | undefined, options: InitOptions) =>
      perform(async () => (await import('./commands/init.ts')).initCommand(io, folder, options)),
    );
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
