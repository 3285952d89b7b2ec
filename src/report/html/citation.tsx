// What a requirement says and where it is written.
import type { VNode } from 'preact';
import type { RequirementInfo, Citation as Source } from '../../result/run-result.ts';
import { Code, Link, Seen } from './seen.tsx';

/** The requirement with all its sources: their words, or the gist of them. */
export function Citation({
  id,
  level,
  requirement,
}: {
  readonly id: string;
  readonly level: string;
  readonly requirement: RequirementInfo | undefined;
}): VNode {
  return (
    <div class="citation">
      <p>
        <span class="level">{level}</span> <Code text={id} />
        {requirement === undefined ? null : (
          <>
            {' '}
            <Seen text={requirement.statement} />
          </>
        )}
      </p>
      <Sources sources={requirement?.sources ?? []} />
    </div>
  );
}

/** Sources one below the other. */
export function Sources({ sources }: { readonly sources: readonly Source[] }): VNode {
  return (
    <>
      {sources.map(({ title, url, quote, note }) => (
        <figure>
          {quote === undefined ? null : (
            <blockquote>
              <Seen text={quote} />
            </blockquote>
          )}
          {note === undefined ? null : (
            <p class="note">
              <Seen text={note} />
            </p>
          )}
          <figcaption>
            {url === undefined ? <Seen text={title} /> : <Link url={url} text={title} />}
          </figcaption>
        </figure>
      ))}
    </>
  );
}
