// `ws-assay target`: target files that are written from what is deployed.
import type { Command } from 'commander';
import type { TargetAwsOptions } from './commands/target-aws.ts';
import type { Io } from './io.ts';
import type { Perform } from './option.ts';

/** Adds the command. */
export function addTarget(program: Command, io: Io, perform: Perform): void {
  program
    .command('target')
    .description('write the file of a target')
    .command('aws')
    .description('a target file from the outputs of a probe stack on AWS (docs/aws.md)')
    .requiredOption('--stack <name>', 'the stack')
    .option('--region <region>', 'its Region; default: AWS_REGION')
    .option('--out <file>', 'a new file; default: printed')
    .action((options: TargetAwsOptions) =>
      perform(async () => (await import('./commands/target-aws.ts')).targetAwsCommand(io, options)),
    );
}
