// The kill matrix as a page: which checks each fault breaks, and by which faults each check is broken.
// The same result gives the same text.
import { type FaultSpec, type FaultVerdict, isExact } from './kill.ts';

/** One fault, and what became of the checks. */
export interface MatrixRow extends Pick<FaultSpec, 'name' | 'description'> {
  /** `scenario#check`. */
  readonly breaks: readonly string[];
  readonly prevents: readonly string[];
  readonly isExact: boolean;
}

/** What a self-test over every case has seen. */
export function matrixRows(
  faults: readonly FaultSpec[],
  verdicts: readonly FaultVerdict[],
): readonly MatrixRow[] {
  return verdicts.map((verdict) => ({
    name: verdict.fault,
    description: faults.find(({ name }) => name === verdict.fault)?.description ?? '',
    breaks: verdict.kills,
    prevents: verdict.open,
    isExact: isExact(verdict),
  }));
}

/**
 * Markdown: a table of faults, and a table of checks. Everything is sorted by name.
 *
 * @param isWhole every fault was run against every case
 */
export function renderMatrix(rows: readonly MatrixRow[], isWhole: boolean): string {
  const sorted = rows.toSorted((a, b) => order(a.name, b.name));
  const checks = killersByCheck(sorted);
  const wrong = sorted.filter((row) => !row.isExact).map(({ name }) => code(name));
  return [
    '# Kill matrix',
    '',
    ...(isWhole ? WHOLE : PART),
    '[How verdicts are tested](how-verdicts-are-tested.md) says what it is for.',
    '',
    `${sorted.length} faults break ${checks.length} checks.`,
    wrong.length === 0
      ? 'Each breaks exactly the checks that it names.'
      : `These do not break exactly the checks that they name: ${wrong.join(', ')}.`,
    '',
    '## Faults',
    '',
    'A check that a fault *prevents* cannot be decided because of it.',
    '',
    '| fault | what it does | checks | breaks |',
    '|---|---|--:|---|',
    ...sorted.map(
      (row) =>
        `| ${code(row.name)} | ${cell(row.description)} | ${row.breaks.length} | ${broken(row)} |`,
    ),
    '',
    '## Checks',
    '',
    '| check | faults | broken by |',
    '|---|--:|---|',
    ...checks.map(([check, by]) => `| ${code(check)} | ${by.length} | ${codes(by)} |`),
    '',
  ].join('\n');
}

const WHOLE = [
  'Which checks each fault of the reference gateway breaks, as `ws-assay selftest --full` has seen it: every fault was run',
  'against every case of the suites `aws-apigateway` and `rfc6455-handshake`. Written by `npm run matrix`; do not edit.',
];

const PART = [
  'Which checks each fault of the reference gateway breaks, as `ws-assay selftest` has seen it: a fault was run against the',
  'cases of the suites `aws-apigateway` and `rfc6455-handshake` that it names, and against a sample of the others; it may',
  'break checks outside of that. Written by `ws-assay selftest --matrix`; `npm run matrix` runs every fault against every case.',
];

function killersByCheck(
  rows: readonly MatrixRow[],
): readonly (readonly [string, readonly string[]])[] {
  const byCheck = new Map<string, string[]>();
  for (const { name, breaks } of rows) {
    for (const check of new Set(breaks)) byCheck.set(check, [...(byCheck.get(check) ?? []), name]);
  }
  return [...byCheck].toSorted(([a], [b]) => order(a, b));
}

function broken({ breaks, prevents }: MatrixRow): string {
  const prevented = prevents.length === 0 ? [] : [`*prevents* ${codes(prevents)}`];
  return [...(breaks.length === 0 ? [] : [codes(breaks)]), ...prevented].join('; ');
}

function codes(names: readonly string[]): string {
  return names.toSorted(order).map(code).join(', ');
}

function code(text: string): string {
  return `\`${text}\``;
}

// In a table a bar ends the cell.
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');
}

// Not by locale: the page is the same on every machine.
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
