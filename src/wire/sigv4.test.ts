import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Signing, signRequest } from './sigv4.ts';
import type { HeaderField } from './transcript.ts';

// awslabs/aws-c-auth, tests/aws-signing-test-suite/v4 (Apache-2.0), where it stands beside the checkout.
const VECTORS = new URL('../../../shared/fixtures/sigv4/', import.meta.url);
const present = existsSync(VECTORS);

interface Context {
  readonly credentials: {
    readonly access_key_id: string;
    readonly secret_access_key: string;
    readonly token?: string;
  };
  readonly expiration_in_seconds: number;
  readonly normalize: boolean;
  readonly sign_body: boolean;
  readonly omit_session_token?: boolean;
  readonly region: string;
  readonly service: string;
  readonly timestamp: string;
}

function read(name: string, file: string): string {
  return readFileSync(new URL(`${name}/${file}`, VECTORS), 'utf8');
}

function contextOf(name: string): Context {
  return JSON.parse(read(name, 'context.json')) as Context;
}

// S3 wants its paths left alone; other services want the token signed; clients of other services hash
// their bodies into a header.
const names = present
  ? readdirSync(VECTORS).filter((name) => {
      const { normalize, omit_session_token: added, sign_body: hashed } = contextOf(name);
      return normalize && added !== true && !hashed;
    })
  : [];

function requestOf(name: string): Parameters<typeof signRequest>[0] {
  const [top = '', body = ''] = read(name, 'request.txt').replaceAll('\r', '').split('\n\n');
  const [line = '', ...lines] = top.replaceAll(/\n\s+/g, ' ').split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(line) ?? [];
  const headers = lines
    .filter((one) => one !== '')
    .map((one): HeaderField => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)]);
  return { method, target, headers, ...(body === '' ? {} : { body: '' }) };
}

function signingOf(name: string, place: Signing['place']): Signing {
  const {
    credentials,
    region,
    service,
    timestamp,
    expiration_in_seconds: expires,
  } = contextOf(name);
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, token } = credentials;
  const keys = { accessKeyId, secretAccessKey, sessionToken: token };
  return { keys, place, region, service, dateMs: Date.parse(timestamp), expires };
}

describe.skipIf(!present)(
  'the SigV4 test suite of AWS (skipped without ../shared/fixtures/sigv4)',
  () => {
    it('has the cases that it had', () => expect(names).toHaveLength(28));

    it.each(names)('%s, in its header', (name) => {
      const { headers } = signRequest(requestOf(name), signingOf(name, 'header'));
      const [, , , signature] =
        /Credential=(.*), SignedHeaders=(.*), Signature=(.*)$/.exec(headers.at(-1)?.[1] ?? '') ??
        [];
      expect(signature).toBe(read(name, 'header-signature.txt'));
    });

    it.each(names)('%s, presigned', (name) => {
      const { target } = signRequest(requestOf(name), signingOf(name, 'query'));
      expect(/X-Amz-Signature=(\w+)$/.exec(target)?.[1]).toBe(read(name, 'query-signature.txt'));
    });
  },
);

const KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const DATE = Date.parse('2015-08-30T12:36:00Z');

test('the example of the specification', () => {
  const request = {
    method: 'GET',
    target: '/',
    headers: [['Host', 'example.amazonaws.com']],
  } as const;
  const signing = { keys: KEYS, region: 'us-east-1', service: 'service', dateMs: DATE } as const;
  expect(signRequest(request, { ...signing, place: 'header' })).toEqual({
    target: '/',
    headers: [
      ['X-Amz-Date', '20150830T123600Z'],
      [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
      ],
    ],
  });
  expect(signRequest(request, { ...signing, place: 'query', expires: 3600 })).toEqual({
    target:
      '/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d',
    headers: [],
  });
});

// The signer of AWS's own command line and Python SDK, as a second opinion.
const BOTOCORE = `
import json, sys
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from urllib.parse import parse_qs, urlsplit
out = []
for case in json.load(sys.stdin):
    keys = Credentials('AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', case['token'])
    request = AWSRequest(method=case['method'], url='https://api.example.com' + case['target'], data=case['body'])
    if case['place'] == 'header':
        SigV4Auth(keys, 'execute-api', 'eu-west-1').add_auth(request)
        out.append([request.headers['X-Amz-Date'], request.headers['Authorization'].split('Signature=')[1]])
    else:
        SigV4QueryAuth(keys, 'execute-api', 'eu-west-1', expires=60).add_auth(request)
        query = parse_qs(urlsplit(request.url).query)
        out.append([query['X-Amz-Date'][-1], query['X-Amz-Signature'][-1]])
print(json.dumps(out))
`;

/** Date and signature of each. */
function botocore(cases: readonly object[]): readonly (readonly [string, string])[] {
  const input = JSON.stringify(cases);
  const said = execFileSync('python3', ['-c', BOTOCORE], { input, encoding: 'utf8' });
  return JSON.parse(said) as readonly (readonly [string, string])[];
}

function msOf(date: string): number {
  return Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
}

// botocore signs a query as it stands, so it has to be canonical already.
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
}

function hasBotocore(): boolean {
  try {
    execFileSync('python3', ['-c', 'import botocore.auth'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasBotocore())('signs as botocore does (skipped without python3-botocore)', () => {
  const query = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { maxLength: 4 });
  const one = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc.constantFrom(
      '/prod',
      '/prod/',
      '/prod/%40connections/AbC%3D',
      '/prod/@connections/AbC%3D',
    ),
    query,
    token: fc.option(fc.constantFrom('FwoG+/=tok', 'plain'), { nil: undefined }),
    body: fc.constantFrom('', 'héllo', '{"a": 1}'),
  });
  const drawn = fc.sample(one, { numRuns: 60, seed: 7 });
  const cases = drawn.flatMap(({ method, path, query: pairs, token, body }) => {
    const text = pairs.map((pair) => pair.map(encoded).join('=')).join('&');
    const target = text === '' ? path : `${path}?${text}`;
    return (['header', 'query'] as const).map((place) => ({
      method,
      target,
      token,
      body: place === 'query' ? '' : body,
      place,
    }));
  });
  const theirs = botocore(cases.map(({ token = null, ...rest }) => ({ ...rest, token })));
  const ours = cases.map(({ method, target, token, body, place }, index) => {
    const signing = {
      keys: { ...KEYS, sessionToken: token },
      place,
      region: 'eu-west-1',
      service: 'execute-api',
      dateMs: msOf(theirs[index]?.[0] ?? ''),
      ...(place === 'query' ? { expires: 60 } : {}),
    };
    const host: HeaderField = ['Host', 'api.example.com'];
    const signed = signRequest({ method, target, headers: [host], body }, signing);
    return /Signature=(\w+)$/.exec(
      place === 'query' ? signed.target : (signed.headers.at(-1)?.[1] ?? ''),
    )?.[1];
  });
  expect(ours).toEqual(theirs.map(([, signature]) => signature));
});
