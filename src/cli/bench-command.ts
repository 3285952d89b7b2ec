// The options of `ws-assay bench`, each within its bounds.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { parseRate } from '../base/rate.ts';
import type { BenchCommandOptions } from './commands/bench.ts';
import type { Io } from './io.ts';
import { collect, type Perform, positive, withNetwork, withSigning } from './option.ts';

/** Adds the command. */
export function addBench(program: Command, io: Io, perform: Perform): void {
  const command = program
    .command('bench')
    .description('time the connections of an endpoint: one after the other, then by rates')
    .argument('<url>', 'the endpoint: ws:// or wss://')
    .option('--compare <url>', 'a second endpoint, measured in turn with the first')
    .addOption(
      new Option('--time <duration>', 'how long each loop measures')
        .argParser(durationOf(10, 600_000))
        .default(2000, '2s'),
    )
    .option('--at-most <n>', 'connections a loop at most', countTo(100_000), 10_000)
    .addOption(
      new Option('--timeout <duration>', 'for one connection')
        .argParser(durationOf(10, 60_000))
        .default(10_000, '10s'),
    )
    .option('--message <text>', 'sent for the first message; default: what the endpoint answers')
    .option('--no-message', 'no messages')
    .option('--no-sweep', 'offer no rates')
    .option(
      '--p99 <duration>',
      'rates must be kept within this, from due to open; default: 50ms, or 4 times the median',
      durationOf(1, 60_000),
    )
    .addOption(
      new Option('--max-rate <rate>', 'never offer more')
        .argParser(rateTo(20_000))
        .default(1000, '1000/s'),
    )
    .addOption(
      new Option('--stage <duration>', 'how long each rate is offered')
        .argParser(durationOf(200, 60_000))
        .default(2000, '2s'),
    )
    .option('--workers <n>', 'processes that offer rates; default: as many as it needs', positive)
    .option('--precise', 'they spin instead of waiting: a core each for a closer schedule')
    .option('--header <name: value>', 'sent with each request (repeatable)', collect, [])
    .option('--subprotocol <name>', 'offered (repeatable)', collect, [])
    .option(
      '--allow-host <host>',
      'you may put this host under load; this machine needs no leave (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--reporter <name>', 'console on stderr, or json on stdout')
        .choices(['console', 'json'])
        .default('console'),
    )
    .action((url: string, options: object) =>
      // commander's options are what the declarations above say
      perform(async () =>
        (await import('./commands/bench.ts')).benchCommand(io, url, options as BenchCommandOptions),
      ),
    );
  withSigning(withNetwork(command));
}

function durationOf(leastMs: number, mostMs: number): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
    const bounds = `${formatDuration(leastMs)} to ${formatDuration(mostMs)}`;
    throw new InvalidArgumentError(`Write a duration from ${bounds}, such as 500ms or 2s.`);
  };
}

function rateTo(mostPerS: number): (text: string) => number {
  return (text) => {
    const rate = parseRate(text);
    if (rate !== undefined && rate >= 1 && rate <= mostPerS) return rate;
    throw new InvalidArgumentError(`Write a rate from 1/s to ${mostPerS}/s, such as 500/s.`);
  };
}

function countTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0 && value <= most) return value;
    throw new InvalidArgumentError(`Write a whole number from 1 to ${most}.`);
  };
}
