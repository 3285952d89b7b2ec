import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../scenario/diagnostic.ts';
import type { Target } from './model.ts';
import { parseTargetFile, resolveTarget, type TargetVariables, targetFromUrl } from './parse.ts';

const FILE = 'targets/t/target.yaml';
const NOTHING: TargetVariables = {
  vars: {},
  ports: {},
  probe: undefined,
  env: () => undefined,
  registerSecret: () => undefined,
};

function resolved(text: string, variables: Partial<TargetVariables> = {}): Target {
  const parsed = parseTargetFile({ file: FILE, name: 't', text });
  if ('diagnostics' in parsed)
    throw new Error(renderDiagnostics(parsed.diagnostics, { [FILE]: text }));
  const result = resolveTarget(parsed.description, { ...NOTHING, ...variables });
  if ('diagnostics' in result)
    throw new Error(renderDiagnostics(result.diagnostics, { [FILE]: text }));
  return result.target;
}

/** Mistakes of either stage. */
function complaints(text: string, variables: Partial<TargetVariables> = {}): string {
  const parsed = parseTargetFile({ file: FILE, name: 't', text });
  const result =
    'diagnostics' in parsed
      ? parsed
      : resolveTarget(parsed.description, { ...NOTHING, ...variables });
  if ('diagnostics' in result)
    return `\n${renderDiagnostics(result.diagnostics, { [FILE]: text })}\n`;
  return `\n${renderDiagnostics(result.warnings, { [FILE]: text })}\n`;
}

const BARE: Target = {
  name: 't',
  title: 't',
  version: undefined,
  endpoints: { open: { url: 'wss://chat.example.com/v1', credentials: {} } },
  management: undefined,
  probe: undefined,
  observer: undefined,
  settleMs: 1000,
  correlate: { kind: 'none' },
  concurrency: 16,
  features: [],
  limits: {},
  vars: {},
  network: {
    ca: undefined,
    cert: undefined,
    key: undefined,
    servername: undefined,
    insecure: false,
    overrides: [],
    proxy: undefined,
  },
  launch: undefined,
};

describe('a target file', () => {
  it('is short for an endpoint of one’s own', () => {
    expect(resolved('url: wss://chat.example.com/v1\n')).toEqual(BARE);
  });

  it('has everything', () => {
    const text = `title: Everything
version: 14.10
endpoints:
  open: ws://127.0.0.1:\${port.ws}/
  api-key:
    url: ws://127.0.0.1:\${port.ws}/
    credentials:
      default: { headers: { x-api-key: "\${secret:KEY}" } }
      unknown: { headers: { x-api-key: [a, b] }, query: { n: 5 } }
      given: { usageIdentifierKey: 12345 }
  managed:
    url: ws://127.0.0.1:\${port.ws}/
    management: http://127.0.0.1:\${port.ws}/managed/{id}
management: { url: "http://127.0.0.1:\${port.ws}/@connections/{id}" }
probe: { remote: { listen: "0.0.0.0:0", advertise: http://host.docker.internal } }
observer: { http: }
settle: 3s
correlate: { header: x-assay }
concurrency: 4
features: [idle-timeout, x-mine]
limits: { idleTimeout: 3s, connectRate: 30/m, connectBurst: 5 }
vars: { region: "\${env:REGION}", n: 5 }
network:
  ca: ca.pem
  key: "-----BEGIN PRIVATE KEY-----"
  insecure: true
  servername: chat
  proxy: http://me:pw@proxy:3128
  resolve: ["chat:443:127.0.0.1,[::1]"]
launch:
  command: [node, start.mjs, "\${region}"]
  directory: sub
  ports: [ws]
  env: { URL: "\${probe.url}", TOKEN: "\${probe.token}", PORT: "\${port.ws}" }
  ready: { http: "http://127.0.0.1:\${port.ws}/", within: 20s }
`;
    const registered: string[] = [];
    const target = resolved(text, {
      vars: { n: 6 },
      ports: { ws: 4321 },
      probe: { url: 'http://127.0.0.1:9', token: 'tok' },
      env: (name) => `<${name}>`,
      registerSecret: (name, value) => registered.push(`${name}=${value}`),
      readBeside: (path) => `text of ${path}`,
    });
    expect(registered).toEqual(['KEY=<KEY>']);
    expect(target).toEqual({
      name: 't',
      title: 'Everything',
      version: '14.10',
      endpoints: {
        open: { url: 'ws://127.0.0.1:4321/', credentials: {} },
        'api-key': {
          url: 'ws://127.0.0.1:4321/',
          credentials: {
            default: { headers: [{ name: 'x-api-key', value: '<KEY>' }], query: [] },
            unknown: {
              headers: [
                { name: 'x-api-key', value: 'a' },
                { name: 'x-api-key', value: 'b' },
              ],
              query: [{ name: 'n', value: '5' }],
            },
            given: { headers: [], query: [], usageIdentifierKey: '12345' },
          },
        },
        managed: {
          url: 'ws://127.0.0.1:4321/',
          credentials: {},
          management: 'http://127.0.0.1:4321/managed/{id}',
        },
      },
      management: 'http://127.0.0.1:4321/@connections/{id}',
      probe: { kind: 'remote', listen: '0.0.0.0:0', advertise: 'http://host.docker.internal' },
      observer: {
        kind: 'http',
        listen: '127.0.0.1:0',
        advertise: undefined,
        token: undefined,
        map: undefined,
      },
      settleMs: 3000,
      correlate: { kind: 'header', name: 'x-assay' },
      concurrency: 4,
      features: ['idle-timeout', 'x-mine'],
      limits: { idleTimeout: 3000, connectRate: 0.5, connectBurst: 5 },
      vars: { region: '<REGION>', n: 5 },
      network: {
        ca: 'text of ca.pem',
        cert: undefined,
        key: '-----BEGIN PRIVATE KEY-----',
        servername: 'chat',
        insecure: true,
        overrides: [{ host: 'chat', port: 443, addresses: ['127.0.0.1', '::1'] }],
        proxy: { host: 'proxy', port: 3128, secure: false, user: 'me', password: 'pw' },
      },
      launch: {
        command: ['node', 'start.mjs', '<REGION>'],
        directory: 'targets/t/sub',
        env: { URL: 'http://127.0.0.1:9', TOKEN: 'tok', PORT: '4321' },
        ready: { kind: 'http', url: 'http://127.0.0.1:4321/' },
        readyWithinMs: 20_000,
      },
    });
  });

  it('has a scripted probe, an observer of a log, and ways to correlate', () => {
    const text = `url: ws://a
probe: { scripted: { secret: "\${secret:S}", remembers: true } }
observer:
  file: ../../log/chat.ndjson
  map:
    type: { path: event.kind, values: { joined: CONNECT, left: DISCONNECT } }
    at: { path: time, format: iso }
    connectionId: conn["the.id"]
    nonce: url
    event: { requestContext.disconnectStatusCode: close.code }
correlate: { header: x-assay }
`;
    expect(resolved(text, { env: () => 'shh' })).toMatchObject({
      probe: { kind: 'scripted', secret: 'shh', remembers: true },
      settleMs: 5000,
      correlate: { kind: 'header', name: 'x-assay' },
      observer: {
        kind: 'file',
        path: resolve('targets/t/../../log/chat.ndjson'),
        map: {
          type: { path: ['event', 'kind'], values: { joined: 'CONNECT', left: 'DISCONNECT' } },
          phase: undefined,
          at: { path: ['time'], format: 'iso' },
          texts: { connectionId: ['conn', 'the.id'], nonce: ['url'] },
          event: [{ to: ['requestContext', 'disconnectStatusCode'], from: ['close', 'code'] }],
        },
      },
    });
    const watched = `url: ws://a
observer: { exec: [docker, logs, -f, chat], settle: 2s, map: { type: t, at: at, connectionId: id } }
`;
    expect(resolved(watched)).toMatchObject({
      settleMs: 2000,
      correlate: { kind: 'query' },
      observer: {
        kind: 'exec',
        command: ['docker', 'logs', '-f', 'chat'],
        directory: 'targets/t',
        map: { type: { path: ['t'], values: undefined }, event: undefined },
      },
    });
  });

  it('has an observer of a Redis stream', () => {
    const text = `url: ws://a
observer: { redis: { url: "rediss://r:6380/1", stream: chat, password: "\${secret:S}", ca: ca.pem } }
`;
    expect(resolved(text, { env: () => 'shh' }).observer).toEqual({
      kind: 'redis',
      url: 'rediss://r:6380/1',
      stream: 'chat',
      field: 'event',
      username: undefined,
      password: 'shh',
      ca: resolve('targets/t/ca.pem'),
      map: undefined,
      canary: undefined,
    });
    const opened = 'url: ws://a\nobserver: { redis: { url: "${env:REDIS}", stream: chat } }\n';
    expect(resolved(opened, { env: () => 'redis://r:6379' }).observer).toMatchObject({
      url: 'redis://r:6379',
    });
  });

  it('has an observer of a log group', () => {
    const text = `url: ws://a
observer: { cwlogs: { group: /aws/chat, region: eu-west-1, overlap: 1m }, settle: 30s }
`;
    const shared = { map: undefined, canary: undefined };
    expect(resolved(text)).toMatchObject({
      settleMs: 30_000,
      observer: {
        kind: 'cwlogs',
        group: '/aws/chat',
        region: 'eu-west-1',
        endpoint: undefined,
        overlapMs: 60_000,
        ...shared,
      },
    });
    const least = 'url: ws://a\nobserver: { cwlogs: { group: g } }\n';
    expect(resolved(least).observer).toMatchObject({ region: undefined, overlapMs: 30_000 });
  });

  it('warns of a secret that stands in it, and not of one that is drawn or comes from outside', () => {
    const warned = (secret: string): readonly string[] => {
      const text = `url: ws://a\nprobe: { scripted: { secret: ${secret} } }\nobserver: { http: }\n`;
      const parsed = parseTargetFile({ file: FILE, name: 't', text });
      return 'diagnostics' in parsed
        ? ['error']
        : parsed.description.warnings.map(({ code }) => code);
    };
    expect(warned('abcdef')).toEqual(['TGT_SECRET_WRITTEN']);
    const inRedis = `url: ws://a\nobserver: { redis: { url: redis://r, stream: s, password: shh } }\n`;
    const parsed = parseTargetFile({ file: FILE, name: 't', text: inRedis });
    expect('diagnostics' in parsed ? [] : parsed.description.warnings).toMatchObject([
      { code: 'TGT_SECRET_WRITTEN', span: { line: 2 } },
    ]);
    expect([warned('"${secret:S}"'), warned('"${probe.token}"')]).toEqual([[], []]);
  });

  it.each([
    ['close-reason', { kind: 'close-reason' }],
    [
      '{ connection-id: { from: received.json.data.id, ask: whoami } }',
      { from: { root: 'received', keys: ['json', 'data', 'id'] }, ask: 'whoami' },
    ],
    [
      '{ connection-id: { from: handshake.headers.X-Id } }',
      { from: { root: 'handshake', keys: ['headers', 'x-id'] }, ask: undefined },
    ],
  ])('correlates by %s', (written, expected) => {
    const text = `url: ws://a\nobserver: { http: }\ncorrelate: ${written}\n`;
    expect(resolved(text).correlate).toEqual({ kind: 'connection-id', ...expected });
  });

  it('says before it is started what it needs', () => {
    const text = `url: ws://127.0.0.1:\${port.ws}/
probe: { remote: {} }
launch: { gateway: gateway.yaml, ports: [ws, api] }
`;
    const parsed = parseTargetFile({ file: FILE, name: 't', text });
    if ('diagnostics' in parsed) throw new Error('not parsed');
    const { ports, launch, probe, title } = parsed.description;
    expect({ ports, launch, probe, title }).toEqual({
      ports: ['ws', 'api'],
      launch: 'gateway',
      probe: true,
      title: 't',
    });
    expect(resolved(text, { ports: { ws: 5, api: 6 } })).toMatchObject({
      correlate: { kind: 'query' },
      launch: {
        command: [],
        gateway: 'targets/t/gateway.yaml',
        directory: 'targets/t',
        ready: { kind: 'tcp', address: '127.0.0.1:5' },
        readyWithinMs: 30_000,
      },
    });
  });

  it.each([
    ['an http URL', 'url: https://chat.example.com\n'],
    ['no scheme', 'url: localhost:8080/v1\n'],
    ['no host', 'url: "wss://"\n'],
    ['a fragment', 'url: "ws://localhost/#top"\n'],
    ['a secret in the URL', 'url: wss://chat.example.com/?token=abcdef\n'],
    ['a password in the URL', 'url: wss://me:pw@chat.example.com/\n'],
    [
      'management without {id}',
      'url: ws://localhost\nmanagement: https://localhost/@connections\n',
    ],
    [
      'management of an endpoint without {id}',
      'endpoints:\n  open: { url: ws://localhost, management: https://localhost/x }\n',
    ],
    ['no endpoint', 'title: Nothing\n'],
    ['two ways to say it', 'url: ws://a\nendpoints: { open: ws://a }\n'],
    [
      'a port that is not asked for',
      'url: ws://127.0.0.1:${port.wss}/\nlaunch: { command: [x], ports: [ws] }\n',
    ],
    ['the probe without a probe', 'url: ws://a\nlaunch: { command: ["${probe.url}"] }\n'],
    [
      'a limit that is a number of what',
      'url: ws://a\nlimits: { idleTimeout: 3, frameBytes: 1s, idleTimout: 3s }\n',
    ],
    [
      'what comes later',
      'url: ws://a\naws: { profile: me }\nobserver: { dynamodb: { table: x } }\n',
    ],
    [
      'a script that nobody watches',
      'url: ws://a\nprobe: { scripted: { secret: "${secret:S}" } }\n',
    ],
    [
      'a remote probe beside an observer',
      'url: ws://a\nprobe: { remote: }\nobserver: { file: log }\n',
    ],
    [
      'a map that leads nowhere',
      'url: ws://a\nobserver: { file: log, map: { type: { path: "a..b", values: { x: OPEN } }, at: { path: t, format: us }, conectionId: c } }\n',
    ],
    [
      'a store that is no store',
      'url: ws://a\nobserver: { redis: { url: "http://127.0.0.1:6379", streem: x } }\n',
    ],
    ['two observers', 'url: ws://a\nobserver: { file: log, exec: [tail, -F, log] }\n'],
    [
      'an id that no reply names',
      'url: ws://a\nobserver: { http: }\ncorrelate: { connection-id: { from: closed.code } }\n',
    ],
    ['a missing certificate', 'url: wss://a\nnetwork: { ca: no.pem }\n'],
    [
      'two ways to be ready',
      'url: ws://a\nlaunch: { command: [x], ready: { tcp: "a:1", line: x } }\n',
    ],
    [
      'a key from an authorizer that is not ours',
      'endpoints:\n  open: ws://a\n  keyed: { url: ws://b, credentials: { default: { usageIdentifierKey: k } } }\n',
    ],
    ['an address without port', 'url: ws://a\nprobe: { remote: { listen: localhost } }\n'],
  ])('explains %s', async (name, text) => {
    const file = `fixture/complaints/${name.replaceAll(/\W+/g, '-')}.txt`;
    await expect(complaints(text)).toMatchFileSnapshot(file);
  });
});

describe('--url', () => {
  it('is a target with nothing else', () => {
    const url = 'wss://chat.example.com/v1';
    const name = 'chat.example.com';
    expect(targetFromUrl(url)).toEqual({ target: { ...BARE, name, title: name }, warnings: [] });
  });

  it.each(['http://x/y', 'localhost:8080', 'ws://', 'wss://a/#b', '', '--url'])(
    'refuses %j',
    (url) => {
      expect('diagnostics' in targetFromUrl(url)).toBe(true);
    },
  );

  it('sends the headers that it is given, with variables filled in', () => {
    const secrets: string[] = [];
    const result = targetFromUrl('wss://chat.example.com/', {
      headers: { 'X-A': 'a', Authorization: ['Bearer ${secret:TOKEN}'], 'X-N': ['1', '2'] },
      variables: {
        env: (name) => (name === 'TOKEN' ? 'abc' : undefined),
        registerSecret: (name, value) => secrets.push(`${name}=${value}`),
      },
    });
    if ('diagnostics' in result) throw new Error('refused');
    expect(secrets).toEqual(['TOKEN=abc']);
    expect(result.target.endpoints).toEqual({
      open: {
        url: 'wss://chat.example.com/',
        credentials: {
          default: {
            headers: [
              { name: 'X-A', value: 'a' },
              { name: 'Authorization', value: 'Bearer abc' },
              { name: 'X-N', value: '1' },
              { name: 'X-N', value: '2' },
            ],
            query: [],
          },
        },
      },
    });
  });

  it('refuses a header whose variable is not there', () => {
    const variables = { env: () => undefined, registerSecret: () => {} };
    const headers = { Authorization: 'Bearer ${env:TOKEN}' };
    const result = targetFromUrl('wss://chat.example.com/', { headers, variables });
    expect('diagnostics' in result && result.diagnostics.map(({ code }) => code)).toEqual([
      'SCN_MISSING_ENV',
    ]);
  });

  it('warns of a secret without showing it', () => {
    const url = 'wss://me:hunter2@chat.example.com/?token=hunter3';
    const result = targetFromUrl(url);
    if ('diagnostics' in result) throw new Error('refused');
    const text = renderDiagnostics(result.warnings, { '--url': url });
    expect(text).toMatch(/TGT_SECRET_IN_URL/);
    expect(text).not.toMatch(/hunter/);
  });
});
