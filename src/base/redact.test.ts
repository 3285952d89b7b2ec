import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor } from './redact.ts';

test('hides credentials by header name, also unregistered ones', () => {
  const redactor = createRedactor();
  expect(redactor.header('Authorization', 'Bearer abc')).toBe('[redacted]');
  expect(redactor.header('X-API-Key', 'k')).toBe('[redacted]');
  expect(redactor.header('x-api-key', '')).toBe('');
  expect(redactor.header('Sec-WebSocket-Version', '13')).toBe('13');
});

test('hides presigned and token parameters in any text', () => {
  const text = createRedactor().text(
    'GET /dev?a=1&X-Amz-Signature=0f3e&X-Amz-Security-Token=tok%2B&token=z HTTP/1.1',
  );
  expect(text).toBe(
    'GET /dev?a=1&X-Amz-Signature=[redacted]&X-Amz-Security-Token=[redacted]&token=[redacted] HTTP/1.1',
  );
});

test('hides the password of a URL, and not its port', () => {
  const { text } = createRedactor();
  expect(text("--url 'wss://ada:l0velace@h.test:8443/x@y'")).toBe(
    "--url 'wss://ada:[redacted]@h.test:8443/x@y'",
  );
  expect(text('ws://:pw@h.test/')).toBe('ws://:[redacted]@h.test/');
  expect(text('ws://127.0.0.1:8080/a?b=c@d:e')).toBe('ws://127.0.0.1:8080/a?b=c@d:e');
});

test.each([
  ['as it stands', (s: string) => s],
  ['percent-encoded', encodeURIComponent],
  ['in base64', (s: string) => Buffer.from(s).toString('base64')],
  ['in base64url', (s: string) => Buffer.from(s).toString('base64url')],
  ['in hexadecimal', (s: string) => Buffer.from(s).toString('hex')],
  ['inside JSON', (s: string) => JSON.stringify({ s })],
])('hides a registered secret %s', (_, encode) => {
  const redactor = createRedactor();
  const secret = 'p@ss/w"ord+é\n12';
  redactor.register('API_KEY', secret);
  const hidden = redactor.text(`before ${encode(secret)} after`);
  expect(hidden).toContain('[redacted:API_KEY]');
  expect(hidden).not.toContain(encode(secret));
});

const HTML = (s: string): string =>
  s.replaceAll(/[&<>"'/=]/g, (c) => `&#x${c.charCodeAt(0).toString(16).toUpperCase()};`);

test.each<[string, (s: string) => string]>([
  ['in hexadecimal, upper case', (s) => Buffer.from(s).toString('hex').toUpperCase()],
  [
    'in HTML by name',
    (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  ],
  ['in HTML by number', HTML],
  [
    'in JSON that escapes for HTML',
    (s) => s.replaceAll(/[&<>='"]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  ],
  ['in a path', (s) => encodeURIComponent(s).replaceAll('%2F', '/')],
  ['in a path, every sign', (s) => s.replaceAll(/\W/g, (c) => `%${c.charCodeAt(0).toString(16)}`)],
  ...['', 'x', 'xy', 'xyz'].map(
    (before) =>
      [
        `in base64 behind ${before.length} bytes`,
        (s: string) => Buffer.from(`${before}${s}"}}`).toString('base64'),
      ] as [string, (s: string) => string],
  ),
])('hides a registered secret as servers write it: %s', (_, encode) => {
  const redactor = createRedactor();
  redactor.register('KEY', 'a&b<c"d/e=f~g\'Hij');
  const hidden = redactor.text(`before ${encode('a&b<c"d/e=f~g\'Hij')} after`);
  expect(hidden).toMatch(/^before .{0,5}\[redacted:KEY\].{0,10} after$/);
});

test('hides what may be the beginning of a secret where a text was cut', () => {
  const redactor = createRedactor();
  redactor.register('KEY', 'canary-secret');
  expect(redactor.cut('xxx canary-se')).toBe('xxx [redacted:KEY]');
  expect(redactor.cut('xxx canary-secret')).toBe('xxx [redacted:KEY]');
  expect(redactor.cut('xxx Y2FuYXJ5LX')).toBe('xxx [redacted:KEY]');
  expect(redactor.cut('xxx can')).toBe('xxx can');
});

test('walks JSON: values, keys, and what stands under the name of a credential', () => {
  const redactor = createRedactor();
  redactor.register('TOKEN', 'canary-secret');
  const event = {
    headers: { Authorization: 'Bearer other', Host: 'h', 'x-api-key': '' },
    multiValueHeaders: { Authorization: ['Bearer other'], 'x-api-key': [''] },
    queryStringParameters: { token: 'abc', note: 'has canary-secret in it' },
    'canary-secret': 1,
    n: null,
  };
  expect(redactor.json(event)).toEqual({
    headers: { Authorization: '[redacted]', Host: 'h', 'x-api-key': '' },
    multiValueHeaders: { Authorization: ['[redacted]'], 'x-api-key': [''] },
    queryStringParameters: { token: '[redacted]', note: 'has [redacted:TOKEN] in it' },
    '[redacted:TOKEN]': 1,
    n: null,
  });
});

test('short secrets hide only themselves, so that ordinary text survives', () => {
  const redactor = createRedactor();
  redactor.register('PIN', 'a1');
  expect(redactor.text('a1')).toBe('[redacted:PIN]');
  expect(redactor.text('data1')).toBe('data1');
});

test('no text that contains a registered secret keeps it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
      const redactor = createRedactor();
      redactor.register('S', secret);
      fc.pre(!'[redacted:S]'.includes(secret));
      const hidden = redactor.text(`${before}${secret}${after}`);
      expect(hidden).toContain('[redacted');
    }),
  );
});

test('name and password of a URL that are hidden by value are hidden once', () => {
  const redactor = createRedactor();
  redactor.register('proxy', 'pass-word');
  redactor.register('proxy', 'me:pass-word');
  expect(redactor.text('--proxy http://me:pass-word@[::1]:3128')).toBe(
    '--proxy http://[redacted:proxy]@[::1]:3128',
  );
  expect(redactor.text('http://you:pass-word@h http://x:other@h')).toBe(
    'http://you:[redacted]@h http://x:[redacted]@h',
  );
});

test('signatures are hidden as they are written, and thousands of them cost nothing', () => {
  const redactor = createRedactor();
  const signature = (index: number): string => index.toString(16).padStart(64, 'a');
  for (let index = 0; index < 10_000; index++) redactor.registerSignature(signature(index));
  const text = `Signature=${signature(7)}, ${signature(9).toUpperCase()} ${'b'.repeat(64)} f${signature(8)}`;
  expect(redactor.text(text)).toBe(
    `Signature=[redacted:signature], [redacted:signature] ${'b'.repeat(64)} f${signature(8)}`,
  );
  const startMs = performance.now();
  for (let index = 0; index < 1000; index++) redactor.text(text);
  expect(performance.now() - startMs).toBeLessThan(500);
});
