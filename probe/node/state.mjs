// What the $disconnect of a connection needs, kept outside the process: each invocation may have one of its own.
// A file for each connection whose plan has something about it, in the folder ASSAY_PROBE_STATE.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProbeError, reasonOf } from './fail.mjs';

/** Keeps what a plan says about the $disconnect of a connection, and forgets an earlier plan of the same id. */
export function remember(connectionId, { parameters = new Map(), nonce, runId }) {
  const plan = [...parameters].filter(([name]) => name.startsWith('assay.disconnect.'));
  const folder = process.env.ASSAY_PROBE_STATE;
  if (!folder && plan.length > 0)
    throw new ProbeError('not set up', 'ASSAY_PROBE_STATE is not set');
  if (!folder) return;
  const file = stateFile(folder, connectionId);
  guard(() => {
    // An id that is used again must not be served with the plan of an earlier connection.
    if (plan.length === 0) rmSync(file, { force: true });
    else replace(file, { v: 1, nonce, runId, parameters: plan });
  });
}

// Whoever reads it sees all of it or nothing.
function replace(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify(value), { mode: 0o600 });
  renameSync(own, file);
}

/** The plan that was remembered for a connection, once; `undefined` without one. */
export function recall(connectionId) {
  const folder = process.env.ASSAY_PROBE_STATE;
  if (!folder) return undefined;
  return guard(() => {
    const file = stateFile(folder, connectionId);
    if (!existsSync(file)) return undefined;
    const { nonce, runId, parameters } = JSON.parse(readFileSync(file, 'utf8'));
    rmSync(file, { force: true });
    return { nonce, runId, parameters: new Map(parameters) };
  });
}

const stateFile = (folder, connectionId) =>
  join(folder, `${createHash('sha256').update(String(connectionId)).digest('hex')}.json`);

function guard(act) {
  try {
    return act();
  } catch (error) {
    throw new ProbeError('state away', reasonOf(error));
  }
}
