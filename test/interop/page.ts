// docs/interop.md: which server was tested in which version, and what it gets wrong, each with the
// words of RFC 6455.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DEVIATIONS } from './deviation.ts';
import type { Server } from './server.ts';

/** Where it is. */
export const PAGE = fileURLToPath(new URL('../../docs/interop.md', import.meta.url));

/** Renders it; `versionOf` gives the version that was tested. */
export function renderPage(
  servers: readonly Server[],
  versionOf: (server: Server) => string,
): string {
  const checks = [...new Set(servers.flatMap(({ fails }) => fails))].toSorted();
  return [
    HEAD,
    '| server | version | checks that fail |',
    '|---|---|---|',
    ...servers.map((one) => `| ${one.name} | ${versionOf(one)} | ${listed(one.fails)} |`),
    '',
    '## What they do, and what RFC 6455 says',
    ...checks.flatMap((check) => section(check, servers)),
    '',
  ].join('\n');
}

/** The versions that a page names, by server. */
export function versionsIn(page: string): ReadonlyMap<string, string> {
  const rows = [...page.matchAll(/^\| (.+?) \| (\S+) \|/gm)];
  return new Map(rows.map(([, name = '', version = '']) => [name, version]));
}

const HEAD = `# Servers that were tested

The suite \`rfc6455-handshake\` against servers that were not written here. The tests run it against each one that is
installed and assert exactly the checks of this table; \`npm run interop\` does the same and writes this page. Each check
that fails was made sure of by hand: the same bytes over a plain socket, and the words of the RFC.
`;

function listed(fails: readonly string[]): string {
  return fails.length === 0 ? 'none' : fails.map((check) => `\`${check}\``).join(', ');
}

function section(check: string, servers: readonly Server[]): readonly string[] {
  const who = servers.filter(({ fails }) => fails.includes(check)).map(({ name }) => name);
  const demand = demandOf(check);
  return [
    '',
    `### ${check}`,
    '',
    `${who.join(', ')}: ${DEVIATIONS[check]}.`,
    '',
    `> ${demand.words}`,
    '>',
    `> [${demand.title}](${demand.url})`,
  ];
}

interface Registry {
  readonly sources: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
  readonly requirements: Readonly<
    Record<
      string,
      {
        readonly checks?: readonly string[];
        readonly sources: readonly { readonly ref: string; readonly quote?: string }[];
      }
    >
  >;
}

interface Demand {
  readonly words: string;
  readonly title: string;
  readonly url: string;
}

function demandOf(check: string): Demand {
  const id = `rfc6455-handshake/${check}`;
  const found = Object.values(REGISTRY.requirements).find(({ checks }) => checks?.includes(id));
  const [source] = found?.sources ?? [];
  const place = REGISTRY.sources[source?.ref ?? ''];
  if (source?.quote === undefined || place === undefined) throw new Error(`no words for ${check}`);
  return { words: source.quote, ...place };
}

const REGISTRY: Registry = parse(
  readFileSync(
    new URL('../../suites/rfc6455-handshake/requirements.yaml', import.meta.url),
    'utf8',
  ),
);
