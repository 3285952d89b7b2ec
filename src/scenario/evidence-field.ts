// Which fields the evidence has. A path to a field that does not exist would be absent for ever, and a
// check of it would hold or record nothing, in silence.
import type { EvidencePath } from './model.ts';
import { isInvocation } from './path.ts';
import { answerFields, closed, frameFields, handshake, messageFields } from './schema-check.ts';
import { suggestion } from './suggest.ts';

/** What is wrong with a path whose root is right, and what to write; undefined when nothing is. */
export function judgeEvidencePath(
  path: EvidencePath,
): { readonly message: string; readonly hint: string } | undefined {
  if (isInvocation(path.root)) return undefined;
  const keys = fieldKeys(path);
  const fields = Object.keys(FIELDS[path.root] ?? {});
  const [field, ...deeper] = keys;
  const message = `"${path.text}" is not a path into the evidence`;
  if (field === undefined) return { message, hint: `name a field: ${fields.join(', ')}` };
  if (!fields.includes(String(field))) return { message, hint: suggestion(String(field), fields) };
  if (deeper.length === 0 || DEEP.includes(String(field))) return undefined;
  return { message, hint: `${field} has no parts` };
}

const FIELDS: Readonly<Record<string, object>> = {
  handshake: handshake.shape,
  received: messageFields.shape,
  frames: frameFields.shape,
  closed: closed.shape,
  answers: answerFields.shape,
};

const DEEP = ['headers', 'json', 'violations'];

/** Without the number of a message or the name of a call. */
function fieldKeys({ root, keys }: EvidencePath): EvidencePath['keys'] {
  if (root === 'answers') return keys.slice(1);
  const numbered = (root === 'received' || root === 'frames') && typeof keys[0] === 'number';
  return numbered ? keys.slice(1) : keys;
}
