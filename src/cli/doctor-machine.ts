// What `doctor` looks at on this machine: Node, descriptors, ports, the timers, proxy variables.
import { createServer } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { systemCodeOf } from '../base/errors.ts';
import { type Machine, readMachine } from '../load/machine.ts';
import { proxiesByEnvironment } from '../target/route.ts';
import { proxyName } from '../wire/route.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Io } from './io.ts';

/** Examines the machine; sends nothing. */
export async function examineMachine(io: Io): Promise<readonly Diagnosis[]> {
  const machine = readMachine();
  return [
    nodeDiagnosis(io.environment.node),
    descriptorDiagnosis(machine),
    portDiagnosis(machine),
    await listenDiagnosis(),
    await timerDiagnosis(io.clock),
    ...proxyDiagnoses(io.env),
  ];
}

// As `engines` of package.json says.
const LEAST_NODE = [20, 19] as const;

/** `v20.19.0` and later are right. */
function nodeDiagnosis(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor);
  return {
    check: 'node',
    state: isOld ? 'fail' : 'ok',
    found: version,
    ...(isOld ? { advice: `Install Node ${LEAST_NODE.join('.')} or later.` } : {}),
  };
}

const MANY_DESCRIPTORS = 4096;
// Below that not even cases at a time have theirs.
const FEW_DESCRIPTORS = 256;

function descriptorDiagnosis({ descriptors }: Machine): Diagnosis {
  const check = 'descriptors';
  if (descriptors === undefined)
    return { check, state: 'ok', found: 'this system does not say how many files may be open' };
  const found = `${descriptors} files may be open at a time in one process`;
  if (descriptors >= MANY_DESCRIPTORS) return { check, state: 'ok', found };
  return {
    check,
    state: descriptors < FEW_DESCRIPTORS ? 'fail' : 'warn',
    found,
    advice:
      'Each connection takes one. Raise the limit in this shell: ulimit -n 65536 (the hard limit is in /etc/security/limits.conf, or --ulimit nofile of docker).',
  };
}

const FEW_PORTS = 10_000;

function portDiagnosis({ ports: { from, to } }: Machine): Diagnosis {
  const count = to - from + 1;
  const found = `${count} source ports, ${from} to ${to}`;
  if (count >= FEW_PORTS) return { check: 'ports', state: 'ok', found };
  return {
    check: 'ports',
    state: 'warn',
    found,
    advice:
      'A load needs one for each connection to the same endpoint: sysctl -w net.ipv4.ip_local_port_range="15000 65000".',
  };
}

/** Whether a listener can be had on loopback: the probe, an `http` observer and the embedded gateway need one. */
async function listenDiagnosis(): Promise<Diagnosis> {
  const check = 'listen';
  const failure = await new Promise<unknown>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(0, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
  if (failure === undefined) return { check, state: 'ok', found: 'a port of 127.0.0.1 is free' };
  return {
    check,
    state: 'fail',
    found: `no port of 127.0.0.1 can be had: ${systemCodeOf(failure) ?? 'unknown'}`,
    advice: 'Is the loopback interface up, and may this process listen (a sandbox may forbid it)?',
  };
}

const ROUNDS = 20;
const ROUND_MS = 5;
const LATE_MS = 20;

/** How late timers are: what waits for a processor measures itself. */
async function timerDiagnosis(clock: Clock): Promise<Diagnosis> {
  const lates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startUs = clock.nowUs();
    await clock.sleep(ROUND_MS);
    lates.push((clock.nowUs() - startUs) / 1000 - ROUND_MS);
  }
  const worst = Math.max(...lates);
  const found = `timers are ${worst.toFixed(1)} ms late at most`;
  if (worst <= LATE_MS) return { check: 'clock', state: 'ok', found };
  return {
    check: 'clock',
    state: 'warn',
    found,
    advice:
      'This machine is busy: times that are measured now are partly its own. Stop what else runs, or give it more processors.',
  };
}

/** What the environment says of proxies; loopback is never reached through one. */
function proxyDiagnoses(env: Io['env']): readonly Diagnosis[] {
  const check = 'proxy';
  const { rules, bad } = proxiesByEnvironment(env);
  const named = (['plain', 'secure'] as const).flatMap((scheme) => {
    const proxy = rules[scheme];
    const urls = scheme === 'plain' ? 'ws:' : 'wss:';
    return proxy === undefined ? [] : [`${urls} through ${proxyName(proxy)}`];
  });
  const broken = [...new Set(bad.map(({ variable }) => variable))].map(
    (variable): Diagnosis => ({
      check,
      state: 'warn',
      found: `${variable} names no HTTP proxy`,
      advice: 'Write http://host:port there (SOCKS is not supported), or go without by --no-proxy.',
    }),
  );
  if (named.length === 0 && broken.length > 0) return broken;
  if (named.length === 0) return [{ check, state: 'ok', found: 'no proxy variable is set' }];
  const advice =
    'It comes from the environment. Hosts in no_proxy and loopback go without; --no-proxy does for all.';
  return [{ check, state: 'warn', found: named.join(', '), advice }, ...broken];
}
