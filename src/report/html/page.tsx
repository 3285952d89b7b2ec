// The page: verdict, facts, what needs attention in full, everything as a table, the rest.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import type { StaleEntry } from '../../result/baseline.ts';
import type { RunResult } from '../../result/run-result.ts';
import { conclude } from '../conclusion.ts';
import type { Entry } from '../entry.ts';
import { anchorOf, entriesOf, entriesWith } from '../entry.ts';
import { groupBy } from '../group.ts';
import { Banner, OUTCOMES } from './banner.tsx';
import { CaseDetails } from './case-details.tsx';
import { CheckTable } from './check-table.tsx';
import { CoverageTable } from './coverage-table.tsx';
import { Environment } from './environment.tsx';
import { FindingArticle } from './finding-article.tsx';
import { KnownDeviations, StaleEntries } from './known-deviations.tsx';
import { Loads } from './load-section.tsx';
import { FULL_SECTIONS } from './page-order.ts';
import { Problems } from './problems.tsx';
import { RunFacts } from './run-facts.tsx';
import { SCRIPT } from './script.ts';
import { Section } from './section.tsx';
import { Seen } from './seen.tsx';
import { SlowestCases } from './slowest-cases.tsx';
import { STYLE } from './style.ts';
import { NotApplicable, Recorded } from './unjudged.tsx';

/** The whole document below the doctype. `policy` is its Content-Security-Policy. */
export function Page({
  result,
  policy,
}: {
  readonly result: RunResult;
  readonly policy: string;
}): VNode {
  const entries = entriesOf(result);
  const conclusion = conclude(result);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>
          {visible(
            `${OUTCOMES[conclusion.outcome].word}: ${result.target.name}, run ${result.runId}`,
          )}
        </title>
        {/* Our own constant; as a child it would be escaped and no longer match its hash. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <a class="skip" href="#results">
          Skip to the results
        </a>
        <Banner result={result} conclusion={conclusion}>
          <Contents result={result} />
        </Banner>
        <main id="results">
          <Section id="run" title="Run">
            <RunFacts result={result} />
          </Section>
          <Problems result={result} />
          {FULL_SECTIONS.map(({ standing, title }) => (
            <FullSection
              id={standing}
              title={title}
              entries={entriesWith(entries, standing)}
              stale={standing === 'unlike-baseline' ? (result.stale ?? []) : []}
            />
          ))}
          <Loads cases={result.cases} />
          <KnownDeviations result={result} entries={entriesWith(entries, 'known')} />
          {entries.length === 0 ? null : (
            <Section id="all" title="All checks">
              <CheckTable entries={entries} />
            </Section>
          )}
          <Cases result={result} entries={entries} />
          <Recorded entries={entriesWith(entries, 'recorded')} />
          <NotApplicable entries={entriesWith(entries, 'not-applicable')} />
          {Object.keys(result.requirements).length === 0 ? null : (
            <Section id="requirements" title="Requirements">
              <CoverageTable result={result} entries={entries} />
            </Section>
          )}
          <SlowestCases result={result} />
          <Environment result={result} />
        </main>
        <footer>
          {`Made by ${result.tool.name} `}
          <Seen text={result.tool.version} />. Times are relative to the start of their case.
        </footer>
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  );
}

// The page is long; what the counts do not lead to is named here.
function Contents({ result }: { readonly result: RunResult }): VNode {
  const { cases, requirements } = result;
  const checks = cases.some(({ findings }) => findings.length > 0);
  return (
    <nav class="sections" aria-label="Sections">
      {cases.map(({ id, load }) =>
        load === undefined ? null : (
          <a href={`#${anchorOf('load', id)}`}>
            Load <Seen text={id} />
          </a>
        ),
      )}
      {checks ? <a href="#all">All checks</a> : null}
      {cases.length > 0 ? <a href="#cases">Cases and their timelines</a> : null}
      {Object.keys(requirements).length > 0 ? <a href="#requirements">Requirements</a> : null}
      <a href="#environment">Environment</a>
    </nav>
  );
}

function FullSection({
  id,
  title,
  entries,
  stale,
}: {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly stale: readonly StaleEntry[];
}): VNode | null {
  if (entries.length + stale.length === 0) return null;
  return (
    <Section id={id} title={`${title} (${entries.length + stale.length})`}>
      <StaleEntries stale={stale} />
      <>
        {entries.map((entry) => (
          <FindingArticle entry={entry} />
        ))}
      </>
    </Section>
  );
}

function Cases({
  result,
  entries,
}: {
  readonly result: RunResult;
  readonly entries: readonly Entry[];
}): VNode | null {
  if (result.cases.length === 0) return null;
  const byCase = groupBy(entries, ({ of }) => of);
  const room = Math.min(MAX_ROOM, Math.max(MIN_ROOM, Math.floor(RECORDS / result.cases.length)));
  return (
    <Section id="cases" title={`Cases (${result.cases.length})`}>
      {result.cases.map((of) => (
        <CaseDetails of={of} entries={byCase.get(of) ?? []} room={room} />
      ))}
    </Section>
  );
}

// A page of a thousand cases must still open: the more cases, the fewer records of each.
const RECORDS = 1600;
const MIN_ROOM = 12;
const MAX_ROOM = 200;
