// Text that functions of a template make of other text: doubled forty times one letter is a terabyte.
import type { Scope } from './scope.ts';
import { type TemplateNode, textNode } from './template-node.ts';

/** Characters that a template may make in all; a template itself has 1 MiB at most. */
const MOST_MADE = 16 * 1024 * 1024;

/** What `make` gives, at the place of `call`; unknown, which is a finding, where all texts together grow beyond 16 Mi characters. */
export function madeText(
  { findings, known }: Scope,
  call: TemplateNode,
  { length, make }: { readonly length: number; readonly make: () => string },
): TemplateNode {
  const { span } = call;
  const wasWithin = known.made <= MOST_MADE;
  known.made += length;
  if (known.made <= MOST_MADE) return textNode(make(), span);
  if (wasWithin)
    findings.problem(span, 'its functions make a text that is too long', 'write the values out');
  return { kind: 'unknown', span };
}

/** The characters of texts, each with `between` behind it. */
export function lengthOf(texts: readonly string[], between = ''): number {
  return texts.reduce((sum, text) => sum + text.length + between.length, 0);
}
