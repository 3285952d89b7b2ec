// Every check of every case as one table, worst first; the script filters and sorts it.
import type { VNode } from 'preact';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { STANDING_WORD, STANDINGS, type Standing, standingOf } from '../standing.ts';
import { IN_FULL } from './page-order.ts';
import { Badge, Code, Seen } from './seen.tsx';

/** Renders the controls (shown by the script) and the table. */
export function CheckTable({ entries }: { readonly entries: readonly Entry[] }): VNode {
  const rank = ({ finding }: Entry): number => STANDINGS.indexOf(standingOf(finding));
  const rows = entries
    .map((entry, at) => ({ entry, at }))
    .toSorted((a, b) => rank(a.entry) - rank(b.entry));
  const seen = STANDINGS.filter((standing) =>
    entries.some(({ finding }) => standingOf(finding) === standing),
  );
  return (
    <>
      <Controls standings={seen} count={entries.length} />
      <div class="scroll" role="group" aria-label="All checks" tabIndex={0}>
        <table id="checks">
          <thead>
            <tr>
              <th scope="col">Verdict</th>
              <th scope="col">Check</th>
              <th scope="col">Level</th>
              <th scope="col">Expected</th>
              <th scope="col">Seen</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ entry, at }) => (
              <Row entry={entry} at={at} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Controls({
  standings,
  count,
}: {
  readonly standings: readonly Standing[];
  readonly count: number;
}): VNode {
  return (
    <form id="controls" class="controls" hidden>
      <label>
        Filter <input type="search" id="filter" placeholder="id, text or requirement" />
      </label>
      <fieldset>
        <legend>Show</legend>
        {standings.map((standing) => (
          <label>
            <input type="checkbox" name="verdict" value={standing} checked />{' '}
            {STANDING_WORD[standing]}
          </label>
        ))}
      </fieldset>
      <label>
        <input type="checkbox" id="worst-first" checked /> failures first
      </label>
      <output id="shown" role="status">{`${count} of ${count} checks`}</output>
    </form>
  );
}

function Row({ entry, at }: { readonly entry: Entry; readonly at: number }): VNode {
  const { finding, of, id } = entry;
  const anchor = anchorOf('check', id);
  const standing = standingOf(finding);
  const inFull = IN_FULL.has(standing);
  return (
    <tr
      {...(inFull ? {} : { id: anchor })}
      data-verdict={standing}
      data-at={at}
      data-case={anchorOf('case', of.id)}
    >
      <td>
        <Badge standing={standing} />
      </td>
      <td>
        <a href={inFull ? `#${anchor}` : `#${anchorOf('case', of.id)}`}>
          <Code text={id} />
        </a>
        {finding.requirement === undefined ? null : (
          <>
            {' '}
            <span class="note">
              <Seen text={finding.requirement} />
            </span>
          </>
        )}
      </td>
      <td>{finding.level}</td>
      <td>
        <Seen text={finding.expected} />
      </td>
      <td>
        <Seen text={finding.message} />
      </td>
    </tr>
  );
}
