// Options that several commands have, and how their values are read.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../base/duration.ts';

/** Carries a command out and keeps its exit code. */
export type Perform = (command: () => Promise<number>) => Promise<void>;

/** How an endpoint is reached. */
export function withNetwork(command: Command): Command {
  return command
    .option('--ca <file>', 'PEM file of the authority that signed the endpoint')
    .option('--cert <file>', 'PEM file of a client certificate')
    .option('--key <file>', 'PEM file of its key')
    .option('--servername <name>', 'the name to ask for and verify (SNI)')
    .option('--insecure', 'do not verify the certificate; said aloud in every report')
    .option('--proxy <url>', 'reach every endpoint through this HTTP proxy; default: https_proxy …')
    .option('--no-proxy', 'no proxy, whatever the target and the environment say')
    .option(
      '--resolve <host:port:address>',
      'connect to this address instead of asking DNS (repeatable)',
      collect,
      [],
    );
}

/** How requests to a bare URL are signed. */
export function withSigning(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--sign <place>',
        'sign requests to the URL (SigV4) with the keys of AWS_ACCESS_KEY_ID …: in the header or the query',
      ).choices(['header', 'query']),
    )
    .option('--region <name>', 'the region that is signed; default: that of the host name');
}

/** A value more of an option that may be repeated. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** From 0 to 10000. */
export function count(text: string): number {
  return text === '0' ? 0 : positive(text);
}

/** From 1 to 10000. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('Write a whole number from 1 to 10000.');
}

/** `60s` as milliseconds. */
export function duration(text: string): number {
  const ms = /%/.test(text) ? undefined : parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('Write a number and ms, s, m or h: 60s.');
}

/** `2/4`: which part of how many, the first is 1. */
export function shard(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && of !== undefined && index >= 1 && index <= of) return { index, of };
  throw new InvalidArgumentError('Write which part of how many: 2/4.');
}

export function tierOption(): Option {
  return new Option('--tier <tier>', 'how long cases may wait: a minute, an hour, or longer')
    .choices(['fast', 'slow', 'hours'])
    .default('fast');
}

export function junitDialect(): Option {
  return new Option(
    '--junit-dialect <dialect>',
    'ci: file, line, properties; xunit-strict: valid for Jenkins xUnit',
  )
    .choices(['ci', 'xunit-strict'])
    .default('ci');
}

/** Of money. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Write a number from 0 on: 2.50.');
}
