import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import { createDraw, pickShare } from '../load/draw.ts';
import { planOf } from './fixture/plan.ts';
import { libraryPath } from './library.ts';
import { type K6Source, k6Script, LIBRARY_FILE } from './script.ts';

// What would end a comment or a text and begin code.
const HOSTILE = [
  "'; throw 1 //",
  '*/ throw 1',
  '\n throw 1',
  '\r throw 1',
  '\u2028 throw 1',
  '`${throw}`',
];

const folder = mkdtempSync(join(tmpdir(), 'ws-assay-k6-'));
afterAll(() => rmSync(folder, { recursive: true }));

function sourceOf(own: Partial<K6Source> = {}): K6Source {
  const redactor = createRedactor();
  return {
    id: 'load/rush',
    title: 'A rush',
    checks: [],
    plan: planOf(),
    gaps: [],
    redactor,
    version: '1.2.3',
    ...own,
  };
}

it('is readable', () => {
  expect(k6Script(sourceOf()).text).toBe(`// A rush
// Made from the scenario load/rush by ws-assay 1.2.3, for k6 1.6 or newer:
//   k6 run --out json=rush.ndjson rush.k6.ts
//   ws-assay import k6 rush.ndjson
// k6 can do all of it.
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { attempt, nonce } from './assay.k6.ts';

export const options: Options = {
  scenarios: {
    'p1-steady': {
      executor: 'ramping-arrival-rate',
      startRate: 8,
      timeUnit: '1s',
      stages: [
        {
          target: 8,
          duration: '562.5ms',
        },
        {
          target: 0,
          duration: '0ms',
        },
        {
          target: 0,
          duration: '2000ms',
        },
      ],
      preAllocatedVUs: 4,
      maxVUs: 4,
      startTime: '0ms',
      gracefulStop: '15000ms',
      tags: {
        phase: 'steady',
      },
    },
  },
  thresholds: {
    dropped_iterations: ['count==0'],
  },
  systemTags: ['status', 'scenario', 'name'],
  summaryTrendStats: ['min', 'med', 'avg', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'],
  tags: {
    assay: 'load/rush@3dfd6234db1f',
    nonce: 'abcdefghijklmnopqrs',
    seed: 'seed',
  },
};

// The number of the first attempt of each phase in the whole schedule.
const FIRST: Readonly<Record<string, number>> = {
  'p1-steady': 0,
};

const NONCE = 'abcdefghijklmnopqrs';

const ENDPOINTS = [
  {
    url: (number: number): string => 'ws://127.0.0.1:9000/dev?assay=' + nonce(NONCE, number),
    subprotocols: [],
    headers: (_number: number): Record<string, string> => ({}),
  },
];

const ENDINGS = [
  {
    share: 1,
    close: {
      code: 1000,
    },
  },
];

// Drawn by the number of the attempt and the seed of the scenario: the same ones in every run.
const endpointOf = (_number: number): number => 0;
const endingOf = (_number: number): number => 0;

const HELD = {
  openForMs: 0,
  timeoutMs: 10000,
};

export default function (): void {
  const first = FIRST[exec.scenario.name];
  // Of k6's command line: another load than this one.
  if (first === undefined) return exec.test.abort('run it without --vus, --duration, --iterations, --stage');
  const number = first + exec.scenario.iterationInTest;
  const [endpoint, ending] = [endpointOf(number), endingOf(number)];
  const { url, subprotocols, headers } = ENDPOINTS[endpoint]!;
  const { close } = ENDINGS[ending]!;
  attempt({
    number,
    endpoint,
    ending,
    url: url(number),
    subprotocols,
    headers: headers(number),
    close,
    ...HELD,
  });
}
`);
});

const RICH = planOf({
  endpoints: [
    {
      share: 0.25,
      role: 'api-key',
      address: '127.0.0.1',
      port: 8443,
      tls: { servername: 'chat.example', insecure: true, resume: true },
      request: [
        'GET /dev?token=s3cret-token&assay={nonce}&plain=a%20b HTTP/1.1',
        'Host: chat.example:8443',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: {key}',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: chat.v1, chat.v2',
        'x-api-key: 0123456789abcdef',
        "X-Odd: it's \\ \u2028 ${x}",
        'x-request-id: {nonce}',
        '\r\n',
      ].join('\r\n'),
      subprotocols: ['chat.v1', 'chat.v2'],
    },
    ...planOf().endpoints.map((one) => ({ ...one, share: 0.75 })),
  ],
  endings: [
    { share: 0.5, kind: 'close', code: 4001, reason: "bye 'x'" },
    { share: 0.5, kind: 'close' },
  ],
  messages: { text: '{"action":"echo"}', everyMs: 500 },
  pings: { everyMs: 1000 },
});

it('holds no credential, and says where each comes from', () => {
  const redactor = createRedactor();
  redactor.register('token', 's3cret-token');
  const { text, secrets, gaps } = k6Script(sourceOf({ plan: RICH, redactor }));
  expect(text).not.toMatch(/s3cret-token|0123456789abcdef/);
  expect(secrets).toEqual([
    {
      name: 'ASSAY_API_KEY_TOKEN',
      what: 'the query parameter token of api-key',
      value: 's3cret-token',
    },
    {
      name: 'ASSAY_API_KEY_X_API_KEY',
      what: 'the header x-api-key of api-key',
      value: '0123456789abcdef',
    },
  ]);
  expect(gaps).toEqual(['api-key: resumed TLS sessions; each handshake is a full one']);
  expect(text).toContain(
    "'wss://chat.example:8443/dev?token=' + env('ASSAY_API_KEY_TOKEN') + '&assay=' + nonce(NONCE, number) + '&plain=a%20b'",
  );
  expect(text).toContain("'x-request-id': nonce(NONCE, number),");
  expect(text).toContain("'chat.example:8443': '127.0.0.1:8443',");
  expect(text).toContain('insecureSkipTLSVerify: true');
});

const SIGNED = planOf({
  endpoints: planOf().endpoints.map((one) => ({
    ...one,
    role: 'iam',
    request: [
      'GET {signed-target} HTTP/1.1',
      'Host: 127.0.0.1:9000',
      'X-Amz-Date: {x-amz-date}',
      'X-Amz-Security-Token: the-session-token',
      'Authorization: {authorization}',
      '\r\n',
    ].join('\r\n'),
    sign: {
      method: 'GET',
      target: '/dev?assay={nonce}',
      headers: [['Host', '127.0.0.1:9000']],
      by: {
        keys: {
          accessKeyId: 'AKIAALLOWEDALLOWED11',
          secretAccessKey: 'the-secret',
          sessionToken: 'the-session-token',
        },
        place: 'header',
        region: 'eu-west-1',
        service: 'execute-api',
      },
      offsetMs: 0,
    },
  })),
});

it('presigns the URL of each attempt, with keys from the environment', () => {
  const { text, secrets, gaps } = k6Script(sourceOf({ plan: SIGNED }));
  expect(text).not.toMatch(/AKIA|the-se|\{signed-target\}|authorization/i);
  expect(text).toContain(`    url: (number: number): string =>
      presigned('ws://127.0.0.1:9000/dev?assay=' + nonce(NONCE, number), {
        accessKeyId: env('ASSAY_IAM_ACCESS_KEY_ID'),
        secretAccessKey: env('ASSAY_IAM_SECRET_ACCESS_KEY'),
        sessionToken: env('ASSAY_IAM_SESSION_TOKEN'),
        region: 'eu-west-1',
        service: 'execute-api',
      }),
`);
  expect(secrets.map(({ name, what, value }) => [name, what, value])).toEqual([
    ['ASSAY_IAM_ACCESS_KEY_ID', 'the access key id of iam', 'AKIAALLOWEDALLOWED11'],
    ['ASSAY_IAM_SECRET_ACCESS_KEY', 'the secret access key of iam', 'the-secret'],
    ['ASSAY_IAM_SESSION_TOKEN', 'the session token of iam', 'the-session-token'],
  ]);
  expect(gaps).toEqual(['iam: the signature in headers; the URL is presigned']);
});

it.each([
  ['a simple one', sourceOf()],
  ['a signed one', sourceOf({ plan: SIGNED })],
  ['one with everything', sourceOf({ plan: RICH })],
  ['hostile texts', sourceOf({ title: HOSTILE.join('\n'), gaps: HOSTILE, plan: hostilePlan() })],
])('type-checks under strict rules: %s', { timeout: 60_000 }, (_, source) => {
  expect(checked(k6Script(source).text)).toEqual([0, '']);
});

it('draws who ends how as the built-in engine does', async () => {
  writeFileSync(join(folder, 'pick.mjs'), onlyPick());
  const { pick } = (await import(join(folder, 'pick.mjs'))) as {
    pick: (shares: readonly number[], keys: readonly number[], number: number) => number;
  };
  const { text } = k6Script(sourceOf({ plan: RICH }));
  const [, keys = ''] = /endingOf = .*pick\(\[0\.5, 0\.5\], \[([^\]]+)\]/.exec(text) ?? [];
  const draw = createDraw('seed', 'endings');
  const numbers = Array.from({ length: 1000 }, (_, number) => number);
  expect(numbers.map((number) => pick([0.5, 0.5], keys.split(', ').map(Number), number))).toEqual(
    numbers.map((number) => pickShare(RICH.endings, draw(number))),
  );
});

function hostilePlan(): K6Source['plan'] {
  const reason = HOSTILE.join('');
  return planOf({
    nonce: reason,
    seed: reason,
    messages: { text: reason, everyMs: 1 },
    endings: [{ share: 1, kind: 'close', code: 1000, reason }],
    phases: [{ kind: 'burst', name: reason, arrivals: 1 }],
  });
}

/** The functions of the library that need nothing of k6, without their types. */
function onlyPick(): string {
  const { stdout } = spawnSync(
    process.execPath,
    [
      '-e',
      `const text = require('fs').readFileSync(${JSON.stringify(libraryPath())}, 'utf8');
       const from = text.indexOf('export function pick');
       process.stdout.write(text.slice(from, text.indexOf('const ALPHABET')));`,
    ],
    { encoding: 'utf8' },
  );
  return stdout
    .replaceAll(
      /: (?:readonly )?(?:number\[\]|\[number, number, number, number\]|number)(?=[,)\s])/g,
      '',
    )
    .replaceAll(/\): number \{/g, ') {');
}

function checked(script: string): readonly [number | null, string] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  writeFileSync(join(folder, 'script.k6.ts'), script);
  copyFileSync(libraryPath(), join(folder, LIBRARY_FILE));
  rmSync(join(folder, 'node_modules'), { force: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const options = {
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noUncheckedIndexedAccess: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    types: ['k6'],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.k6.ts'] }),
  );
  const { status, stdout } = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', folder, '--pretty', 'false'],
    { encoding: 'utf8' },
  );
  return [status, stdout];
}
