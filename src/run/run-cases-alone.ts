// Cases one at a time. A case during which the target dies is run again on a process that has
// served no other; only when it dies again is the case to blame.
import { ToolError } from '../base/errors.ts';
import type { CaseSpec } from '../scenario/model.ts';
import { endHung } from './hang.ts';
import type { HeldResults } from './held-results.ts';
import { reach } from './reach.ts';
import { blamed, type Toll } from './run-cases-death.ts';
import { type HeardRun, type Ran, rolesOfCase, runOne } from './run-cases-one.ts';
import { type Death, diesWithin } from './station.ts';

/**
 * Runs the cases one after the other, with `fresh` each on a process of its own. Those of `held` are suspects, too, of a
 * death that comes soon enough.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED when the target cannot be started again, TARGET_DIED when
 * it ends without any case, or an endpoint that somebody else started went away
 */
export async function runAlone(
  run: HeardRun,
  cases: readonly CaseSpec[],
  toll: Toll,
  { fresh = false, held }: { readonly fresh?: boolean; readonly held?: HeldResults } = {},
): Promise<void> {
  let before: readonly CaseSpec[] | undefined;
  for (const spec of cases) {
    if (run.signal.aborted) return;
    const gone = run.station.death();
    if (fresh || gone !== undefined) {
      if (gone !== undefined) addHeld(gone, { held, toll });
      await run.station.restart();
      before = [];
    }
    const first = await runWatched(run, spec, fresh);
    const isSure = before?.length === 0 || first.death === undefined || run.signal.aborted;
    const ran = isSure ? first : await runAgain(run, spec, { first, before, toll, held });
    if (ran.death !== undefined) await demandAlive(run, ran.death, toll);
    emit(run, spec, ran, toll);
    if (ran.death !== undefined && !run.station.isLaunched) await awaitReturn(run, ran.death);
    // After a death the next case gets a process that has served nobody.
    before = ran.death === undefined ? [...(before ?? []), spec].slice(-1) : [];
  }
}

/** A death between two cases is that of what had just ended, where anything had. */
function addHeld(
  death: Death,
  { held, toll }: { readonly held: HeldResults | undefined; readonly toll: Toll },
): void {
  const suspects = held?.takeBack(death) ?? [];
  if (suspects.length > 0) toll.add({ ...death, suspects });
}

/**
 * The counter-test of a conviction: a process that serves nobody lives at least as long. Once it was
 * seen to, it is believed of shorter times.
 *
 * @throws {ToolError} TARGET_DIED when it does not: no case is to blame then, and none can be tested
 */
async function demandAlive(run: HeardRun, death: Death, toll: Toll): Promise<void> {
  const { station, signal, clock } = run;
  if (!station.isLaunched || signal.aborted || death.aliveMs <= toll.seenAliveMs()) return;
  const ms = death.aliveMs + AFTERMATH_MS;
  try {
    await station.restart();
  } catch {
    // The case has ended it for good; whoever needs it next says so.
    return;
  }
  const beganUs = clock.nowUs();
  await diesWithin(station, ms, run);
  const own = station.death();
  if (own === undefined) return toll.sawAlive(ms);
  const after = `${Math.round((own.atUs - beganUs) / 1000)} ms after it was ready`;
  throw new ToolError(
    'TARGET_DIED',
    `The target's process ends by itself: without any case ${own.how}, ${after}.`,
    {
      hint:
        own.lastLines.length === 0
          ? 'It printed nothing.'
          : `It printed:\n  ${own.lastLines.join('\n  ')}`,
    },
  );
}

// How long a target may take to fall over. A fresh one is stopped after its case, so that a death
// that comes later than this would not be seen at all.
const AFTERMATH_MS = 300;
const FRESH_AFTERMATH_MS = 1000;

async function runWatched(run: HeardRun, spec: CaseSpec, fresh: boolean): Promise<Ran> {
  const { result } = await runOne(run, spec);
  if (!run.station.isLaunched)
    return { result, death: fresh ? await wentAway(run, spec) : undefined };
  await endHung(run, spec, result);
  await diesWithin(run.station, fresh ? FRESH_AFTERMATH_MS : AFTERMATH_MS, run);
  return { result, death: run.station.death() };
}

/** Of an endpoint that somebody else started all that can be seen is that it no longer accepts. */
async function wentAway(run: HeardRun, spec: CaseSpec): Promise<Death | undefined> {
  const roles = rolesOfCase(spec);
  await run.clock.sleep(AFTERMATH_MS, run.signal);
  const problems = await Promise.all([...new Set(roles)].map((role) => reach(run, role)));
  const [problem] = problems.flatMap((one) => one ?? []);
  if (problem === undefined || run.signal.aborted) return undefined;
  const how = problem.message.replace(/\.$/, '');
  return { how, atUs: run.clock.nowUs(), aliveMs: 0, lastLines: [] };
}

// Whoever runs it may start it again.
const RETURN_MS = 5000;

/** @throws {ToolError} TARGET_DIED when the endpoint does not come back */
async function awaitReturn(run: HeardRun, { how }: Death): Promise<void> {
  const untilUs = run.clock.nowUs() + RETURN_MS * 1000;
  const roles = Object.keys(run.station.target.endpoints);
  for (;;) {
    const away = (await Promise.all(roles.map((role) => reach(run, role)))).some(
      (one) => one !== undefined,
    );
    if (!away || run.signal.aborted) return;
    if (run.clock.nowUs() >= untilUs) break;
    await run.clock.sleep(AFTERMATH_MS, run.signal);
  }
  throw new ToolError('TARGET_DIED', `The endpoint went away and did not come back: ${how}.`, {
    hint: 'The case after which it went is named; start the endpoint again to run the rest.',
  });
}

interface Doubt {
  readonly first: Ran;
  /** The case before this one on the same process. */
  readonly before: readonly CaseSpec[] | undefined;
  readonly toll: Toll;
  /** Results that may be no longer than a moment old. */
  readonly held: HeldResults | undefined;
}

async function runAgain(run: HeardRun, spec: CaseSpec, doubt: Doubt): Promise<Ran> {
  const { first, before = [], toll, held } = doubt;
  if (first.death !== undefined) {
    const ended = held?.takeBack(first.death) ?? [];
    toll.add({ ...first.death, suspects: [...ended, ...before, spec] });
  }
  await run.station.restart();
  return runWatched(run, spec, true);
}

function emit(run: HeardRun, spec: CaseSpec, { result, death }: Ran, toll: Toll): void {
  // An interrupt reaches the target too where both share a terminal: that is nobody's fault.
  const isBlamed = death !== undefined && !run.signal.aborted;
  if (isBlamed) toll.convict(spec);
  run.emit({ event: 'case-ended', result: isBlamed ? blamed(result, spec, death) : result });
}
