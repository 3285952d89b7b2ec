// The command line: arguments in, one call, exit code out. A command's code is loaded when it is called.
import { Command, CommanderError, Option } from 'commander';
import { messageOf, ToolError } from '../base/errors.ts';
import { visible } from '../base/visible.ts';
import { addBench } from './bench-command.ts';
import { addCalibrate } from './calibrate-command.ts';
import { addCertify } from './certify-command.ts';
import type { BaselineUpdateOptions } from './commands/baseline.ts';
import type { GatewayOptions } from './commands/gateway.ts';
import type { ListOptions } from './commands/list.ts';
import type { ReconcileOptions } from './commands/reconcile.ts';
import type { SelftestCommandOptions } from './commands/selftest.ts';
import { addCompletion } from './completion-command.ts';
import { withChoice } from './did-you-mean.ts';
import { addDoor } from './door-command.ts';
import { addExamples } from './examples.ts';
import type { Io } from './io.ts';
import { addK6 } from './k6-command.ts';
import {
  collect,
  count,
  junitDialect,
  type Perform,
  positive,
  tierOption,
  withNetwork,
} from './option.ts';
import { addReport, addRun } from './run-command.ts';
import { addTarget } from './target-command.ts';

/** Runs one command and resolves with the exit code (docs/exit-codes.md). Never rejects. */
export async function main(io: Io): Promise<number> {
  let code = 0;
  const program = buildProgram(io, async (command) => {
    code = await command();
  });
  try {
    await program.parseAsync([...io.argv], { from: 'user' });
    return code;
  } catch (thrown) {
    return exitCodeOfThrown(io, thrown);
  }
}

function buildProgram(io: Io, perform: Perform): Command {
  const program = new Command('ws-assay')
    .description(
      'Conformance and load testing for the moment a WebSocket connection begins and ends',
    )
    .version(io.version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: (text, write) => write(withChoice(text)),
    })
    .showHelpAfterError('(add --help for the options)')
    .showSuggestionAfterError()
    .enablePositionalOptions();
  addDoor(program, io, perform);
  addRun(program, io, perform);
  addBench(program, io, perform);
  addBaseline(program, io, perform);
  addCalibrate(program, io, perform);
  addCertify(program, io, perform);
  addList(program, io, perform);
  program
    .command('explain')
    .description('show what a scenario does, what it needs, and what its checks rest on')
    .argument('<id>', 'scenario, check or requirement id')
    .action((id: string) =>
      perform(async () => (await import('./commands/explain.ts')).explainCommand(io, id)),
    );
  program
    .command('validate')
    .description(
      'check scenario, target, suite, requirement and baseline files; every mistake at once',
    )
    .argument('[files...]', 'files or folders; default: everything here')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action((files: string[], options: { format: 'text' | 'json' }) =>
      perform(async () =>
        (await import('./commands/validate.ts')).validateCommand(io, files, options),
      ),
    );
  addK6(program, io, perform);
  addGateway(program, io, perform);
  addTarget(program, io, perform);
  addSelftest(program, io, perform);
  addReport(program, io, perform);
  program
    .command('reconcile')
    .description('count the events of finished loads again, from the log that their backend keeps')
    .argument('<run>', 'the folder of a run')
    .option('--target <target>', 'the target of that run: its observer is a file')
    .option('--var <name=value>', 'a variable of its scenarios (repeatable)', collect, [])
    .option('--out <folder>', 'where to write; default: reconciled in the folder of the run')
    .addOption(junitDialect())
    .action((folder: string, options: object) =>
      perform(async () =>
        (await import('./commands/reconcile.ts')).reconcileCommand(
          io,
          folder,
          options as ReconcileOptions,
        ),
      ),
    );
  addCompletion(program, io, perform);
  addExamples(program);
  return program;
}

function addBaseline(program: Command, io: Io, perform: Perform): void {
  const baseline = program
    .command('baseline')
    .description('keep the known deviations of a target (docs/baselines.md)');
  const update = withNetwork(baseline.command('update'))
    .description('run whole suites and write what deviates into the baseline')
    .argument('[suites...]', 'suites, or folders of scenarios; default: as for run')
    .option('--target <name|file>', 'a target: targets/<name>/target.yaml')
    .option('--url <url>', 'the endpoint itself; with --baseline')
    .option('--baseline <file>', "the file to write; default: the target's own")
    .option('--reason <text>', 'of new entries; without it each has to be written by hand')
    .option('--expires <date>', 'last day of new entries, 2027-03-01; default: in 90 days')
    .addOption(tierOption())
    .option('--var <name=value>', 'a variable (repeatable)', collect, [])
    .option('--out <folder>', 'where reports go; default: reports/<run>')
    .option('--concurrency <n>', 'cases at a time; default: what the target bears', positive)
    .option('--seed <seed>', 'repeat a run with the same random values');
  for (const filter of ['--tag <tag>', '--exclude-tag <tag>', '--profile <name>']) {
    update.addOption(new Option(filter).hideHelp());
  }
  update.action((suites: string[], options: object) =>
    // commander's options are what the declarations above say
    perform(async () =>
      (await import('./commands/baseline.ts')).baselineUpdateCommand(
        io,
        suites,
        options as BaselineUpdateOptions,
      ),
    ),
  );
}

function addList(program: Command, io: Io, perform: Perform): void {
  program
    .command('list')
    .description('list scenarios with their checks')
    .argument('[selection...]', 'ids, patterns, files, suites')
    .option('--requirements', 'list requirements with the checks that test them')
    .option('--targets', 'list targets')
    .option('--faults', "list the embedded gateway's faults with the checks they break")
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action((selection: string[], options: object) =>
      // commander's options are what the declarations above say
      perform(async () =>
        (await import('./commands/list.ts')).listCommand(io, selection, options as ListOptions),
      ),
    );
}

function addSelftest(program: Command, io: Io, perform: Perform): void {
  program
    .command('selftest')
    .description(
      'start the embedded gateway with each fault and require exactly the checks it breaks',
    )
    .argument('[faults...]', 'names of faults; default: all')
    .option('--full', 'every fault against every case, not only those it names and a sample')
    .option('--others <n>', 'size of that sample, drawn anew for each fault; default: 6', count)
    .option('--matrix <file>', 'write what breaks what, of all faults (docs/kill-matrix.md)')
    .option('--seed <seed>', 'draw the same cases and random values again')
    .option('--at-once <n>', 'gateways at a time; default: 12, with --full 6', positive)
    .action((faults: string[], options: SelftestCommandOptions) =>
      perform(async () =>
        (await import('./commands/selftest.ts')).selftestCommand(io, faults, options),
      ),
    );
}

function addGateway(program: Command, io: Io, perform: Perform): void {
  program
    .command('gateway')
    .description('start the reference API Gateway WebSocket API')
    .argument('[template]', 'a CloudFormation or SAM template; its WebSocket APIs are served')
    .option('--parameter <name=value>', 'a parameter of the template (repeatable)', collect, [])
    .option('--import <name=value>', "another stack's export (repeatable)", collect, [])
    .option('--config <file>', 'its configuration; default: the embedded one')
    .option('--host <address>', 'address to bind', '127.0.0.1')
    .option('--port <api=port>', 'port of one API (repeatable); default: free ones', collect, [])
    .option('--fault <name>', 'a named fault (repeatable)', collect, [])
    .option('--cert <file>', 'serve TLS with this certificate (PEM)')
    .option('--key <file>', 'and this key')
    .option('--provisioned <n>', 'start at most this much of a provisioned concurrency', count)
    .option('--exit-with-stdin', 'end when the standard input ends')
    .action((template: string | undefined, options: object) =>
      // commander's options are what the declarations above say
      perform(async () =>
        (await import('./commands/gateway.ts')).gatewayCommand(
          io,
          template,
          options as GatewayOptions,
        ),
      ),
    );
}

/** Says what was thrown and returns the exit code that it stands for (docs/exit-codes.md). */
export function exitCodeOfThrown(io: Io, thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof ToolError && thrown.code !== 'INTERNAL') {
    const hint = thrown.hint === undefined ? '' : `\n${visible(thrown.hint, true)}`;
    // A place stands at the beginning of its line, where terminals make a link of it.
    const who = /^\S+:\d+:\d+ - /.test(thrown.message) ? '' : 'ws-assay: ';
    io.stderr(`${who}${visible(thrown.message, true)}${hint}\n`);
    return EXIT_CODES[thrown.code] ?? 2;
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  io.stderr(
    `ws-assay: internal error: ${visible(messageOf(thrown))}\n${visible(stack ?? '', true)}\n` +
      'This is a bug of ws-assay. Please report it with the lines above.\n',
  );
  return 70;
}

const EXIT_CODES: Readonly<Partial<Record<ToolError['code'], number>>> = {
  USAGE: 2,
  NOTHING_MATCHED: 2,
  FILE_UNREADABLE: 2,
  FILE_INVALID: 2,
  GATEWAY_CONFIG: 2,
  CERTIFICATE_REFUSED: 2,
  PORT_UNAVAILABLE: 3,
  STACK_UNREADABLE: 3,
  TARGET_UNREACHABLE: 3,
  ENGINE_UNAVAILABLE: 3,
  TARGET_LAUNCH_FAILED: 3,
  TARGET_DIED: 3,
  OBSERVER_SILENT: 3,
  OBSERVER_FAILED: 3,
  REPORT_NOT_WRITABLE: 3,
};
