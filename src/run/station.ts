// Where cases are run: the target, started if need be, with the runner's end of its backend.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { type Backend, createBackend } from '../observe/backend.ts';
import type { Observer } from '../observe/observer.ts';
import { openObserver } from '../observe/open.ts';
import { type ProbeListener, startProbeListener } from '../probe/listener.ts';
import { findFreePorts, isFreePort } from '../target/free-port.ts';
import {
  type AdoptGroup,
  launchTarget,
  type RunningTarget,
  type StartProcess,
} from '../target/launch.ts';
import type { Target } from '../target/model.ts';
import { type Provisioned, provisionTarget } from '../target/provision.ts';

/** The end of a launched target's process that was not our doing. */
export interface Death {
  /** As one clause: `it ended with exit code 1`. */
  readonly how: string;
  /** On the run's clock. */
  readonly atUs: number;
  /** For how long it had been ready. */
  readonly aliveMs: number;
  /** What it printed last, redacted. */
  readonly lastLines: readonly string[];
}

/** A target that is ready, and what sees its backend. */
export interface Station {
  /** With the URLs of the process that runs now: what is provisioned may get others in a restart. */
  readonly target: Target;
  readonly backend: Backend | undefined;
  /** What tells of the backend, where that is not a remote probe. */
  readonly observer: Observer | undefined;
  /** The runner started the target itself. */
  readonly isLaunched: boolean;
  /** How and when the process ended; undefined while it runs. */
  death(): Death | undefined;
  /** Aborts when the process that is running now ends. */
  deathSignal(): AbortSignal;
  /**
   * Stops what runs and starts afresh; does nothing for a target that somebody else started.
   *
   * @throws {ToolError} TARGET_LAUNCH_FAILED
   */
  restart(): Promise<void>;
  /** Ends a process that runs and is of no use; that counts as its death. */
  giveUp(how: string): Promise<void>;
  close(): Promise<void>;
}

/** How to listen. */
interface Listening {
  readonly listen: string;
  readonly advertise: string | undefined;
  /** Drawn for each run where there is none. */
  readonly token: string | undefined;
}

/** What a station is opened from. */
export interface StationPlan {
  /** Where the listener for a remote probe or the `http` observer binds; undefined: there is none. */
  readonly listen: Listening | undefined;
  /** Names of free ports that the target file asks for. */
  readonly ports: readonly string[];
  /** Fills in what is known only now: ports and the probe's address and token. */
  readonly resolve: (variables: {
    readonly ports: Readonly<Record<string, number>>;
    readonly probe: { readonly url: string; readonly token: string } | undefined;
  }) => Target;
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  /** As `launchTarget` takes it. */
  readonly adoptGroup?: AdoptGroup | undefined;
  /** As `launchTarget` takes it. */
  readonly start?: StartProcess | undefined;
  /** Aborts when the run is interrupted: a start is not waited for then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the listener and the target.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED, or what `resolve` throws; nothing is left running then
 */
export async function openStation(plan: StationPlan): Promise<Station> {
  for (let attempt = 1; ; attempt++) {
    const found = await findFreePorts(plan.ports.length, plan.random);
    try {
      return await openOnPorts(plan, found);
    } catch (thrown) {
      // Between our look and the target's start, somebody else may take a port: others are drawn.
      const lost = (await Promise.all(found.map(isFreePort))).includes(false);
      if (!lost || attempt === PORT_ATTEMPTS) throw thrown;
    }
  }
}

const PORT_ATTEMPTS = 3;

/** Waits for a death, and for the end of the run, at most `ms`; not at all for what cannot die. */
export async function diesWithin(
  { isLaunched, deathSignal }: Station,
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  if (isLaunched) await clock.sleep(ms, AbortSignal.any([signal, deathSignal()]));
}

async function startListener(
  plan: StationPlan,
  { listen, advertise, token }: Listening,
): Promise<ProbeListener> {
  const listener = await startProbeListener({
    listen,
    clock: plan.clock,
    ...(advertise === undefined ? {} : { advertise }),
    ...(token === undefined ? {} : { token }),
  });
  plan.redactor.register('probe-token', listener.token);
  return listener;
}

async function openOnPorts(plan: StationPlan, found: readonly number[]): Promise<Station> {
  const ports = Object.fromEntries(plan.ports.map((name, index) => [name, found[index] ?? 0]));
  const listener = plan.listen === undefined ? undefined : await startListener(plan, plan.listen);
  try {
    return await stationOf(plan, plan.resolve({ ports, probe: listener }), listener);
  } catch (thrown) {
    await listener?.close();
    throw thrown;
  }
}

async function stationOf(
  plan: StationPlan,
  target: Target,
  listener: ProbeListener | undefined,
): Promise<Station> {
  const { backend, observer } = await openBackend(plan, target, listener);
  const life = createLife(plan, target, listener);
  try {
    await life.start();
  } catch (thrown) {
    await observer?.close();
    throw thrown;
  }
  return {
    get target() {
      return life.target;
    },
    backend,
    observer,
    isLaunched: target.launch !== undefined,
    death: () => life.death,
    deathSignal: () => life.dying.signal,
    restart: async () => {
      if (target.launch === undefined) return;
      await life.stop();
      await life.start();
    },
    giveUp: (how) => life.giveUp(how),
    close: async () => {
      await life.stop();
      await observer?.close();
      await listener?.close();
    },
  };
}

interface Eyes {
  readonly backend: Backend | undefined;
  readonly observer: Observer | undefined;
}

/** The second witness: a remote probe, which answers to us, or an observer, which tells. */
async function openBackend(
  plan: StationPlan,
  target: Target,
  listener: ProbeListener | undefined,
): Promise<Eyes> {
  const { clock, redactor } = plan;
  const options = { correlate: target.correlate, clock, redactor };
  if (target.probe?.kind === 'scripted') redactor.register('probe-secret', target.probe.secret);
  if (target.probe?.kind === 'remote') {
    return { backend: createBackend(listener, options), observer: undefined };
  }
  if (target.observer === undefined) return { backend: undefined, observer: undefined };
  const backend = createBackend(undefined, options);
  const observer = await openObserver(
    { ...target.observer, listener, mayAppear: target.launch !== undefined },
    { clock, onRecord: backend.take },
  );
  return { backend, observer };
}

interface Life {
  /** As it is set up now. */
  target: Target;
  dying: AbortController;
  death: Death | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  giveUp(how: string): Promise<void>;
}

/** The process of a launched target, through its restarts; a stop of ours is no death. */
function createLife(
  { clock, redactor, adoptGroup, start, signal }: StationPlan,
  target: Target,
  probe: ProbeListener | undefined,
): Life {
  let running: RunningTarget | undefined;
  let provisioned: Provisioned | undefined;
  let readyUs = 0;
  const die = (how: string, lastLines: readonly string[]): void => {
    const atUs = clock.nowUs();
    life.death = { how, atUs, aliveMs: (atUs - readyUs) / 1000, lastLines };
    life.dying.abort();
  };
  const provide = async (): Promise<void> => {
    if (target.provision === undefined || probe === undefined) return;
    provisioned = await provisionTarget(target, target.provision, { probe, clock, signal });
    life.target = provisioned.target;
  };
  const withdraw = async (): Promise<void> => {
    const withdrawn = provisioned;
    provisioned = undefined;
    await withdrawn?.remove();
  };
  const life: Life = {
    target,
    dying: new AbortController(),
    death: undefined,
    start: async () => {
      if (target.launch === undefined) return provide();
      const started = await launchTarget(target.launch, {
        clock,
        redactor,
        adoptGroup,
        start,
        signal,
      });
      running = started;
      readyUs = clock.nowUs();
      Object.assign(life, { dying: new AbortController(), death: undefined });
      void started.ended.then((how) => {
        if (running !== started) return;
        die(how, started.lastLines());
      });
      try {
        await provide();
      } catch (thrown) {
        await life.stop();
        throw thrown;
      }
    },
    giveUp: async (how) => {
      const hung = running;
      if (hung === undefined) return;
      running = undefined;
      provisioned = undefined;
      die(how, hung.lastLines());
      await hung.stop();
    },
    stop: async () => {
      const stopping = running;
      // What has died keeps nothing.
      if (life.death === undefined) await withdraw();
      running = undefined;
      await stopping?.stop();
    },
  };
  return life;
}
