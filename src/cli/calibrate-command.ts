// The options of `ws-assay calibrate` and `ws-assay drift`.
import { type Command, Option } from 'commander';
import type { CalibrateOptions } from './commands/calibrate.ts';
import type { DriftOptions } from './commands/drift.ts';
import type { Io } from './io.ts';
import { collect, type Perform, positive, withNetwork } from './option.ts';

/** Adds both commands. */
export function addCalibrate(program: Command, io: Io, perform: Perform): void {
  const calibrate = program
    .command('calibrate')
    .description(
      'record what a target does where the catalogue leaves it open (docs/calibrating.md)',
    )
    .argument('[selection...]', 'scenario ids, patterns, files, suites; default: as for run');
  withRecording(calibrate)
    .option('--out <file>', 'the file to write; default: calibrations/<target>-<time>.json')
    .action((selection: string[], options: object) =>
      // commander's options are what the declarations say
      perform(async () =>
        (await import('./commands/calibrate.ts')).calibrateCommand(
          io,
          selection,
          options as CalibrateOptions,
        ),
      ),
    );
  const drift = program
    .command('drift')
    .description('say what is not as it was: two calibrations, or one and the target as it is now')
    .argument('<earlier>', 'a calibration')
    .argument('[later]', 'another one; without it: --target or --url');
  withRecording(drift)
    .option('--json', 'the whole comparison as JSON')
    .option('--out <file>', 'also keep what is recorded now')
    .action((earlier: string, later: string | undefined, options: object) =>
      // commander's options are what the declarations say
      perform(async () =>
        (await import('./commands/drift.ts')).driftCommand(
          io,
          [earlier, later],
          options as DriftOptions,
        ),
      ),
    );
}

function withRecording(command: Command): Command {
  return withNetwork(command)
    .option('--target <name|file>', 'a target: targets/<name>/target.yaml')
    .option('--url <url>', 'the endpoint itself: ws:// or wss://')
    .option('--header <name: value>', 'sent to --url (repeatable)', collect, [])
    .option(
      '--repeat <n>',
      'runs: what varies between them is told from what does not',
      positive,
      3,
    )
    .addOption(
      new Option('--tier <tier>', 'how long cases may wait: a minute, an hour, or longer')
        .choices(['fast', 'slow', 'hours'])
        .default('fast'),
    )
    .option('--var <name=value>', 'a variable (repeatable)', collect, [])
    .option(
      '--fault <name>',
      'start the embedded gateway with this fault (repeatable)',
      collect,
      [],
    )
    .option('--concurrency <n>', 'cases at a time; default: what the target bears', positive)
    .option('--seed <seed>', 'repeat a recording with the same random values');
}
