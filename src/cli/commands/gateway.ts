// `ws-assay gateway`: the reference gateway on its own, until it is interrupted.
import { resolve } from 'node:path';
import { ToolError } from '../../base/errors.ts';
import { visible } from '../../base/visible.ts';
import type { GatewayConfig } from '../../gateway/config.ts';
import { describeProblem, readGatewayConfig } from '../../gateway/config-file.ts';
import { type Gateway, startGateway } from '../../gateway/start.ts';
import { demandFaults } from '../fault-names.ts';
import type { Io } from '../io.ts';
import { readText } from '../read-text.ts';
import {
  describeDrawnKeys,
  describeSigning,
  describeTemplate,
  followTemplate,
  openTemplate,
  standInCredentials,
} from './gateway-template.ts';

/** Options of the command. */
export interface GatewayOptions {
  readonly config?: string;
  readonly host: string;
  /** `api=port`. */
  readonly port: readonly string[];
  readonly fault: readonly string[];
  /** `Name=Value`, of a template. */
  readonly parameter: readonly string[];
  /** `Name=Value`, of a template. */
  readonly import: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  /** How much of a function's provisioned concurrency is started, at most. */
  readonly provisioned?: number;
  readonly exitWithStdin?: boolean;
}

/** Starts it, prints where its APIs are as one JSON line on stdout, and waits for an interrupt. */
export async function gatewayCommand(
  io: Io,
  templateFile: string | undefined,
  options: GatewayOptions,
): Promise<number> {
  demandFaults(options.fault);
  if (templateFile !== undefined) return serveTemplate(io, templateFile, options);
  const [unused] = [...options.parameter, ...options.import];
  if (unused !== undefined) {
    throw new ToolError('USAGE', '--parameter and --import are of a template.', {
      hint: 'Write ws-assay gateway template.yaml and then the options.',
    });
  }
  const file = resolve(
    io.cwd,
    options.config ?? `${io.packageRoot}/targets/reference/gateway.yaml`,
  );
  const gateway = await start(io, adapted(io, options)(readConfig(file)), options);
  const told = announce(io, gateway, options);
  const isByHand = options.config === undefined && options.exitWithStdin !== true;
  if (isByHand && io.env['ASSAY_PROBE_URL'] === undefined) {
    io.stderr(
      'No runner: with the embedded configuration every $connect is refused with 599. --config names your own.\n',
    );
  }
  await told;
  await gateway.close();
  return 0;
}

async function serveTemplate(io: Io, file: string, options: GatewayOptions): Promise<number> {
  if (options.config !== undefined) {
    throw new ToolError('USAGE', 'A template and --config do not go together.');
  }
  const template = openTemplate(io, file, options);
  try {
    const first = template.read();
    const adapt = adapted(io, options);
    const gateway = await start(io, adapt(first.config), options, standInCredentials(io));
    const told = announce(io, gateway, options);
    describeTemplate(io, first, gateway);
    describeDrawnKeys(io, template.drawnKeys);
    describeSigning(io, first);
    const stopFollowing = followTemplate(io, { template, first, gateway, adapt });
    await told;
    stopFollowing();
    await gateway.close();
  } finally {
    template.close();
  }
  return 0;
}

function adapted(io: Io, options: GatewayOptions): (config: GatewayConfig) => GatewayConfig {
  return (config) => withTls({ ...config, Host: options.host }, io, options);
}

async function start(
  io: Io,
  config: GatewayConfig,
  options: GatewayOptions,
  environment: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  return await startGateway(config, {
    ports: portsOf(options.port),
    environment: { ...environment, ...environmentOf(io) },
    faults: options.fault,
    log: (line) => io.stderr(`${visibleLine(line)}\n`),
    clock: io.clock,
    ...(options.provisioned !== undefined && { provisioned: options.provisioned }),
  });
}

/** Says where the APIs are; resolves when the gateway shall end. */
function announce(io: Io, gateway: Gateway, options: GatewayOptions): Promise<void> {
  const apis = Object.fromEntries(
    Object.entries(gateway.apis).map(([name, { url, managementUrl }]) => [
      name,
      { url, managementUrl },
    ]),
  );
  // Listened for before it is told that it is ready: whoever reads that may end it at once.
  const told = ending(io, options);
  io.stdout(`${JSON.stringify({ ready: true, apis })}\n`);
  for (const fault of options.fault) io.stderr(`fault: ${fault}\n`);
  return told;
}

// Lambda separates the parts of a log line by tabs.
function visibleLine(line: string): string {
  return line
    .split('\t')
    .map((part) => visible(part))
    .join('\t');
}

function readConfig(file: string): GatewayConfig {
  const text = readText(file);
  const reading = readGatewayConfig(text, file);
  if (reading.kind === 'config') return reading.config;
  const problems = reading.problems.map((problem) => describeProblem(problem, text));
  throw new ToolError('GATEWAY_CONFIG', `${file} is not a gateway configuration.`, {
    hint: problems.join('\n\n'),
  });
}

function withTls(config: GatewayConfig, io: Io, { cert, key }: GatewayOptions): GatewayConfig {
  if (cert === undefined && key === undefined) return config;
  if (cert === undefined || key === undefined) {
    throw new ToolError('USAGE', '--cert and --key go together.');
  }
  const Tls = { Certificate: readText(resolve(io.cwd, cert)), Key: readText(resolve(io.cwd, key)) };
  const Apis = Object.entries(config.Apis).map(([name, api]) => [name, { ...api, Tls }] as const);
  return { ...config, Apis: Object.fromEntries(Apis) };
}

function portsOf(given: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, port] = /^([a-z][a-z0-9-]*)=(\d{1,5})$/.exec(text) ?? [];
      if (name !== undefined && Number(port) <= 65_535) return [name, Number(port)];
      throw new ToolError(
        'USAGE',
        `--port ${text}: write the name of an API, =, and a port: open=4001.`,
      );
    }),
  );
}

/** Handlers see what a Lambda function would be given: the environment. */
function environmentOf(io: Io): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(io.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function ending(io: Io, options: GatewayOptions): Promise<void> {
  return new Promise((resolveEnding) => {
    const stop = io.onInterrupt(() => {
      stop();
      resolveEnding();
    });
    if (options.exitWithStdin === true) void io.stdinEnded().then(resolveEnding);
  });
}
