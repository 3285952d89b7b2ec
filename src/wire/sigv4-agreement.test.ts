// Signatures as another library makes them (aws4), over requests drawn at random.
import aws4 from 'aws4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rememberKey, type Signing, signRequest } from './sigv4.ts';
import type { HeaderField } from './transcript.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRf' };

interface Drawn {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, readonly string[]])[];
  readonly token: string | undefined;
  readonly region: string;
  readonly dateMs: number;
}

// A space and a plus sign are told apart by how they are encoded; aws4 takes what is not for a form.
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
}

function targetOf({ path, query }: Drawn): string {
  const text = query.map((pair) => pair.map(encoded).join('=')).join('&');
  return text === '' ? path : `${path}?${text}`;
}

function dateOf({ dateMs }: Drawn): string {
  return new Date(dateMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

function ours(drawn: Drawn, place: Signing['place'], keyOf = rememberKey()) {
  const { method, host, headers, token, region, dateMs } = drawn;
  const fields = headers.flatMap(([name, values]) =>
    values.map((value): HeaderField => [name, value]),
  );
  const keys = { ...KEYS, sessionToken: token };
  const scope = { keys, place, region, service: 'execute-api', dateMs };
  const signing = place === 'query' ? { ...scope, expires: 60 } : scope;
  const request = {
    method,
    target: targetOf(drawn),
    headers: [['Host', host] as const, ...fields],
  };
  return signRequest(request, signing, keyOf);
}

function theirs(drawn: Drawn, place: Signing['place']) {
  const { method, host, headers, token, region } = drawn;
  const target = targetOf(drawn);
  const separator = target.includes('?') ? '&' : '?';
  const query = `${separator}X-Amz-Date=${dateOf(drawn)}&X-Amz-Expires=60`;
  // It trims a repeated header as a whole; AWS's own cases (get-header-value-trim) want each value trimmed.
  const named = headers.map(([one, values]) => [
    one,
    values.map((value) => value.trim()).join(','),
  ]);
  const request = {
    method,
    host,
    service: 'execute-api',
    region,
    path: place === 'query' ? `${target}${query}` : target,
    signQuery: place === 'query',
    headers: {
      Host: host,
      ...Object.fromEntries(named),
      ...(place === 'query' ? {} : { 'X-Amz-Date': dateOf(drawn) }),
    },
  };
  const credentials = { ...KEYS, ...(token === undefined ? {} : { sessionToken: token }) };
  return aws4.sign(request, credentials);
}

function pairsOf(target: string): readonly string[] {
  const query = new URLSearchParams(target.slice(target.indexOf('?')));
  return [...query].map((pair) => JSON.stringify(pair)).toSorted();
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
// `__proto__` is a name that aws4 loses.
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((one) => one !== '__proto__');
const segment = fc.constantFrom(
  'prod',
  'v1',
  '@connections',
  '%40connections',
  'AbC%3D',
  'a.b~c-d_e',
  "it's",
  '..',
  '.',
  '',
);
const header = fc.tuple(
  fc.constantFrom('X-Amz-Meta', 'x-amz-target', 'X-Amz-Security-Context', 'Origin', 'X-Tenant'),
  fc.array(fc.string({ unit: fc.constantFrom('a', 'B', '1', ' ', '\t', ',', '=', '"') }), {
    minLength: 1,
    maxLength: 3,
  }),
);
const request: fc.Arbitrary<Drawn> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  host: fc.constantFrom(
    'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
    'chat.example.com',
    'chat.example.com:8443',
    '127.0.0.1:4001',
  ),
  path: fc.array(segment, { maxLength: 4 }).map((all) => `/${all.join('/')}`),
  query: fc.array(fc.tuple(name, text), { maxLength: 5 }),
  headers: fc.uniqueArray(header, {
    maxLength: 3,
    selector: ([named]) => named.toLowerCase(),
  }),
  token: fc.option(fc.constantFrom('FwoGZXIvYXdzE+/=tok', 'plain'), { nil: undefined }),
  region: fc.constantFrom('eu-west-1', 'us-east-1', 'cn-north-1'),
  dateMs: fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2040, 0) }),
});
const RUNS = { numRuns: 1000 };

it('signs in the header as aws4 does', () => {
  fc.assert(
    fc.property(request, (drawn) => {
      const signed = ours(drawn, 'header');
      const other = theirs(drawn, 'header').headers ?? {};
      const own = Object.fromEntries(signed.headers);
      expect(own['Authorization']).toBe(other['Authorization']);
      expect(own['X-Amz-Date']).toBe(other['X-Amz-Date']);
      expect(own['X-Amz-Security-Token']).toBe(other['X-Amz-Security-Token']);
      expect(signed.target).toBe(targetOf(drawn));
    }),
    RUNS,
  );
});

it('presigns as aws4 does, token and host of its own included', () => {
  fc.assert(
    fc.property(request, (drawn) => {
      const { target, headers } = ours(drawn, 'query');
      expect(headers).toEqual([]);
      expect(pairsOf(target)).toEqual(pairsOf(theirs(drawn, 'query').path ?? ''));
    }),
    RUNS,
  );
});

it('signs the same with a key that it remembers, whoever came before', () => {
  const keyOf = rememberKey();
  fc.assert(
    fc.property(request, fc.constantFrom('header', 'query'), (drawn, place) => {
      expect(ours(drawn, place, keyOf)).toEqual(ours(drawn, place));
    }),
    RUNS,
  );
});
