// Proxies in front of npm's `ws`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority, issueCertificate } from '../support/certificate.ts';
import { freePort, type Running, startProgram } from '../support/process.ts';
import { startWs } from './ws-server.ts';

/** nginx speaks TLS beside. */
export interface RunningNginx extends Running {
  readonly tlsPort: number;
  /** Path of the authority that its certificate for `localhost` is from. */
  readonly ca: string;
}

/** nginx, with locations that proxy, forget to, or open nothing; see server/nginx.conf. */
export async function startNginx(): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'ws-assay-nginx-'));
  const authority = await createAuthority();
  const { cert, key } = await issueCertificate(authority, 'localhost');
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  writeFileSync(join(folder, 'server.pem'), cert);
  writeFileSync(join(folder, 'server.key'), key);
  const tlsPort = await freePort();
  const nginx = await inFrontOfWs('nginx.conf', {
    folder,
    tlsPort,
    command: (conf) => ['nginx', '-e', 'stderr', '-p', folder, '-c', conf, '-g', 'daemon off;'],
  });
  return { ...nginx, tlsPort, ca };
}

/** HAProxy as its documentation has it. */
export function startHaproxy(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'ws-assay-haproxy-'));
  const command = (conf: string): [string, ...string[]] => ['haproxy', '-db', '-f', conf];
  return inFrontOfWs('haproxy.cfg', { folder, command });
}

async function inFrontOfWs(
  file: string,
  {
    command,
    folder,
    ...values
  }: {
    readonly command: (conf: string) => [string, ...string[]];
    readonly folder: string;
    readonly tlsPort?: number;
  },
): Promise<Running> {
  const backend = await startWs();
  const port = await freePort();
  const conf = fill(file, { ...values, folder, port, backend: backend.port });
  const proxy = await startProgram(command(conf), { port });
  const stop = async (): Promise<void> => {
    await proxy.stop();
    await backend.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, stop };
}

/** Fills in a configuration file and gives the path of the copy. */
function fill(file: string, values: Readonly<Record<string, string | number>>): string {
  const place = fileURLToPath(new URL(`server/${file}`, import.meta.url));
  const text = readFileSync(place, 'utf8').replaceAll(/@(\w+)@/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
  const path = join(String(values['folder']), file);
  writeFileSync(path, text);
  return path;
}
