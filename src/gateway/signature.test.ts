import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { canonicalRequest, sha256 } from './canonical-request.ts';
import type { HeaderField, RequestHead } from './request-head.ts';
import { dateOf, expectedSignature, readSignature } from './signature.ts';

// awslabs/aws-c-auth, tests/aws-signing-test-suite/v4 (Apache-2.0), where it stands beside the checkout.
const VECTORS = new URL('../../../shared/fixtures/sigv4/', import.meta.url);
const present = existsSync(VECTORS);
const names = present ? readdirSync(VECTORS) : [];

interface Vector {
  readonly secretAccessKey: string;
  /** `false` keeps the path as it is, as S3 wants it. */
  readonly normalize: boolean;
  readonly read: (file: string) => string;
}

function vector(name: string): Vector {
  const read = (file: string): string =>
    readFileSync(new URL(`${name}/${file}`, VECTORS), 'latin1');
  const context = JSON.parse(read('context.json')) as {
    readonly credentials: { readonly secret_access_key: string };
    readonly normalize: boolean;
  };
  return {
    read,
    secretAccessKey: context.credentials.secret_access_key,
    normalize: context.normalize,
  };
}

// Their requests have blanks and bytes in the request line that no client may send.
function headAndBody(text: string): { readonly head: RequestHead; readonly payloadHash: string } {
  const [top = '', ...rest] = text.split('\n\n');
  const [line = '', ...lines] = top.replaceAll(/\n\s+/g, ' ').split('\n');
  const [, method = '', target = ''] = /^(\S+) (.*) HTTP\/1\.1$/.exec(line) ?? [];
  const headers = lines.map((one): HeaderField => {
    const colon = one.indexOf(':');
    return [one.slice(0, colon), one.slice(colon + 1)];
  });
  return {
    head: { method, target, version: '1.1', headers },
    payloadHash: sha256(rest.join('\n\n')),
  };
}

describe.skipIf(!present)(
  'the SigV4 test suite of AWS (skipped without ../shared/fixtures/sigv4)',
  () => {
    const applicable = names.filter((name) => vector(name).normalize);

    it('has the cases that it had', () => {
      expect(names).toHaveLength(38);
      expect(applicable).toHaveLength(31);
    });

    // Its token was added to the signed URL, as a few services want it.
    const added = 'post-sts-header-after query';
    const cases = applicable.flatMap((name) => [
      [name, 'header'] as const,
      [name, 'query'] as const,
    ]);

    it.each(cases.filter((one) => one.join(' ') !== added))(
      '%s, signed in its %s',
      (name, place) => {
        const { read, secretAccessKey } = vector(name);
        const request = headAndBody(read(`${place}-signed-request.txt`));
        const reading = readSignature(request.head);
        if (reading.kind !== 'claimed') throw new Error(JSON.stringify(reading));
        const { claimed } = reading;
        const signedHeaders = claimed.signedHeaders;
        expect(canonicalRequest({ ...request, signedHeaders })).toBe(
          read(`${place}-canonical-request.txt`),
        );
        expect(expectedSignature(claimed, secretAccessKey, request)).toBe(
          read(`${place}-signature.txt`),
        );
        expect(claimed.signature).toBe(read(`${place}-signature.txt`));
      },
    );
  },
);

// The example of the specification, get-vanilla of the suite above.
const VANILLA: RequestHead = {
  method: 'GET',
  target: '/',
  version: '1.1',
  headers: [
    ['Host', 'example.amazonaws.com'],
    ['X-Amz-Date', '20150830T123600Z'],
    [
      'Authorization',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
  ],
};

test('a signature is read, and computed again', () => {
  const reading = readSignature(VANILLA);
  const claimed = {
    place: 'header',
    accessKeyId: 'AKIDEXAMPLE',
    scope: {
      date: '20150830',
      region: 'us-east-1',
      service: 'service',
      terminator: 'aws4_request',
    },
    date: '20150830T123600Z',
    expires: undefined,
    signedHeaders: ['host', 'x-amz-date'],
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    sessionToken: undefined,
  } as const;
  expect(reading).toEqual({ kind: 'claimed', claimed });
  const request = { head: VANILLA, payloadHash: sha256('') };
  expect(expectedSignature(claimed, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', request)).toBe(
    claimed.signature,
  );
});

describe('a signature that is not one', () => {
  const withAuthorization = (value: string): RequestHead => ({
    ...VANILLA,
    headers: [...VANILLA.headers.slice(0, 2), ['Authorization', value]],
  });
  const good = VANILLA.headers[2]?.[1] ?? '';
  const queried = (query: string): RequestHead => ({
    ...VANILLA,
    target: `/?${query}`,
    headers: [],
  });
  const presigned =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20150830%2Fr%2Fs%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature=ab';

  it.each([
    ['a bearer token', withAuthorization('Bearer x')],
    ['another algorithm', withAuthorization(good.replace('SHA256', 'SHA512'))],
    ['no signature', withAuthorization(good.replace(/, Signature.*/, ''))],
    ['an empty signature', withAuthorization(good.replace(/Signature=.*/, 'Signature='))],
    ['two signatures', withAuthorization(`${good}, Signature=ab`)],
    ['a part too many', withAuthorization(`${good}, More=ab`)],
    ['a short credential', withAuthorization(good.replace('/us-east-1', ''))],
    [
      'two Authorization headers',
      { ...VANILLA, headers: [...VANILLA.headers, ['authorization', good]] },
    ],
    [
      'two dates',
      { ...VANILLA, headers: [...VANILLA.headers, ['x-amz-date', '20150830T123600Z']] },
    ],
    ['no date', { ...VANILLA, headers: VANILLA.headers.slice(2) }],
    ['header and query', { ...VANILLA, target: `/?${presigned}` }],
    ['two dates in the query', queried(`${presigned}&X-Amz-Date=20150830T123600Z`)],
    ['two validities', queried(`${presigned}&X-Amz-Expires=1`)],
    ['two signatures in the query', queried(`${presigned}&X-Amz-Signature=cd`)],
    ['two algorithms', queried(`${presigned}&X-Amz-Algorithm=AWS4-HMAC-SHA256`)],
    ['no algorithm', queried(presigned.replace('X-Amz-Algorithm=AWS4-HMAC-SHA256&', ''))],
    ['a date in lower case', queried(presigned.replace('X-Amz-Date', 'x-amz-date'))],
  ] satisfies readonly (readonly [string, RequestHead])[])('%s', (_, head) => {
    expect(readSignature(head).kind).toBe('incomplete');
  });

  it('names in lower case are other parameters', () => {
    expect(readSignature(queried(presigned.toLowerCase())).kind).toBe('absent');
  });

  it('tells nothing of what it could not read', () => {
    expect(JSON.stringify(readSignature(withAuthorization('Bearer secret-token')))).not.toContain(
      'secret-token',
    );
  });
});

it.each([
  ['20150830T123600Z', 1_440_938_160_000],
  ['20150830', undefined],
  ['2015-08-30T12:36:00Z', undefined],
  ['20151330T123600Z', undefined],
  ['20150830T123600Z ', undefined],
])('date %s', (text, expected) => {
  expect(dateOf(text)).toBe(expected);
});
