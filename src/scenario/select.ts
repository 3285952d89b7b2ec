// Patterns that select scenarios, cases and checks.
//
//   pattern = path [ "[" values "]" ] [ "#" check ]
//   "*" stands for any characters of one segment, "**" for any number of segments
//
// Without brackets a pattern means every case of the scenario, without `#check` every check.

/** A pattern, taken apart. */
export interface Selector {
  readonly text: string;
  /** True for the id of a scenario or case that the pattern covers, wholly or in part. */
  matches(id: string): boolean;
  /** True for a check of a case that it matches. */
  matchesCheck(check: string): boolean;
  /** It names checks: the case is to be run for some of its checks only. */
  readonly hasCheck: boolean;
}

/** Reads a pattern; anything is one. */
export function parseSelector(text: string): Selector {
  const { scenario, values, check } = takeApart(text);
  const path = globOf(scenario, '[^/]*');
  const axes = values === undefined ? undefined : globOf(values, '[^,\\]]*');
  const checks = check === undefined ? undefined : globOf(check, '[^/]*');
  return {
    text,
    matches(id) {
      const of = takeApart(id);
      if (!path.test(of.scenario)) return false;
      return axes === undefined || (of.values !== undefined && axes.test(of.values));
    },
    matchesCheck: (id) => checks === undefined || checks.test(id),
    hasCheck: checks !== undefined,
  };
}

/** True when `pattern` covers `id`, which may be that of a scenario, a case or a check. */
export function matchPattern(pattern: string, id: string): boolean {
  const selector = parseSelector(pattern);
  const { check } = takeApart(id);
  if (!selector.matches(id)) return false;
  return check === undefined ? !selector.hasCheck : selector.matchesCheck(check);
}

/** What each pattern selects of `ids`, in the order of `ids`, and the patterns that select nothing. */
export function selectIds(
  patterns: readonly string[],
  ids: readonly string[],
): { readonly selected: readonly string[]; readonly unmatched: readonly string[] } {
  const selectors = patterns.map(parseSelector);
  return {
    selected: ids.filter((id) => selectors.some((one) => one.matches(id))),
    unmatched: selectors
      .filter((one) => !ids.some((id) => one.matches(id)))
      .map(({ text }) => text),
  };
}

/** True when it has a star: it may stand for several ids. */
export function isPattern(text: string): boolean {
  return text.includes('*');
}

interface IdParts {
  readonly scenario: string;
  readonly values: string | undefined;
  readonly check: string | undefined;
}

/** `a/b[x=1]#c` in three parts. */
export function takeApart(id: string): IdParts {
  const hash = id.indexOf('#');
  const check = hash < 0 ? undefined : id.slice(hash + 1);
  const whole = hash < 0 ? id : id.slice(0, hash);
  const open = whole.endsWith(']') ? whole.indexOf('[') : -1;
  if (open < 0) return { scenario: whole, values: undefined, check };
  return { scenario: whole.slice(0, open), values: whole.slice(open + 1, -1), check };
}

function globOf(pattern: string, star: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\/\*\*$|\*\*|\*)/);
  const source = parts.map((part) => GLOBS[part] ?? (part === '*' ? star : escape(part)));
  return new RegExp(`^${source.join('')}$`, 'u');
}

// `a/**` is everything below a; `**/b` is b at any depth, also at the top.
const GLOBS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '/**': '/.*',
  '**': '.*',
};

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
