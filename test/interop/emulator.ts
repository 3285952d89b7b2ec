// What the tests of emulators ask of a run, of a baseline and of the page that explains it.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { Ran } from '../support/assay.ts';

const UNREMARKABLE = ['passed', 'recorded', 'not-applicable'];

/** `failed <check>` of everything that deviates, sorted. */
export function deviating(ran: Ran): readonly string[] {
  return ran
    .result()
    .cases.flatMap(({ id, findings }) =>
      findings
        .filter(({ verdict }) => !UNREMARKABLE.includes(verdict))
        .map(({ verdict, check }) => `${verdict} ${id}#${check}`),
    )
    .toSorted();
}

/** What its baseline does not say, or not so. */
export function notKnown(ran: Ran): readonly string[] {
  return ran
    .result()
    .cases.flatMap(({ id, findings }) =>
      findings
        .filter(({ verdict, baseline }) =>
          baseline === undefined
            ? !UNREMARKABLE.includes(verdict)
            : baseline.state !== 'expected-failure',
        )
        .map(({ check, baseline }) => `${id}#${check}: ${baseline?.message ?? 'no entry'}`),
    );
}

/** `failed <check>` of every entry of a baseline file, sorted. */
export function knownIn(file: string): readonly string[] {
  const { entries } = parse(readFileSync(file, 'utf8')) as {
    readonly entries: readonly { readonly check: string; readonly verdict: string }[];
  };
  return entries.map(({ check, verdict }) => `${verdict} ${check}`).toSorted();
}

/** The checks that the table of deviations of a README names, sorted. */
export function checksOfTable(file: string): readonly string[] {
  const [, table = ''] = readFileSync(file, 'utf8').split('## Deviations');
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .flatMap((row) =>
      [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, check]) => check ?? ''),
    )
    .toSorted();
}

/** What a run could not apply, and why. */
export function lackingIn(ran: Ran): ReadonlySet<string | undefined> {
  const findings = ran.result().cases.flatMap((one) => one.findings);
  return new Set(
    findings.filter(({ verdict }) => verdict === 'not-applicable').map(({ reason }) => reason),
  );
}

/** The ports it was started on are in the Host headers of the requests. */
export async function expectNothingListens(ran: Ran): Promise<void> {
  const text = ran.files['out/result.json']?.toString() ?? '';
  const ports = new Set([...text.matchAll(/Host: 127\.0\.0\.1:(\d+)/g)].map(([, port]) => port));
  expect(ports.size).toBeGreaterThan(0);
  const open = await Promise.all([...ports].map((port) => accepts(Number(port))));
  expect(open).not.toContain(true);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
