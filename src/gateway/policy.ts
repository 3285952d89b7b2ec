// IAM policy documents as a Lambda authorizer returns them: do they allow an action on a resource?
import { isJsonObject, type Json } from '../base/json.ts';

/** A statement after checking. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Reads a policy document; `undefined` when it is not one. */
export function readPolicy(value: Json | undefined): readonly Statement[] | undefined {
  if (!isJsonObject(value) || !VERSIONS.has(value['Version'])) return undefined;
  const list = value['Statement'];
  const statements = (Array.isArray(list) ? list : [list]).map(readStatement);
  return statements.every((statement) => statement !== undefined) ? statements : undefined;
}

/** What a policy says: IAM evaluation, where an explicit deny beats every allow. */
export function evaluatePolicy(
  statements: readonly Statement[],
  action: string,
  resource: string,
): 'allow' | 'explicit-deny' | 'implicit-deny' {
  const applying = statements.filter((statement) => applies(statement, action, resource));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'explicit-deny';
  return applying.length > 0 ? 'allow' : 'implicit-deny';
}

/** True when the pattern, with `*` for any text and `?` for one character, covers the text. */
export function matchesWildcard(pattern: string, text: string): boolean {
  // Only the last `*` is ever tried again, so a hostile pattern costs pattern times text at most.
  let at = 0;
  let star: { readonly pattern: number; text: number } | undefined;
  let index = 0;
  while (index < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = { pattern: at + 1, text: index };
      at += 1;
    } else if (wanted === '?' || wanted === text[index]) {
      at += 1;
      index += 1;
    } else if (star === undefined) {
      return false;
    } else {
      star.text += 1;
      at = star.pattern;
      index = star.text;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

const VERSIONS = new Set<Json | undefined>(['2012-10-17', '2008-10-17']);

function applies(statement: Statement, action: string, resource: string): boolean {
  const named = statement.actions.some((pattern) =>
    matchesWildcard(pattern.toLowerCase(), action.toLowerCase()),
  );
  return named && statement.resources.some((pattern) => matchesWildcard(pattern, resource));
}

function readStatement(value: Json | undefined): Statement | undefined {
  if (!isJsonObject(value)) return undefined;
  const effect = value['Effect'];
  const actions = texts(value['Action']);
  const resources = texts(value['Resource']);
  if ((effect !== 'Allow' && effect !== 'Deny') || !actions || !resources) return undefined;
  return { effect, actions, resources };
}

function texts(value: Json | undefined): readonly string[] | undefined {
  const list: readonly (Json | undefined)[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item) => typeof item === 'string') ? list : undefined;
}
