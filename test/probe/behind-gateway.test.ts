// Scripted mode as it is used: a signed plan in a real upgrade request, through the reference gateway, to the probe in each
// language, which keeps its state in one folder although the gateway runs it in several environments.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { decodeEventRecords, type EventRecord } from '../../src/probe/event-record.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { succeeds } from '../support/process.ts';

const SECRET = 'only of this test';
const folder = mkdtempSync(join(tmpdir(), 'assay-behind-gateway-'));
const sink = join(folder, 'events.ndjson');
const LANGUAGES = succeeds('python3', '--version') ? ['node', 'python'] : ['node'];

let gateway: Gateway;
beforeAll(async () => {
  const probes = { node: 'probe/node/probe.mjs', python: 'probe/python/probe.py' };
  const apis = Object.entries(probes).filter(([name]) => LANGUAGES.includes(name));
  gateway = await startGateway(
    {
      Apis: Object.fromEntries(
        apis.map(([name, file]) => [
          name,
          {
            ApiId: name,
            Routes: {
              $connect: {
                AuthorizationType: 'CUSTOM' as const,
                AuthorizerId: 'probe',
                Target: 'integrations/probe',
              },
              $disconnect: { Target: 'integrations/probe' },
              $default: {
                Target: 'integrations/probe',
                RouteResponseSelectionExpression: '$default' as const,
              },
            },
            Integrations: {
              probe: { Handler: `${join(PACKAGE_ROOT, file)}#handler`, TimeoutInMillis: 2000 },
            },
            Authorizers: { probe: { Handler: `${join(PACKAGE_ROOT, file)}#authorizer` } },
            Stages: { probe: {} },
          },
        ]),
      ),
    },
    {
      environment: {
        ASSAY_PROBE_SECRET: SECRET,
        ASSAY_PROBE_SINK: `file:${sink}`,
        ASSAY_PROBE_STATE: join(folder, 'state'),
      },
    },
  );
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The parameters with an expiry and a signature. */
function signed(plan: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const exp = String(Math.floor(Date.now() / 1000) + 60);
  const all = { ...plan, 'assay.exp': exp };
  const pairs = Object.entries(all).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const hmac = createHmac('sha256', SECRET).update(JSON.stringify(pairs));
  return { ...all, 'assay.sig': hmac.digest('base64url') };
}

const queryOf = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');

const recordsWith = (nonce: string): readonly EventRecord[] => {
  const decoded = decodeEventRecords(readFileSync(sink, 'utf8'));
  return decoded.ok ? decoded.value.filter((record) => record.nonce === nonce) : [];
};
const seenWith = (nonce: string): readonly string[] =>
  recordsWith(nonce).map(({ type, phase }) => `${type} ${phase}`);

async function statusOf(client: WebSocket): Promise<number> {
  client.on('error', () => undefined);
  return await new Promise((resolve) => {
    client.once('upgrade', () => resolve(101));
    client.once('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
  });
}

describe.each(LANGUAGES)('the probe in %s', (language) => {
  const connect = (
    parameters: Readonly<Record<string, string>>,
    options: { readonly headers?: Readonly<Record<string, string>> } = {},
  ): WebSocket =>
    new WebSocket(`${gateway.apis[language]?.url}?${queryOf(parameters)}`, ['a', 'b'], options);

  it('does as the query string says, whatever is in it', async () => {
    const plan = signed({
      'assay.connect.subprotocol': 'b',
      'assay.connect.body': 'a+b c%20d&e=f#g ü👋🏽 "\\',
      'assay.disconnect.status': '500',
      'assay.disconnect.body': 'remembered',
    });
    const nonce = `${language}-one`;
    const client = connect({ assay: nonce, ...plan });
    await once(client, 'open');
    expect(client.protocol).toBe('b');
    const message = signed({ 'assay.message.echo': '1' });
    client.send(JSON.stringify({ action: 'x', assay: { assay: nonce, ...message } }));
    const [echo] = await once(client, 'message');
    expect(JSON.parse(String(echo))).toMatchObject({ action: 'x' });
    client.close(1000);
    await expect.poll(() => seenWith(nonce), { timeout: 5000 }).toContain('DISCONNECT ended');
    expect(seenWith(nonce)).toEqual([
      'AUTHORIZER started',
      'AUTHORIZER ended',
      'CONNECT started',
      'CONNECT ended',
      'MESSAGE started',
      'MESSAGE ended',
      'DISCONNECT started',
      'DISCONNECT ended',
    ]);
    const answers = recordsWith(nonce).flatMap(({ type, answer }) =>
      answer ? [[type, answer]] : [],
    );
    expect(answers).toContainEqual([
      'DISCONNECT',
      { return: { statusCode: 500, body: 'remembered' } },
    ]);
  });

  it.each([
    ['a status', { 'assay.connect.status': '418' }, 418],
    ['an error', { 'assay.connect.throw': 'boom' }, 502],
    ['never an answer', { 'assay.connect.hang': '1' }, 504],
    ['null', { 'assay.connect.return': 'null' }, 502],
    ['a denial', { 'assay.authorizer.effect': 'deny' }, 403],
    ['Unauthorized', { 'assay.authorizer.throw': 'Unauthorized' }, 401],
    ['what it does not understand', { 'assay.connect.stauts': '200' }, 500],
  ])('plans %s', async (_, plan, status) => {
    expect(await statusOf(connect(signed(plan)))).toBe(status);
  });

  it('takes the plan from a header, and delays by it', async () => {
    const headers = { 'X-Assay-Plan': queryOf(signed({ 'assay.connect.delay': '700' })) };
    const beganMs = performance.now();
    const client = connect({}, { headers });
    expect(await statusOf(client)).toBe(101);
    expect(performance.now() - beganMs).toBeGreaterThan(690);
    client.terminate();
  });

  it('lets nobody else plan', async () => {
    const altered = { ...signed({ 'assay.connect.delay': '0' }), 'assay.connect.delay': '60000' };
    expect(await statusOf(connect(altered))).toBe(403);
    expect(await statusOf(connect({ 'assay.connect.status': '200' }))).toBe(403);
  });
});
