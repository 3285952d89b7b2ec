// What becomes of an invocation when something is missing without which nothing can be tested.

/** An error with its heading, such as `sink away`. */
export class ProbeError extends Error {
  constructor(what, message) {
    super(message);
    this.what = what;
  }
}

/**
 * The answer when the probe cannot do as it was told, and one line about it on stderr. A forgotten
 * probe is neither an open door (the authorizer throws) nor a green test (599 is a status that no
 * scenario asks for).
 */
export function failClosed(type, error) {
  const what = error?.what ?? 'probe broken';
  complain(`${what}, ${type} fails closed: ${reasonOf(error)}`);
  if (type === 'AUTHORIZER') return { throw: `probe: ${what}` };
  return { return: { statusCode: type === 'CONNECT' ? 599 : 200 } };
}

/** Writes one line on stderr. */
export function complain(line) {
  process.stderr.write(`ws-assay probe: ${line}\n`);
}

/** What went wrong, in one line. */
export function reasonOf(error) {
  const text = [error?.code, error?.message].filter(Boolean).join(' ') || 'no reason given';
  return text.replace(/\s+/g, ' ');
}
