// The names of CloudFormation's intrinsic functions, and what becomes of each here.

/** Functions that give a value and are evaluated. */
const EVALUATED = [
  'Ref',
  'Fn::Base64',
  'Fn::FindInMap',
  'Fn::GetAtt',
  'Fn::GetAZs',
  'Fn::If',
  'Fn::ImportValue',
  'Fn::Join',
  'Fn::Select',
  'Fn::Split',
  'Fn::Sub',
] as const;

/** Functions that say yes or no. */
const CONDITIONS = ['Condition', 'Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or'] as const;

/** What CloudFormation has and this does not evaluate. */
const NOT_SERVED = ['Fn::Cidr', 'Fn::Length', 'Fn::ToJsonString', 'Fn::Transform'] as const;

/** The name of a function that is evaluated. */
export type IntrinsicName = (typeof EVALUATED)[number];

/** True for a function that gives a value. */
export function isEvaluated(name: string): name is IntrinsicName {
  return (EVALUATED as readonly string[]).includes(name);
}

/** True for a function that says yes or no. */
export function isConditionFunction(name: string): boolean {
  return (CONDITIONS as readonly string[]).includes(name);
}

/** True for every function that CloudFormation has. */
export function isIntrinsic(name: string): boolean {
  const served = isEvaluated(name) || isConditionFunction(name);
  return (
    served || (NOT_SERVED as readonly string[]).includes(name) || name.startsWith('Fn::ForEach')
  );
}

/** The functions, for a message. */
export const INTRINSIC_NAMES: string = [...EVALUATED, ...CONDITIONS].toSorted().join(', ');

/** The short forms in YAML: `!Sub` is `Fn::Sub`. */
export const SHORT_TAGS: ReadonlyMap<string, string> = new Map(
  [...EVALUATED, ...CONDITIONS, ...NOT_SERVED].map((name) => [
    `!${name.replace(/^Fn::/, '')}`,
    name,
  ]),
);
