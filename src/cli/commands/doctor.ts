// `ws-assay doctor`: can anything be tested from here, against this endpoint? Each check by its name, with what to do.
import { ToolError } from '../../base/errors.ts';
import { createRedactor, type Redactor } from '../../base/redact.ts';
import type { Station } from '../../run/station.ts';
import { proxiesByEnvironment } from '../../target/route.ts';
import { type Place, placeOf } from '../../wire/url.ts';
import { countStates, type Diagnosis, renderDiagnoses } from '../diagnosis.ts';
import { examineAnswer } from '../doctor-answer.ts';
import { examineBackend } from '../doctor-backend.ts';
import { examineLine, thrownDiagnosis } from '../doctor-line.ts';
import { examineMachine } from '../doctor-machine.ts';
import { onInterrupt } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { openFor } from '../run-on-station.ts';
import { type ChosenTarget, chooseTarget, type TargetOptions } from '../target-choice.ts';

/** Options of the command. */
export interface DoctorOptions extends TargetOptions {
  readonly json?: boolean;
}

/** Looks, prints, and resolves with 0, or with 3 where a check fails. */
export async function doctorCommand(io: Io, options: DoctorOptions): Promise<number> {
  const redactor = createRedactor();
  const interrupt = onInterrupt(io);
  try {
    const machine = await examineMachine(io);
    const isAsked = options.url !== undefined || options.target !== undefined;
    const rest = isAsked
      ? await examineTarget(io, options, { redactor, signal: interrupt.signal })
      : [];
    if (interrupt.signal.aborted) return 130;
    const diagnoses = redactor.json([...machine, ...rest]);
    print(io, diagnoses, { isAsked, json: options.json ?? false });
    return diagnoses.some(({ state }) => state === 'fail') ? 3 : 0;
  } finally {
    interrupt.stop();
  }
}

function print(
  io: Io,
  diagnoses: readonly Diagnosis[],
  { isAsked, json }: { readonly isAsked: boolean; readonly json: boolean },
): void {
  if (json) {
    io.stdout(
      `${JSON.stringify({ format: 'ws-assay-doctor/1', version: io.version, checks: diagnoses }, undefined, 2)}\n`,
    );
    return;
  }
  io.stderr(renderDiagnoses(diagnoses, io.terminal));
  const more = isAsked ? '' : '; --url or --target examines an endpoint too';
  io.stderr(`\n${countStates(diagnoses)}${more}\n`);
}

interface Examining {
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

async function examineTarget(
  io: Io,
  options: DoctorOptions,
  examining: Examining,
): Promise<readonly Diagnosis[]> {
  const chosen = chosenOr(io, options, examining.redactor);
  if ('check' in chosen) return [chosen];
  let station: Station;
  try {
    station = await openFor(io, chosen, examining);
  } catch (thrown) {
    if (!(thrown instanceof ToolError) || thrown.code === 'FILE_INVALID') throw thrown;
    const check = thrown.code.startsWith('OBSERVER') ? 'observer' : 'launch';
    return [thrownDiagnosis(check, thrown, thrown.hint)];
  }
  try {
    return await examineStation(io, station, examining);
  } finally {
    await station.close();
  }
}

/** A proxy variable that would be used and names none is a finding here, and no reason to end. */
function chosenOr(io: Io, options: DoctorOptions, redactor: Redactor): ChosenTarget | Diagnosis {
  try {
    return chooseTarget(options, undefined, { io, redactor, vars: {} });
  } catch (thrown) {
    const { bad } = proxiesByEnvironment(io.env);
    const isProxy =
      thrown instanceof ToolError &&
      bad.some(({ variable }) => thrown.message.startsWith(variable));
    if (isProxy) return thrownDiagnosis('proxy', thrown, thrown.hint);
    throw thrown;
  }
}

async function examineStation(
  io: Io,
  station: Station,
  { redactor, signal }: Examining,
): Promise<readonly Diagnosis[]> {
  const run = { station, clock: io.clock, seed: 'doctor', redactor, signal };
  const lineOf = (place: Place): Promise<readonly Diagnosis[]> =>
    examineLine(place, { network: station.target.network, clock: io.clock, signal });
  const [main, ...others] = oneOfEachServer(station);
  if (main === undefined) return [];
  const [role, place] = main;
  const line = await lineOf(place);
  // What the others answer is their business: some refuse on purpose.
  const rest = await examineOthers(others, lineOf);
  const isReached = line.every(({ state }) => state !== 'fail');
  return [
    { check: 'endpoint', state: 'ok', found: `${role}: ${redactor.text(place.url.href)}` },
    ...line,
    ...(isReached ? await examineAnswer(run, role) : []),
    ...rest,
    ...(isReached ? await examineBackend(run, [role]) : []),
  ];
}

/** One line for all that can be reached; of each other what is wrong with it. */
async function examineOthers(
  servers: readonly (readonly [string, Place])[],
  lineOf: (place: Place) => Promise<readonly Diagnosis[]>,
): Promise<readonly Diagnosis[]> {
  if (servers.length === 0) return [];
  const wrong = await Promise.all(
    servers.map(async ([role, place]) =>
      (await lineOf(place))
        .filter(({ state }) => state !== 'ok')
        .map((one) => ({ ...one, found: `${role}: ${one.found}` })),
    ),
  );
  const right = wrong.filter((one) => one.length === 0).length;
  const found = `${right} of ${servers.length} other endpoints can be reached`;
  return [{ check: 'endpoints', state: 'ok', found }, ...wrong.flat()];
}

/** By role; `open` stands for the others of its server. */
function oneOfEachServer({ target }: Station): readonly (readonly [string, Place])[] {
  const servers = new Map<string, readonly [string, Place]>();
  for (const [role, { url }] of Object.entries(target.endpoints)) {
    const place = placeOf(url);
    if (place === undefined) continue;
    const key = `${place.host} ${place.port}`;
    if (!servers.has(key) || role === 'open') servers.set(key, [role, place]);
  }
  return [...servers.values()].toSorted(([a], [b]) => Number(b === 'open') - Number(a === 'open'));
}
