// What names of a template stand for while it is evaluated.
import type { Findings } from './problem.ts';
import type { Template } from './template.ts';
import type { TemplateNode } from './template-node.ts';

/** The account, region and stack that a template is evaluated in. */
export interface Surroundings {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  /** Values of exports of other stacks, by name. */
  readonly imports: Readonly<Record<string, string>>;
}

/** What functions of a template are evaluated with. */
export interface Scope extends Surroundings {
  /** Evaluates a value and all below it; `undefined` for `AWS::NoValue`, which takes its key or item away. */
  evaluate(node: TemplateNode): TemplateNode | undefined;
  readonly template: Template;
  readonly findings: Findings;
  readonly parameters: ReadonlyMap<string, TemplateNode>;
  /** What has been found out: names of resources by logical id, whether conditions hold, characters that were made. */
  readonly known: {
    readonly names: Map<string, string>;
    readonly conditions: Map<string, boolean | undefined>;
    made: number;
  };
}

/** The value of a pseudo parameter; `undefined` when CloudFormation has none of that name. */
export function pseudoParameter(scope: Surroundings, name: string): string | undefined {
  const { region, accountId, stackName } = scope;
  const china = region.startsWith('cn-');
  const values: Readonly<Record<string, string>> = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': china ? 'aws-cn' : 'aws',
    'AWS::URLSuffix': china ? 'amazonaws.com.cn' : 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
  };
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Names that can be referred to beside parameters and resources. */
export const PSEUDO_PARAMETERS: readonly string[] = [
  'AWS::AccountId',
  'AWS::NoValue',
  'AWS::NotificationARNs',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

/** The parts of `${A}`, `${A.B}`, `${AWS::Region}` and `${!Literal}` in a text of Fn::Sub. */
export function substitutionParts(
  text: string,
): readonly { readonly kind: 'text' | 'name'; readonly text: string }[] {
  const parts: { kind: 'text' | 'name'; text: string }[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\{([^{}]*)\}/g)) {
    const [whole, inside = ''] = match;
    parts.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + whole.length;
    // `${!Literal}` is the text `${Literal}`.
    parts.push(
      inside.startsWith('!')
        ? { kind: 'text', text: `\${${inside.slice(1)}}` }
        : { kind: 'name', text: inside.trim() },
    );
  }
  parts.push({ kind: 'text', text: text.slice(from) });
  return parts.filter((part) => part.kind === 'name' || part.text !== '');
}
