// JSONPath as mapping templates use it: names, indexes, wildcards and `..`. Filters are not among it.
import { isJsonObject, type Json } from '../../base/json.ts';

/** What a path finds; several values where it can find several. `undefined`: nothing. */
export function findPath(value: Json | undefined, path: string): Json | undefined {
  const steps = readPath(path);
  const found = steps.reduce<readonly Json[]>(
    (values, step) => values.flatMap((one) => follow(one, step)),
    value === undefined ? [] : [value],
  );
  const many = steps.some(({ deep, key }) => deep || key === '*');
  return many ? found : found[0];
}

/** Said of a path that is none. */
class PathError extends Error {}

interface PathStep {
  /** Looks in everything below too. */
  readonly deep: boolean;
  /** A name, an index, or `*` for all. */
  readonly key: string | number;
}

const STEP = /(\.\.|\.)?(?:([A-Za-z_][\w-]*|\*)|\[(?:(-?\d+)|'([^']*)'|"([^"]*)"|(\*))\])/y;

function readPath(path: string): readonly PathStep[] {
  if (!path.startsWith('$')) throw new PathError(`the path ${path} does not begin with $`);
  const steps: PathStep[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const before = STEP.lastIndex;
    const match = STEP.exec(path);
    // Between two names there must be a dot.
    if (match === null || (match[1] === undefined && match[2] !== undefined)) {
      throw new PathError(`the path ${path} is not supported at character ${before + 1}`);
    }
    const [, dots, name, index, single, double] = match;
    const key = index === undefined ? (name ?? single ?? double ?? '*') : Number(index);
    steps.push({ deep: dots === '..', key });
  }
  return steps;
}

function follow(value: Json, { deep, key }: PathStep): readonly Json[] {
  if (!deep) return members(value, key);
  return [
    ...members(value, key),
    ...members(value, '*').flatMap((one) => follow(one, { deep, key })),
  ];
}

function members(value: Json, key: string | number): readonly Json[] {
  if (Array.isArray(value)) {
    if (key === '*') return value as readonly Json[];
    const item = typeof key === 'number' ? (value as readonly Json[]).at(key) : undefined;
    return item === undefined ? [] : [item];
  }
  if (!isJsonObject(value)) return [];
  if (key === '*') return Object.values(value).filter((one) => one !== undefined);
  const member = Object.hasOwn(value, key) ? value[key] : undefined;
  return member === undefined ? [] : [member];
}
