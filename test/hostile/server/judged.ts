// What a run is asked about every misbehaviour, and its findings as they are compared.
import type { RunResult } from '../../../src/result/run-result.ts';

/** Where the scenario is. */
export const FILE = 'scenarios/own/one.yaml';

/** The scenario; `within`: how long it waits for the 101 and for `hello`, and `ends` for the end. */
export const scenario = (within: string, ends: string): string => `
title: What comes of it
steps:
  - connect:
    within: ${within}
  - wait: closed
    within: ${ends}
checks:
  opens: { handshake: { status: 101, violations: [] } }
  hello: { received: { some: { text: hello } }, within: ${within} }
  ends: { closed: { by: server, how: close-frame, code: 1000 }, within: ${ends} }
`;

/** The longest that a run may take: its deadlines (10 s at most), and a busy machine. */
export const WITHIN_MS = 60_000;

/** Without what differs from run to run: times, ports, large counts, and whether TCP has ended yet. */
export function findingLines({ cases }: RunResult): readonly string[] {
  return cases.flatMap(({ findings }) =>
    findings.map(({ verdict, check, message }) =>
      `${verdict} ${check}: ${message}`
        .replaceAll(/\b\d+(\.\d+)? m?s\b/g, 'T')
        .replaceAll(/127\.0\.0\.1:\d+/g, '@')
        .replaceAll(/\b\d{2,} messages/g, 'N messages')
        .replace(/(with FIN|with RST|the client .*), the close code was 1006$/, '$1'),
    ),
  );
}
