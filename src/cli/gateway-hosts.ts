// Gateways that share processes, one after the other: a self-test starts hundreds, and to start Node and
// to load the modules would take longer than what is then asked of most of them.
import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from '../base/clock.ts';
import { howItEnded, type StartProcess } from '../target/launch.ts';
import type { Launch } from '../target/model.ts';
import type { HostOrder, HostReport } from './gateway-host.ts';
import type { Io } from './io.ts';

/** Processes that run a gateway, or wait for one. */
export interface GatewayHosts {
  /** Starts the gateway of a launch whose command is this very program. */
  readonly start: StartProcess;
  /** Ends all of them. */
  close(): void;
}

/** Makes a pool without any process yet. */
export function openGatewayHosts({ clock, self }: Pick<Io, 'clock' | 'self'>): GatewayHosts {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  return {
    start: (launch, onLine) => {
      const host = idle.pop() ?? forkHost(self);
      all.add(host);
      const ended = runIn(host, launch, onLine).then((how) => {
        if (host.connected) idle.push(host);
        return how;
      });
      return { pid: host.pid, ended, end: () => endWithin(host, ended, clock) };
    },
    close: () => {
      for (const host of all) host.kill();
    },
  };
}

function forkHost([, entry]: Io['self']): ChildProcess {
  return fork(join(dirname(entry), 'gateway-host.js'), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** Resolves with how the gateway ended, or its host. */
function runIn(
  host: ChildProcess,
  { command: [, , ...argv], env, directory }: Launch,
  onLine: (line: string) => void,
): Promise<string> {
  // What it says when it falls over is on its standard error.
  const errors = host.stderr === null ? undefined : createInterface(host.stderr);
  errors?.on('line', onLine);
  return new Promise((resolve) => {
    const done = (how: string): void => {
      host.off('message', onMessage).off('exit', onExit).off('error', onError);
      errors?.close();
      resolve(how);
    };
    const onExit = (code: number | null, signal: string | null): void =>
      done(howItEnded(code ?? undefined, signal ?? undefined));
    const onError = (error: Error): void => done(error.message);
    const onMessage = (message: unknown): void => {
      const report = message as HostReport; // from gateway-host.ts
      if (report.kind === 'ended') return done(howItEnded(report.code, undefined));
      for (const line of report.text.trimEnd().split('\n')) onLine(line);
    };
    host.on('message', onMessage).on('exit', onExit).on('error', onError);
    order(host, { kind: 'start', argv: [...argv, ...FEW], env, cwd: directory });
  });
}

// Of most gateways not more than a dozen cases are asked; environments that are missing start then.
const FEW = ['--provisioned', '2'];

function endWithin(host: ChildProcess, ended: Promise<string>, clock: Clock): void {
  order(host, { kind: 'end' });
  const cancel = clock.after(FORCE_MS, () => void host.kill('SIGKILL'));
  void ended.then(cancel);
}

const FORCE_MS = 3000;

function order(host: ChildProcess, told: HostOrder): void {
  // One that has gone is noticed by its exit.
  host.send(told, () => {});
}
