// Where event records go: a file, or whoever takes them over HTTP.
import { closeSync, openSync, writeSync } from 'node:fs';
import { ProbeError, reasonOf } from './fail.mjs';
import { post } from './post.mjs';

const ATTEMPTS_AFTER_MS = [0, 100, 400];
const SINK_ANSWERS_WITHIN_MS = 2000;

/**
 * Writes one event record to ASSAY_PROBE_SINK.
 *
 * @throws {ProbeError} sink away
 */
export async function record(entry) {
  const { ASSAY_PROBE_SINK: sink, ASSAY_PROBE_TOKEN: token } = process.env;
  try {
    if (sink.startsWith('file:')) append(sink.slice(5).replace(/^\/\/(?=\/)/, ''), entry);
    else if (/^https?:\/\//.test(sink)) await deliver(sink, token, entry);
    else throw new Error('ASSAY_PROBE_SINK must begin with file:, http:// or https://');
  } catch (error) {
    throw new ProbeError('sink away', reasonOf(error));
  }
}

// One write to a file opened for appending: lines of several processes do not mix.
function append(path, entry) {
  const line = Buffer.from(`${JSON.stringify(entry)}\n`);
  const file = openSync(path, 'a', 0o600);
  try {
    const written = writeSync(file, line);
    if (written !== line.length) throw new Error(`${path} took ${written} of ${line.length} bytes`);
  } finally {
    closeSync(file);
  }
}

// At least once: what was not acknowledged is sent again, what was refused is not.
async function deliver(url, token, entry) {
  let last;
  for (const afterMs of ATTEMPTS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const { status, error } = await post(url, token, entry, SINK_ANSWERS_WITHIN_MS).catch(
      (thrown) => ({ error: thrown }),
    );
    if (status >= 200 && status <= 299) return;
    last = error ?? new Error(`the sink answered ${status}`);
    if (status < 500 && status !== 429) break;
  }
  throw last;
}
