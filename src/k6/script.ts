// A load as a script for k6: readable, typed by @types/k6, without credentials.
import { createHash } from 'node:crypto';
import type { Redactor } from '../base/redact.ts';
import { drawKeys } from '../load/draw.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { CheckSpec } from '../scenario/model.ts';
import { gapsOfVersion, type K6Version } from './dialect.ts';
import { type K6Phase, k6Phases } from './executor.ts';
import { expression, quoted, written } from './literal.ts';
import { type K6Endpoint, type K6Secret, k6Request, type Piece } from './request.ts';
import { byMetric, type K6Threshold, k6Thresholds } from './threshold.ts';

/** What is exported. */
export interface K6Source {
  /** Id of the scenario. */
  readonly id: string;
  readonly title: string;
  readonly checks: readonly CheckSpec[];
  /** Of a load that was fitted to k6. */
  readonly plan: LoadPlan;
  /** What fitting it has left out. */
  readonly gaps: readonly string[];
  /** That knows the credentials of the target by value. */
  readonly redactor: Redactor;
  /** Of ws-assay. */
  readonly version: string;
  /** How its results are imported: `--scenario own.yaml --url ws://…`; empty: without options. */
  readonly importing?: string;
  /** The oldest k6 that shall run it. @default '1.6' */
  readonly k6Version?: K6Version;
}

/** A script, and all that is to be known of it. */
export interface K6Script {
  readonly text: string;
  readonly phases: readonly K6Phase[];
  readonly secrets: readonly K6Secret[];
  /** What k6 cannot do of the scenario, a sentence each. */
  readonly gaps: readonly string[];
  /** Tells results of this script from those of others. */
  readonly tag: string;
}

/** The file that each script imports, beside it. */
export const LIBRARY_FILE = 'assay.k6.ts';

/** Writes the script. */
export function k6Script(source: K6Source): K6Script {
  const { plan } = source;
  const phases = k6Phases(plan);
  const requests = plan.endpoints.map((one) => k6Request(one, source.redactor));
  const endpoints = requests.map(({ endpoint }) => endpoint);
  const { thresholds, gaps: unjudged } = k6Thresholds(source.checks);
  const gaps = [
    ...gapsOfVersion(source.k6Version ?? '1.6'),
    ...source.gaps,
    ...requests.flatMap((one) => one.gaps),
    ...unjudged,
  ];
  const secrets = requests.flatMap((one) => one.secrets);
  const tag = tagOf(source.id, plan);
  const body = [
    ...optionLines({ plan, phases, endpoints, thresholds, tag }),
    '',
    ...dataLines(plan, { phases, endpoints }),
    '',
    ...ATTEMPT,
  ];
  const text = `${[...headLines(source, { gaps, secrets }), ...importLines(plan, { pieces: piecesOf(endpoints), isSigned: endpoints.some(({ sign }) => sign !== undefined) }), '', ...body].join('\n')}\n`;
  return { text, phases, secrets, gaps, tag };
}

/** By what the schedule is: a script that was exported before the scenario changed has another one. */
function tagOf(id: string, { phases, endings, openForMs, seed }: LoadPlan): string {
  const text = JSON.stringify([phases, endings, openForMs, seed]);
  return `${id}@${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

function headLines(
  { id, title, version, importing = '', k6Version = '1.6' }: K6Source,
  { gaps, secrets }: Pick<K6Script, 'gaps' | 'secrets'>,
): readonly string[] {
  const file = id.split('/').at(-1) ?? id;
  return [
    `// ${inComment(title)}`,
    `// Made from the scenario ${id} by ws-assay ${version}, for k6 ${k6Version === '1.0' ? '1.0 to 1.5' : '1.6 or newer'}:`,
    `//   k6 run --out json=${file}.ndjson ${file}.k6.ts`,
    `//   ws-assay import k6 ${file}.ndjson${inComment(importing === '' ? '' : ` ${importing}`)}`,
    ...(secrets.length === 0
      ? []
      : [
          '// Credentials come from the environment:',
          ...secrets.map(({ name, what }) => `//   ${name}: ${inComment(what)}`),
        ]),
    ...(gaps.length === 0
      ? ['// k6 can do all of it.']
      : [
          '// What k6 cannot do of it, or only the import judges:',
          ...gaps.map((gap) => `//   * ${inComment(gap)}`),
        ]),
  ];
}

// A title ends where its line ends.
function inComment(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
}

function importLines(
  { endings, endpoints }: LoadPlan,
  { pieces, isSigned }: { readonly pieces: readonly Piece[]; readonly isSigned: boolean },
): readonly string[] {
  const used: readonly (readonly [string, boolean])[] = [
    ['attempt', true],
    ['env', isSigned || isUsed(pieces, 'env')],
    ['nonce', isUsed(pieces, 'nonce')],
    ['pick', endings.length > 1 || endpoints.length > 1],
    ['presigned', isSigned],
  ];
  const names = used.flatMap(([name, isNeeded]) => (isNeeded ? [name] : []));
  return [
    "import exec from 'k6/execution';",
    "import type { Options } from 'k6/options';",
    `import { ${names.join(', ')} } from './${LIBRARY_FILE}';`,
  ];
}

function optionLines({
  plan,
  phases,
  endpoints,
  thresholds,
  tag,
}: {
  readonly plan: LoadPlan;
  readonly phases: readonly K6Phase[];
  readonly endpoints: readonly K6Endpoint[];
  readonly thresholds: readonly K6Threshold[];
  readonly tag: string;
}): readonly string[] {
  const hosts = endpoints.flatMap(({ host }) => (host === undefined ? [] : [host]));
  const options = {
    scenarios: Object.fromEntries(phases.map(({ name, scenario }) => [name, scenario])),
    thresholds: byMetric(thresholds),
    systemTags: ['status', 'scenario', 'name'],
    summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'],
    tags: { assay: tag, nonce: plan.nonce, seed: plan.seed },
    ...(hosts.length === 0
      ? {}
      : { hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, address])) }),
    ...(endpoints.some(({ insecure }) => insecure) ? { insecureSkipTLSVerify: true } : {}),
  };
  return `export const options: Options = ${written(options)};`.split('\n');
}

function piecesOf(endpoints: readonly K6Endpoint[]): readonly Piece[] {
  return endpoints.flatMap(({ url, headers }) => [
    ...url,
    ...headers.flatMap(({ value }) => value),
  ]);
}

function isUsed(pieces: readonly Piece[], kind: Piece['kind']): boolean {
  return pieces.some((one) => one.kind === kind);
}

function dataLines(
  plan: LoadPlan,
  {
    phases,
    endpoints,
  }: { readonly phases: readonly K6Phase[]; readonly endpoints: readonly K6Endpoint[] },
): readonly string[] {
  const first = Object.fromEntries(phases.map((one) => [one.name, one.first]));
  const shares = plan.endings.map(({ share, code, reason }) => ({
    share,
    close: {
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
    },
  }));
  return [
    '// The number of the first attempt of each phase in the whole schedule.',
    `const FIRST: Readonly<Record<string, number>> = ${written(first)};`,
    '',
    ...(isUsed(piecesOf(endpoints), 'nonce') ? [`const NONCE = ${quoted(plan.nonce)};`, ''] : []),
    'const ENDPOINTS = [',
    ...endpoints.flatMap((one) => endpointLines(one).map((line) => `  ${line}`)),
    '];',
    '',
    `const ENDINGS = ${written(shares)};`,
    '',
    ...pickLines(plan),
    'const HELD = {',
    `  openForMs: ${plan.openForMs},`,
    `  timeoutMs: ${plan.timeoutMs},`,
    ...(plan.messages === undefined ? [] : [`  message: ${written(plan.messages, 1)},`]),
    ...(plan.pings === undefined ? [] : [`  pingEveryMs: ${plan.pings.everyMs},`]),
    '};',
  ];
}

function pickLines({ seed, endings, endpoints }: LoadPlan): readonly string[] {
  const line = (what: string, purpose: string, parts: readonly { readonly share: number }[]) => {
    if (parts.length < 2) return [`const ${what} = (_number: number): number => 0;`];
    const shares = parts.map(({ share }) => share).join(', ');
    const keys = drawKeys(seed, purpose).join(', ');
    return [`const ${what} = (number: number): number => pick([${shares}], [${keys}], number);`];
  };
  return [
    '// Drawn by the number of the attempt and the seed of the scenario: the same ones in every run.',
    ...line('endpointOf', 'endpoints', endpoints),
    ...line('endingOf', 'endings', endings),
    '',
  ];
}

function endpointLines({ url, subprotocols, headers, sign }: K6Endpoint): readonly string[] {
  return [
    '{',
    ...urlLines(url, sign).map((line) => `  ${line}`),
    `  subprotocols: [${subprotocols.map(quoted).join(', ')}],`,
    ...headerLines(headers).map((line) => `  ${line}`),
    '},',
  ];
}

function urlLines(url: K6Endpoint['url'], sign: K6Endpoint['sign']): readonly string[] {
  const start = `url: (${numberOf(url)}: number): string =>`;
  if (sign === undefined) return [`${start} ${expression(url)},`];
  const { accessKeyId, secretAccessKey, sessionToken, region, service } = sign;
  return [
    start,
    `  presigned(${expression(url)}, {`,
    `    accessKeyId: env(${quoted(accessKeyId)}),`,
    `    secretAccessKey: env(${quoted(secretAccessKey)}),`,
    ...(sessionToken === undefined ? [] : [`    sessionToken: env(${quoted(sessionToken)}),`]),
    `    region: ${quoted(region)},`,
    `    service: ${quoted(service)},`,
    '  }),',
  ];
}

function headerLines(headers: K6Endpoint['headers']): readonly string[] {
  const number = numberOf(headers.flatMap(({ value }) => value));
  const start = `headers: (${number}: number): Record<string, string> => (`;
  if (headers.length === 0) return [`${start}{}),`];
  const fields = headers.map(({ name, value }) => `  ${quoted(name)}: ${expression(value)},`);
  return [`${start}{`, ...fields, '}),'];
}

// What a function does not use begins with an underscore, for those who have that checked.
function numberOf(pieces: readonly Piece[]): string {
  return isUsed(pieces, 'nonce') ? 'number' : '_number';
}

const ATTEMPT = [
  'export default function (): void {',
  '  const first = FIRST[exec.scenario.name];',
  "  // Of k6's command line: another load than this one.",
  "  if (first === undefined) return exec.test.abort('run it without --vus, --duration, --iterations, --stage');",
  '  const number = first + exec.scenario.iterationInTest;',
  '  const [endpoint, ending] = [endpointOf(number), endingOf(number)];',
  '  const { url, subprotocols, headers } = ENDPOINTS[endpoint]!;',
  '  const { close } = ENDINGS[ending]!;',
  '  attempt({',
  '    number,',
  '    endpoint,',
  '    ending,',
  '    url: url(number),',
  '    subprotocols,',
  '    headers: headers(number),',
  '    close,',
  '    ...HELD,',
  '  });',
  '}',
];
