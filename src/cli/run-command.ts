// `run`, and the commands that make reports of what it saved.
import { type Command, Option } from 'commander';
import type { RunOptions } from './commands/run.ts';
import type { Io } from './io.ts';
import {
  amount,
  collect,
  duration,
  junitDialect,
  type Perform,
  positive,
  shard,
  tierOption,
  withNetwork,
  withSigning,
} from './option.ts';

/** Adds `run`. */
export function addRun(program: Command, io: Io, perform: Perform): void {
  withSigning(withNetwork(program.command('run')))
    .description(
      'run scenarios against an endpoint; default: suite aws-apigateway on the embedded gateway',
    )
    .argument('[selection...]', 'scenario ids or patterns, scenario files, folders, suites')
    .option('--url <url>', 'the endpoint itself: ws:// or wss://')
    .option(
      '--header <name: value>',
      'sent to --url where a scenario names no credentials (repeatable)',
      collect,
      [],
    )
    .option('--target <name|file>', 'a target: targets/<name>/target.yaml')
    .option('--profile <name>', 'one profile of the suite')
    .option('--tag <tag>', 'only scenarios with this tag (repeatable)', collect, [])
    .option('--exclude-tag <tag>', 'no scenarios with this tag (repeatable)', collect, [])
    .addOption(tierOption())
    .option('--var <name=value>', 'a variable (repeatable)', collect, [])
    .option(
      '--fault <name>',
      'start the embedded gateway with this fault (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--fail-on <level>', 'what fails the run')
        .choices(['must', 'should'])
        .default('must'),
    )
    .addOption(
      new Option('--reporter <name>', 'console on stderr, or one of the others on stdout')
        .choices(['console', 'github', 'json', 'junit', 'markdown', 'ndjson'])
        .default('console'),
    )
    .addOption(junitDialect())
    .option('--out <folder>', 'where reports go; default: reports/<run>')
    .option('--concurrency <n>', 'cases at a time; default: what the target bears', positive)
    .option('--baseline <file>', "known deviations; default: the target's own baseline")
    .option('--no-baseline', 'count known deviations as failures')
    .option('--seed <seed>', 'repeat a run with the same random values')
    .option(
      '--allow-host <host>',
      'you may put this host under load; this machine needs no leave (repeatable)',
      collect,
      [],
    )
    .option('--workers <n>', 'processes that send a load; default: as many as it needs', positive)
    .option('--precise', 'a load spins instead of waiting: a core a worker for a closer schedule')
    .addOption(
      new Option('--engine <engine>', 'who sends a load')
        .choices(['builtin', 'k6'])
        .default('builtin'),
    )
    .option('--segments <n>', 'processes of k6 that share a load', positive)
    .addOption(
      new Option(
        '--shard <i/n>',
        'only this part of the cases; report merge puts the parts together',
      ).argParser(shard),
    )
    .option('--only-failed <run>', 'only cases that failed, or could not be tested, in this run')
    .option(
      '--wait-for-target <duration>',
      'first wait so long at most until it answers, with anything but 502, 503, 504',
      duration,
    )
    .option('--dry-run', 'print what would run, how long at most, and what it costs')
    .option(
      '--max-cost <amount>',
      "open nothing if it may cost more, by the target's price list",
      amount,
    )
    .action((selection: string[], options: object) =>
      // commander's options are what the declarations above say
      perform(async () =>
        (await import('./commands/run.ts')).runCommand(io, selection, options as RunOptions),
      ),
    );
}

/** Adds `report` and `report merge`. */
export function addReport(program: Command, io: Io, perform: Perform): void {
  const report = program
    .command('report')
    .description('make every report again from a saved run')
    .argument('<result>', 'result.json, journal.ndjson, or the folder of a run')
    .option('--out <folder>', 'where to write; default: beside the result')
    .addOption(junitDialect())
    .action((result: string, options: { out?: string; junitDialect: 'ci' | 'xunit-strict' }) =>
      perform(async () =>
        (await import('./commands/report.ts')).reportCommand(io, result, options),
      ),
    );
  // Both have --out: the one behind `merge` is that of merge.
  report.enablePositionalOptions();
  report
    .command('merge')
    .description('put the parts of a run (--shard) together: one result, one set of reports')
    .argument('<results...>', 'result.json, journal.ndjson, or the folder of each part')
    .option('--out <folder>', 'where to write; default: reports/<run>-merged')
    .addOption(junitDialect())
    .action((results: string[], options: { out?: string; junitDialect: 'ci' | 'xunit-strict' }) =>
      perform(async () =>
        (await import('./commands/report-merge.ts')).reportMergeCommand(io, results, options),
      ),
    );
}
