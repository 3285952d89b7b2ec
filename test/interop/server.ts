// WebSocket servers that were not written here: how each is started, which version it is, and which
// checks of rfc6455-handshake it fails. On Debian: apt-get install nginx haproxy websocketd
// python3-websockets python3-aiohttp python3-tornado libwebsockets-test-server; for those from npm
// `npm ci` in server/node, for those in Go `go mod download` in server/go. A test downloads nothing.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  freePort,
  PYTHON,
  pythonHas,
  type Running,
  startProgram,
  succeeds,
} from '../support/process.ts';
import { startHaproxy, startNginx } from './proxy.ts';
import { startWs } from './ws-server.ts';

/** A server that the suite is run against. */
export interface Server {
  readonly name: string;
  readonly installed: boolean;
  /** As it says itself; called only where it is installed. */
  readonly version: () => string;
  readonly start: () => Promise<Running>;
  /** Path and query of its WebSocket endpoint, without the first slash. */
  readonly path?: string;
  /** The checks that fail, as `scenario#check`. */
  readonly fails: readonly string[];
}

const HERE = fileURLToPath(new URL('server/', import.meta.url));

const LWS = '/usr/bin/libwebsockets-test-server';

const VERSIONS_NOT_NAMED = 'wrong-version#names-its-versions';
const LETTERS_ACCEPTED = 'other-connection#not-opened';
const UNMASKED_ACCEPTED = 'unmasked-frame#connection-ends';

/** nginx alone; its other locations have tests of their own. */
export const NGINX_FAILS = ['missing-connection#not-opened', 'other-connection#not-opened'];

// Only where its modules are in Go's cache.
const goServer = join(mkdtempSync(join(tmpdir(), 'ws-assay-go-')), 'server');
const hasGo = succeeds(
  'env',
  'GOPROXY=off',
  'GOFLAGS=-mod=readonly',
  'go',
  'build',
  '-C',
  join(HERE, 'go'),
  '-o',
  goServer,
  '.',
);

/** Removes what was built. */
export function removeBuilt(): void {
  rmSync(join(goServer, '..'), { recursive: true, force: true });
}

export const SERVERS: readonly Server[] = [
  {
    name: 'ws (npm), an echo',
    installed: true,
    version: () => npmVersion(new URL('../../node_modules/ws/', import.meta.url)),
    start: () => startWs((one) => one.on('message', (data, binary) => one.send(data, { binary }))),
    fails: [],
  },
  {
    ...fromNpm('engine.io', 'engine-io.mjs'),
    path: 'engine.io/?EIO=4&transport=websocket',
    fails: [],
  },
  { ...fromNpm('faye-websocket', 'faye.mjs'), fails: [VERSIONS_NOT_NAMED] },
  {
    ...fromNpm('websocket', 'websocket.mjs'),
    fails: ['other-upgrade#not-opened', 'post-method#not-opened', UNMASKED_ACCEPTED],
  },
  { ...fromPython('websockets'), fails: [VERSIONS_NOT_NAMED] },
  { ...fromPython('aiohttp'), fails: [LETTERS_ACCEPTED, UNMASKED_ACCEPTED, VERSIONS_NOT_NAMED] },
  { ...fromPython('tornado', 'tornado.version'), fails: [UNMASKED_ACCEPTED] },
  {
    name: 'libwebsockets test server (Debian)',
    installed: existsSync(LWS),
    version: () => printed(/(\d[\d.]+)/, 'dpkg-query', '-W', 'libwebsockets-test-server'),
    start: () => onPort((port) => [LWS, '--port', String(port), '--interface', 'lo']),
    fails: [
      'missing-key#error-status',
      'missing-version#error-status',
      'missing-version#not-opened',
      'post-method#not-opened',
      UNMASKED_ACCEPTED,
      'wrong-version#error-status',
      VERSIONS_NOT_NAMED,
      'wrong-version#not-opened',
    ],
  },
  {
    name: 'websocketd (Debian)',
    installed: succeeds('websocketd', '--version'),
    version: () => printed(/(\d[\d.]+)/, 'dpkg-query', '-W', 'websocketd'),
    start: () =>
      onPort((port) => ['websocketd', '--address', '127.0.0.1', '--port', String(port), 'cat']),
    fails: [],
  },
  {
    ...inGo('github.com/gorilla/websocket'),
    path: 'gorilla',
    fails: [],
  },
  {
    ...inGo('golang.org/x/net', 'golang.org/x/net/websocket'),
    path: 'xnet',
    fails: [
      'close#answered-with-a-close-frame',
      'empty-close#answered-with-a-close-frame',
      LETTERS_ACCEPTED,
      'reserved-bits#connection-ends',
      'reserved-opcode#connection-ends',
    ],
  },
  {
    name: 'nginx (Debian) in front of ws',
    installed: succeeds('nginx', '-v'),
    version: () => printed(/nginx\/(\S+)/, 'sh', '-c', 'nginx -v 2>&1'),
    start: startNginx,
    fails: NGINX_FAILS,
  },
  {
    name: 'HAProxy (Debian) in front of ws',
    installed: succeeds('haproxy', '-v'),
    version: () => printed(/version (\d[\d.]+)/, 'haproxy', '-v'),
    start: startHaproxy,
    fails: [],
  },
];

type Described = Pick<Server, 'name' | 'installed' | 'version' | 'start'>;

function fromNpm(name: string, file: string): Described {
  const folder = join(HERE, 'node');
  const modules = join(folder, 'node_modules', name);
  return {
    name: `${name} (npm)`,
    installed: existsSync(modules),
    version: () => npmVersion(pathToFileURL(`${modules}/`)),
    start: () => onPort((port) => [process.execPath, join(folder, file), String(port)]),
  };
}

function fromPython(name: string, version = `${name}.__version__`): Described {
  return {
    name: `python3-${name} (Debian)`,
    installed: pythonHas(name),
    version: () => printed(/(\S+)/, PYTHON, '-c', `import ${name}; print(${version})`),
    start: () => onPort((port) => [PYTHON, join(HERE, `${name}_server.py`), String(port)]),
  };
}

function inGo(module: string, name = module): Described {
  return {
    name: `${name} (Go)`,
    installed: hasGo,
    version: () => {
      const text = readFileSync(join(HERE, 'go', 'go.mod'), 'utf8');
      return new RegExp(`${module} v(\\S+)`).exec(text)?.[1] ?? '?';
    },
    start: () => onPort((port) => [goServer, String(port)]),
  };
}

async function onPort(command: (port: number) => [string, ...string[]]): Promise<Running> {
  const port = await freePort();
  return startProgram(command(port), { port });
}

function npmVersion(folder: URL): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  return String(version);
}

function printed(pattern: RegExp, program: string, ...args: readonly string[]): string {
  const text = execFileSync(program, [...args], { encoding: 'utf8', timeout: 20_000 });
  return pattern.exec(text)?.[1] ?? '?';
}
