// No check of ours is stricter than what it tests: a verdict needs a source.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { PACKAGE_ROOT } from '../support/io.ts';

const RANK: Readonly<Record<string, number>> = { may: 0, should: 1, must: 2 };

interface Judged {
  readonly level?: string;
  readonly requirement?: string;
}

test('a level beside a requirement is not above its own', () => {
  const levels = new Map(requirements());
  const above = checks().filter(({ level, requirement }) => {
    const own = levels.get(requirement ?? '');
    return level !== undefined && own !== undefined && (RANK[level] ?? 0) > (RANK[own] ?? 0);
  });
  expect(levels.size).toBeGreaterThan(317);
  expect(above).toEqual([]);
});

function requirements(): readonly (readonly [string, string])[] {
  const files = readdirSync(join(PACKAGE_ROOT, 'suites')).map(
    (suite) => `suites/${suite}/requirements.yaml`,
  );
  // A frozen profile has those of the suite that it was taken from.
  const own = files.filter((file) => existsSync(join(PACKAGE_ROOT, file)));
  return own.flatMap((file) => {
    const { requirements: all } = read(file) as {
      readonly requirements: Readonly<Record<string, { readonly level: string }>>;
    };
    return Object.entries(all).map(([id, { level }]) => [id, level] as const);
  });
}

function checks(): readonly (Judged & { readonly check: string })[] {
  const files = readdirSync(join(PACKAGE_ROOT, 'scenarios'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const { checks: judged, thresholds } = read(`scenarios/${file}`) as Readonly<
        Record<'checks' | 'thresholds', Readonly<Record<string, Judged>> | undefined>
      >;
      return Object.entries({ ...judged, ...thresholds }).map(([id, one]) => ({
        ...one,
        check: `${file}#${id}`,
      }));
    });
}

function read(file: string): unknown {
  return parse(readFileSync(join(PACKAGE_ROOT, file), 'utf8'));
}
