import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSecretSearch, type Hiding } from './secret-search.ts';
import { spellingsOf } from './secret-spelling.ts';

const secret = fc.oneof(
  fc.string({ minLength: 4, maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'B', '7', '-', '/', 'é'), minLength: 6, maxLength: 14 }),
);

const written = (value: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    value,
    encodeURIComponent(value),
    JSON.stringify(value),
    Buffer.from(value).toString('hex'),
    Buffer.from(value).toString('hex').toUpperCase(),
    Buffer.from(value).toString('base64'),
    Buffer.from(`xy${value}`).toString('base64url'),
  );

const texts = fc
  .array(secret, { minLength: 1, maxLength: 4 })
  .chain((secrets) =>
    fc.tuple(
      fc.constant(secrets),
      fc.array(fc.oneof(fc.string(), ...secrets.map(written)), { maxLength: 6 }),
    ),
  );

test('finds what a pattern of all spellings finds', () => {
  fc.assert(
    fc.property(texts, ([secrets, parts]) => {
      const hidings = hidingsOf(secrets);
      const every = new RegExp(hidings.map(({ source }) => source).join('|'), 'g');
      const hidden = (found: string): string =>
        hidings.find(({ source }) => new RegExp(`^(?:${source})$`).test(found))?.hidden ?? '';
      const text = parts.join('');
      expect(createSecretSearch(hidings)(text)).toBe(text.replace(every, hidden));
    }),
    { numRuns: 2000 },
  );
});

test('a text in which nothing stands is given back', () => {
  expect(createSecretSearch([])('any')).toBe('any');
  expect(createSecretSearch(hidingsOf(['canary-secret']))('canar secre')).toBe('canar secre');
});

test('every spelling of a letter keeps its anchor', () => {
  const anchors = spellingsOf('p@ssword/123456').map(({ text, anchor }) => [text, anchor]);
  expect(anchors).toEqual([
    ['p@ssword/123456', 'ssword'],
    ['cEBzc3dvcmQvMTIzNDU2', 'cEBzc3'],
    ['BAc3N3b3JkLzEyMzQ1N', 'BAc3N3'],
    ['wQHNzd29yZC8xMjM0NT', 'wQHNzd'],
    ['70407373776f72642f313233343536', '704073'],
  ]);
});

function hidingsOf(secrets: readonly string[]): readonly Hiding[] {
  return secrets
    .flatMap((value, index) =>
      spellingsOf(value).map((one) => ({ ...one, hidden: `[redacted:${index}]` })),
    )
    .toSorted((one, other) => other.text.length - one.text.length);
}
