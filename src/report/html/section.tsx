// A section of the page with its heading.
import type { VNode } from 'preact';

/** `id` names the section in links; the heading names it for readers. */
export function Section({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: VNode | readonly VNode[];
}): VNode {
  return (
    <section id={id} aria-labelledby={`${id}-h`}>
      <h2 id={`${id}-h`}>{title}</h2>
      {children}
    </section>
  );
}
