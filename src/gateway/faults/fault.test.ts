import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { behaviourWith, FAULTS } from '../faults.ts';

test('names are unique, and every fault says what must notice it', () => {
  const names = FAULTS.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  const check = /^[a-z0-9-]+\/[a-z0-9-]+#[a-z0-9-]+$/;
  const silent = FAULTS.filter(
    ({ breaks, description }) =>
      breaks.length === 0 || description === '' || !breaks.every((id) => check.test(id)),
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('a name that is not in the list is refused', () => {
  expect(() => behaviourWith(['nosuch'])).toThrow('there is no fault called nosuch');
});

test('every fault has a test that shows it', async () => {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.test.ts'));
  const texts = await Promise.all(
    files.map((file) => readFile(`${import.meta.dirname}/${file}`, 'utf8')),
  );
  const shown = texts.join('');
  expect(
    FAULTS.filter(({ name }) => !shown.includes(`'${name}',`)).map(({ name }) => name),
  ).toEqual([]);
});
