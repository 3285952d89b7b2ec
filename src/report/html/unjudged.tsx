// What was seen and not judged, and what was not tested because the target does not have it.
import type { VNode } from 'preact';
import { visible } from '../../base/visible.ts';
import type { Entry } from '../entry.ts';
import { anchorOf } from '../entry.ts';
import { groupBy } from '../group.ts';
import { Values } from './actual.tsx';
import { Fact } from './run-facts.tsx';
import { Section } from './section.tsx';
import { Code } from './seen.tsx';

/** Values as seen, one row a check. */
export function Recorded({ entries }: { readonly entries: readonly Entry[] }): VNode | null {
  if (entries.length === 0) return null;
  return (
    <Section id="recorded" title={`Recorded (${entries.length})`}>
      <p class="note">Values as seen. No source says what they must be, so they are not judged.</p>
      <div class="scroll" role="group" aria-label="Recorded values" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Check</th>
              <th scope="col">Values</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ id, finding, of }) => (
              <tr>
                <td>
                  <a href={`#${anchorOf('case', of.id)}`}>
                    <Code text={id} />
                  </a>
                </td>
                <td>
                  <Values finding={finding} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** Checks by the feature that the target does not declare. */
export function NotApplicable({ entries }: { readonly entries: readonly Entry[] }): VNode | null {
  if (entries.length === 0) return null;
  const byFeature = groupBy(entries, ({ finding }) => finding.reason ?? finding.message);
  return (
    <Section id="not-applicable" title={`Not applicable (${entries.length})`}>
      <p class="note">
        The target does not declare these features, so nothing was tested and nothing is claimed.
      </p>
      <dl class="facts">
        {[...byFeature].map(([feature, of]) => (
          <Fact name={visible(feature)}>
            <ul class="plain">
              {of.map(({ id }) => (
                <li>
                  <Code text={id} />
                </li>
              ))}
            </ul>
          </Fact>
        ))}
      </dl>
    </Section>
  );
}
