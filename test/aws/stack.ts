// The template of the probe's stack as data: intrinsic functions as CloudFormation writes them in JSON.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import { PACKAGE_ROOT } from '../support/io.ts';

/** Properties of a resource, or anything below them. */
export type Value = any; // oxlint-disable-line no-explicit-any -- what a template holds is what its rules ask

/** A resource of the template. */
export interface StackResource {
  readonly id: string;
  readonly Type: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly Properties: Value;
}

/** The template, read. */
export interface Stack {
  readonly parameters: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly resources: readonly StackResource[];
  /** Those of one type, without `AWS::`. */
  readonly of: (type: string) => readonly StackResource[];
}

/** Where it is. */
export const TEMPLATE = join(PACKAGE_ROOT, 'probe/aws/template.yaml');

/** Its text. */
export const templateText = (): string => readFileSync(TEMPLATE, 'utf8');

/** Reads the text of a template. */
export function readStack(text: string): Stack {
  const { Parameters, Outputs, Resources } = parse(text, { customTags: TAGS });
  const resources = Object.entries<Value>(Resources).map(([id, one]) => ({
    Properties: {},
    ...one,
    id,
  }));
  return {
    parameters: Parameters,
    outputs: Outputs,
    resources,
    of: (type) => resources.filter((one) => one.Type === `AWS::${type}`),
  };
}

/** The logical id that a value refers to; `undefined` for anything else. */
export function refOf(value: Value): string | undefined {
  if (typeof value?.['Fn::GetAtt'] === 'string') return value['Fn::GetAtt'].split('.')[0];
  return value?.Ref ?? /\$\{(?!AWS::)(\w+)/.exec(value?.['Fn::Sub'] ?? '')?.[1];
}

const TAGS = ['Sub', 'GetAtt']
  .flatMap((name) => scalarTag(name))
  .concat(
    { tag: '!Ref', resolve: (text: string) => ({ Ref: text }) },
    ...(['If', 'Equals'].map((name) => ({
      tag: `!${name}`,
      collection: 'seq' as const,
      resolve: (list: Value) => ({ [`Fn::${name}`]: list.toJSON() }),
    })) as Value[]),
  );

function scalarTag(name: string): ScalarTag[] {
  return [{ tag: `!${name}`, resolve: (text: string) => ({ [`Fn::${name}`]: text }) }];
}
