// The commands about certificates, and about what is not the same in two runs.
import { type Command, Option } from 'commander';
import type { CertifyOptions } from './commands/certify.ts';
import type { VerifyOptions } from './commands/verify.ts';
import type { Io } from './io.ts';
import { collect, type Perform, positive, withNetwork } from './option.ts';

/** Adds `certify`, `verify` and `diff`. */
export function addCertify(program: Command, io: Io, perform: Perform): void {
  addMake(program, io, perform);
  program
    .command('verify')
    .description(
      'draw every conclusion of a bundle again from its evidence, and find what was touched',
    )
    .argument('<bundle>', 'the folder that certify has written')
    .option('--key <file>', 'PEM file of the public key that has to have signed it')
    .option('--json', 'what is wrong as JSON')
    .action((bundle: string, options: VerifyOptions) =>
      perform(async () =>
        (await import('./commands/verify.ts')).verifyCommand(io, bundle, options),
      ),
    );
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

function addMake(program: Command, io: Io, perform: Perform): void {
  const certify = withNetwork(program.command('certify'))
    .description(
      'run a frozen profile and write a bundle that anybody can verify (docs/certifying.md)',
    )
    .argument('[selection...]')
    .option('--target <name|file>', 'a target with a version: targets/<name>/target.yaml')
    .option('--profile <name@version>', 'the frozen profile', 'aws-apigateway@2026.1')
    .option(
      '--out <folder>',
      'of the bundle; default: certificates/<target>-<version>-<profile>-<run>',
    )
    .option('--sign <file>', 'PEM file of an Ed25519 key that signs the manifest')
    .option('--concurrency <n>', 'cases at a time; default: what the target bears', positive)
    .option(
      '--allow-host <host>',
      'a profile with loads may put this host under load (repeatable)',
      collect,
      [],
    )
    .option('--workers <n>', 'processes that send a load; default: as many as it needs', positive)
    .option('--seed <seed>', 'repeat a run with the same random values');
  certify.usage('[options]');
  for (const [flags, each] of REFUSED) {
    const option = new Option(flags).hideHelp();
    certify.addOption(each ? option.argParser(collect).default([]) : option);
  }
  certify.action((selection: string[], options: object) =>
    // commander's options are what the declarations above say
    perform(async () =>
      (await import('./commands/certify.ts')).certifyCommand(
        io,
        selection,
        options as CertifyOptions,
      ),
    ),
  );
}

// What somebody will try; each is answered with the reason.
const REFUSED: readonly (readonly [flags: string, each: boolean])[] = [
  ['--url <url>', false],
  ['--tag <tag>', true],
  ['--exclude-tag <tag>', true],
  ['--tier <tier>', false],
  ['--var <name=value>', true],
  ['--baseline <file>', false],
  ['--fault <name>', true],
];
