// The one line to copy that runs one case again, alone.
import { resolve } from 'node:path';
import type { Tier } from '../scenario/model.ts';
import { takeApart } from '../scenario/select.ts';
import type { SignOptions } from './header.ts';
import type { Io } from './io.ts';
import { describe, type FoundFile } from './workspace.ts';

/** Options that change what a case does, so that they belong to the line. */
export interface RerunOptions extends SignOptions {
  readonly url?: string;
  readonly header?: readonly string[];
  readonly target?: string;
  readonly fault?: readonly string[];
  readonly var: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure?: boolean;
  readonly proxy?: string | boolean;
  readonly resolve?: readonly string[];
  readonly failOn?: 'must' | 'should';
  readonly tier?: Tier;
  readonly baseline?: string | boolean;
  readonly allowHost?: readonly string[];
  readonly workers?: number;
  readonly precise?: boolean;
  readonly engine?: 'builtin' | 'k6';
  readonly segments?: number;
}

/** Builds the line. One of `scenarios` (`findScenarios`) is named by its id, any other by its file. */
export function rerunLine(
  io: Io,
  spec: { readonly id: string; readonly file: string },
  options: RerunOptions,
  scenarios: ReadonlyMap<string, FoundFile>,
): string {
  const flags = [
    ...pair('--url', options.url),
    ...(options.header ?? []).flatMap((text) => pair('--header', text)),
    ...pair('--sign', options.sign),
    ...pair('--region', options.region),
    ...pair('--target', options.target),
    ...(options.fault ?? []).flatMap((name) => pair('--fault', name)),
    ...options.var.flatMap((text) => pair('--var', text)),
    ...pair('--ca', options.ca),
    ...pair('--cert', options.cert),
    ...pair('--key', options.key),
    ...pair('--servername', options.servername),
    ...(options.insecure === true ? ['--insecure'] : []),
    ...(typeof options.proxy === 'string' ? ['--proxy', options.proxy] : []),
    ...(options.proxy === false ? ['--no-proxy'] : []),
    ...(options.resolve ?? []).flatMap((text) => pair('--resolve', text)),
    ...(options.baseline === false ? ['--no-baseline'] : []),
    ...(typeof options.baseline === 'string' ? pair('--baseline', options.baseline) : []),
    ...(options.tier === undefined || options.tier === 'fast' ? [] : ['--tier', options.tier]),
    ...(options.allowHost ?? []).flatMap((host) => pair('--allow-host', host)),
    ...pair('--workers', options.workers?.toString()),
    ...(options.precise === true ? ['--precise'] : []),
    ...(options.engine === 'k6' ? ['--engine', 'k6'] : []),
    ...pair('--segments', options.segments?.toString()),
    ...(options.failOn === 'should' ? ['--fail-on', 'should'] : []),
  ];
  return ['npx', 'ws-assay', 'run', wordFor(io, spec, scenarios), ...flags].map(quoted).join(' ');
}

/** Its id where that leads to its file, else the file and what follows the file's own id in it. */
function wordFor(
  io: Io,
  { id, file }: { readonly id: string; readonly file: string },
  scenarios: ReadonlyMap<string, FoundFile>,
): string {
  const path = resolve(io.cwd, file);
  if (scenarios.get(takeApart(id).scenario)?.path === path) return id;
  return `${file}${id.slice(describe(io, path).id.length)}`;
}

function pair(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

/** Quotes for a POSIX shell where needed. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
