import { expect, test } from 'vitest';
import { comparable, DIFFERENT, ourText, velocityCases } from './fixture/velocity.ts';

const CASES = velocityCases();

test('there are cases', () => expect(CASES.length).toBeGreaterThan(250));

test.each(CASES.filter(({ template }) => !DIFFERENT.has(template)))(
  '$template is rendered as Apache Velocity renders it',
  ({ template, text }) => {
    expect(comparable(ourText(template), template)).toBe(comparable(text, template));
  },
);

test.each([...DIFFERENT])('%s is still different', (template) => {
  const known = CASES.find((one) => one.template === template);
  expect(ourText(template)).not.toBe(known?.text);
});
