// Every check of every case as one table, worst first; the script filters and sorts it.
import type { VNode } from 'preact';
import type { Verdict } from '../../result/finding.ts';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { VERDICT_WORD, VERDICTS } from '../verdict-word.ts';
import { IN_FULL } from './page-order.ts';
import { Badge, Code, Seen } from './seen.tsx';

/** Renders the controls (shown by the script) and the table. */
export function CheckTable({ entries }: { readonly entries: readonly Entry[] }): VNode {
  const rank = ({ finding }: Entry): number => VERDICTS.indexOf(finding.verdict);
  const rows = entries
    .map((entry, at) => ({ entry, at }))
    .toSorted((a, b) => rank(a.entry) - rank(b.entry));
  const seen = VERDICTS.filter((verdict) =>
    entries.some(({ finding }) => finding.verdict === verdict),
  );
  return (
    <>
      <Controls verdicts={seen} count={entries.length} />
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
  verdicts,
  count,
}: {
  readonly verdicts: readonly Verdict[];
  readonly count: number;
}): VNode {
  return (
    <form id="controls" class="controls" hidden>
      <label>
        Filter <input type="search" id="filter" placeholder="id, text or requirement" />
      </label>
      <fieldset>
        <legend>Show</legend>
        {verdicts.map((verdict) => (
          <label>
            <input type="checkbox" name="verdict" value={verdict} checked /> {VERDICT_WORD[verdict]}
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
  const inFull = IN_FULL.has(finding.verdict);
  return (
    <tr
      {...(inFull ? {} : { id: anchor })}
      data-verdict={finding.verdict}
      data-at={at}
      data-case={anchorOf('case', of.id)}
    >
      <td>
        <Badge verdict={finding.verdict} />
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
