// The requirements that this run touched, with their sources and what their checks concluded.
import type { VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import { countOf } from '../count.ts';
import type { Entry } from '../entry.ts';
import { groupBy } from '../group.ts';
import { STANDINGS, standingOf } from '../standing.ts';
import { Sources } from './citation.tsx';
import { Badge, Code, Seen } from './seen.tsx';

/** One row a requirement, in the order of their ids. */
export function CoverageTable({
  result,
  entries,
}: {
  readonly result: RunResult;
  readonly entries: readonly Entry[];
}): VNode {
  const tested = groupBy(entries, ({ finding }) => finding.requirement);
  const rows = Object.entries(result.requirements).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <div class="scroll" role="group" aria-label="Requirements" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Requirement</th>
            <th scope="col">Level</th>
            <th scope="col">Statement and source</th>
            <th scope="col">Checks</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([id, requirement]) => (
            <tr>
              <td>
                <Code text={id} />
              </td>
              <td>{requirement.level}</td>
              <td>
                <Seen text={requirement.statement} />
                <details class="sources">
                  <summary>{countOf(requirement.sources.length, 'source')}</summary>
                  <Sources sources={requirement.sources} />
                </details>
              </td>
              <td>
                <Outcomes entries={tested.get(id) ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcomes({ entries }: { readonly entries: readonly Entry[] }): VNode {
  const counts = STANDINGS.map(
    (standing) =>
      [standing, entries.filter(({ finding }) => standingOf(finding) === standing).length] as const,
  ).filter(([, count]) => count > 0);
  if (counts.length === 0) return <span class="note">not tested in this run</span>;
  return (
    <ul class="plain">
      {counts.map(([standing, count]) => (
        <li>
          {count} <Badge standing={standing} />
        </li>
      ))}
    </ul>
  );
}
