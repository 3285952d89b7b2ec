// Where cases are run: the target, started if need be, with the runner's end of its backend.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import { type Backend, createBackend } from '../observe/backend.ts';
import { type ProbeListener, startProbeListener } from '../probe/listener.ts';
import { findFreePort } from '../target/free-port.ts';
import { launchTarget, type RunningTarget } from '../target/launch.ts';
import type { Target } from '../target/model.ts';

/** A target that is ready, and what sees its backend. */
export interface Station {
  readonly target: Target;
  readonly backend: Backend | undefined;
  /** The runner started the target itself. */
  readonly isLaunched: boolean;
  isDead(): boolean;
  /** When the process ended, on the run's clock; 0 while it runs. */
  diedAtUs(): number;
  /** How the process ended, as one clause; empty while it runs. */
  howItDied(): string;
  /** Aborts when the process that is running now ends. */
  deathSignal(): AbortSignal;
  /** Stops what runs and starts afresh; does nothing for a target that somebody else started. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What a station is opened from. */
export interface StationPlan {
  /** Where the listener for a remote probe or the `http` observer binds; undefined: there is none. */
  readonly listen: { readonly listen: string; readonly advertise: string | undefined } | undefined;
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
}

/**
 * Starts the listener and the target.
 *
 * @throws {ToolError} TARGET_LAUNCH_FAILED, or what `resolve` throws; nothing is left running then
 */
export async function openStation(plan: StationPlan): Promise<Station> {
  const listener = plan.listen === undefined ? undefined : await startListener(plan, plan.listen);
  try {
    const ports = await freePorts(plan);
    const target = plan.resolve({ ports, probe: listener });
    return await stationOf(plan, target, listener);
  } catch (thrown) {
    await listener?.close();
    throw thrown;
  }
}

async function startListener(
  plan: StationPlan,
  { listen, advertise }: { readonly listen: string; readonly advertise: string | undefined },
): Promise<ProbeListener> {
  const listener = await startProbeListener({
    listen,
    clock: plan.clock,
    ...(advertise === undefined ? {} : { advertise }),
  });
  plan.redactor.register('probe-token', listener.token);
  return listener;
}

async function freePorts(plan: StationPlan): Promise<Readonly<Record<string, number>>> {
  const ports: Record<string, number> = {};
  for (const name of plan.ports) ports[name] = await findFreePort(plan.random);
  return ports;
}

async function stationOf(
  plan: StationPlan,
  target: Target,
  listener: ProbeListener | undefined,
): Promise<Station> {
  const { clock, redactor } = plan;
  const backend =
    listener === undefined
      ? undefined
      : createBackend(listener, { correlate: target.correlate, clock, redactor });
  const life = createLife(plan, target);
  await life.start();
  return {
    target,
    backend,
    isLaunched: target.launch !== undefined,
    isDead: () => life.death.signal.aborted,
    diedAtUs: () => life.diedAtUs,
    howItDied: () => life.how,
    deathSignal: () => life.death.signal,
    restart: async () => {
      if (target.launch === undefined) return;
      await life.stop();
      await life.start();
    },
    close: async () => {
      await life.stop();
      await listener?.close();
    },
  };
}

interface Life {
  death: AbortController;
  how: string;
  diedAtUs: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The process of a launched target, through its restarts; a stop of ours is no death. */
function createLife({ clock, redactor }: StationPlan, target: Target): Life {
  let running: RunningTarget | undefined;
  const life: Life = {
    death: new AbortController(),
    how: '',
    diedAtUs: 0,
    start: async () => {
      if (target.launch === undefined) return;
      const started = await launchTarget(target.launch, { clock, redactor });
      running = started;
      Object.assign(life, { death: new AbortController(), how: '', diedAtUs: 0 });
      void started.ended.then((how) => {
        if (running !== started) return;
        Object.assign(life, { how, diedAtUs: clock.nowUs() });
        life.death.abort();
      });
    },
    stop: async () => {
      const stopping = running;
      running = undefined;
      await stopping?.stop();
    },
  };
  return life;
}
