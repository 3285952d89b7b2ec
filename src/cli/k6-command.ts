// `ws-assay export` and `ws-assay import`: loads that k6 sends where one machine is not enough.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type K6Version, readK6Version } from '../k6/dialect.ts';
import type { ExportK6Options } from './commands/export-k6.ts';
import type { ImportK6Options } from './commands/import-k6.ts';
import type { Io } from './io.ts';
import { collect, type Perform, positive } from './option.ts';

/** Adds both. */
export function addK6(program: Command, io: Io, perform: Perform): void {
  const exporting = program.command('export').description('write a load for another tool');
  withTarget(exporting.command('k6'))
    .description('write a load scenario as a typed script for k6, or as a TestRun for Kubernetes')
    .argument('<scenario>', 'id or file of a load scenario')
    .requiredOption('--out <folder>', 'where to write')
    .option('--seed <seed>', 'decides who ends how; default: drawn')
    .option(
      '--k6-version <version>',
      'the k6 that shall run it: 1.0 to 1.5 have another module',
      k6Version,
    )
    .option('--kubernetes', 'a TestRun of k6-operator beside it')
    .option('--parallelism <n>', 'pods that share the load', positive)
    .action((id: string, options: ExportK6Options) =>
      perform(async () =>
        (await import('./commands/export-k6.ts')).exportK6Command(io, id, options),
      ),
    );
  const importing = program.command('import').description('read what another tool measured');
  withTarget(importing.command('k6'))
    .description(
      'judge what k6 measured with an exported script: any number of runners, one result',
    )
    .argument(
      '<files...>',
      'what k6 wrote with --out json=…, plain or .gz; or summaries, for what they hold',
    )
    .option(
      '--scenario <id>',
      'id or file of the load scenario; default: the one the script was made of',
    )
    .option('--out <folder>', 'where the reports go; default: reports/<run>')
    .addOption(
      new Option('--fail-on <level>', 'fail for violated SHOULD requirements, too')
        .choices(['must', 'should'])
        .default('must'),
    )
    .addOption(
      new Option('--junit-dialect <dialect>', 'how the JUnit file is written')
        .choices(['ci', 'xunit-strict'])
        .default('ci'),
    )
    .action((files: string[], options: ImportK6Options) =>
      perform(async () =>
        (await import('./commands/import-k6.ts')).importK6Command(io, files, options),
      ),
    );
}

function withTarget(command: Command): Command {
  return command
    .option('--url <url>', 'the endpoint')
    .option('--target <target>', 'name, folder or file of a target')
    .option('--header <name:value>', 'a header of every request (repeatable)', collect, [])
    .option('--var <name=value>', 'a variable of the scenario (repeatable)', collect, []);
}

function k6Version(text: string): K6Version {
  const version = readK6Version(text);
  if (version !== undefined) return version;
  throw new InvalidArgumentError('Write a version of k6 from 1.0 on: 1.5, 2.2.');
}
