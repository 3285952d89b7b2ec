import { expect, test } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import { ALLOW } from '../probe/answer.ts';
import type { Plan } from '../scenario/model.ts';
import { registerCredentials } from './credentials.ts';

const giving = (usageIdentifierKey: string): { readonly authorizer: Plan } => ({
  authorizer: { when: { kind: 'now' }, answer: { ...ALLOW, usageIdentifierKey } },
});

test.each([
  ['a scheme and a token', { headers: [header('Authorization', 'Bearer abcdefgh')] }, 'abcdefgh'],
  ['a bare key', { headers: [header('x-api-key', 'abcdefgh')] }, 'abcdefgh'],
  [
    'the password of a name',
    { headers: [header('Authorization', 'Basic bWU6YWJjZC9lZmdoKw==')] },
    'abcd/efgh+',
  ],
  ['a cookie', { headers: [header('Cookie', 'lang=en; session=abcdefgh')] }, 'abcdefgh'],
  [
    'a signature',
    { headers: [header('Authorization', 'AWS4 A=b, Signature=abcdefgh')] },
    'abcdefgh',
  ],
  ['a parameter', { target: '/v1?a=b&X-Amz-Signature=abc%2Fdefgh' }, 'abc/defgh'],
  [
    'a request of its own',
    { raw: 'GET /?token=12345678 HTTP/1.1\r\nCookie: a=abcdefgh\r\n\r\n' },
    'abcdefgh',
  ],
  ['a key that the authorizer gives', giving('abcd/efgh+'), 'abcd/efgh+'],
  ['its query', { raw: 'GET /?token=12345678 HTTP/1.1\r\n\r\n' }, '12345678'],
])('hides %s wherever it is repeated', (_, request, secret) => {
  const redactor = createRedactor();
  registerCredentials(redactor, { target: '/', headers: [], ...request });
  const echo = `${secret} ${Buffer.from(secret).toString('base64')} ${encodeURIComponent(secret)}`;
  expect(redactor.text(echo)).toMatch(/^(\[redacted:[\w-]+\] ?){3}$/i);
});

test('leaves alone what is no credential, or too short to be one', () => {
  const redactor = createRedactor();
  const headers = [header('X-Id', 'abcdefgh'), header('Authorization', 'Bearer nobody')];
  registerCredentials(redactor, { target: '/?assay=12345678&token=deny', headers });
  const text = 'abcdefgh nobody 12345678 deny Bearer';
  expect(redactor.text(text)).toBe(text);
});

function header(name: string, value: string): { readonly name: string; readonly value: string } {
  return { name, value };
}
