// The template of the probe's stack, offline: AWS's own validator, rules of ours, and seeded mistakes that one of them must catch.
import { join } from 'node:path';
import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, describe, expect, it } from 'vitest';
import { start } from '../support/command.ts';
import { folderWith } from '../support/folder.ts';
import { PACKAGE_ROOT } from '../support/io.ts';
import { INVALID, MISTAKES } from './mistakes.ts';
import { RULES } from './rules.ts';
import { readStack, templateText } from './stack.ts';

const engine = new CelEngine();
afterAll(() => engine.free());

it('is valid', () => {
  expect(validated(templateText())).toEqual([]);
});

it.each(Object.keys(RULES))('%s', (name) => {
  expect(RULES[name]?.(readStack(templateText()))).toEqual([]);
});

it('can be deployed without a bucket', () => {
  expect(Buffer.byteLength(templateText())).toBeLessThanOrEqual(51_200);
});

it('has the probe as it is', async () => {
  const before = templateText();
  const bundled = start([process.execPath, 'scripts/bundle-probe.mjs', '--print'], {
    cwd: PACKAGE_ROOT,
  });
  const { code, stdout } = await bundled.done;
  expect([code, stdout === before]).toEqual([0, true]);
});

describe('a seeded mistake is caught, and named, by exactly', () => {
  it.each(MISTAKES)('%s: %s', (by, _, from, to) => {
    const text = templateText();
    expect(text.split(from)).toHaveLength(2);
    const changed = text.replace(from, () => to);
    expect(brokenRules(changed)).toEqual([by]);
  });

  it('a rule without a mistake would be one that cannot fail', () => {
    expect([...new Set(MISTAKES.map(([by]) => by))].toSorted()).toEqual(
      Object.keys(RULES).toSorted(),
    );
  });

  it.each(INVALID)('%s of the validator: %s', (rule, _, from, to) => {
    const text = templateText();
    expect(text.split(from)).toHaveLength(2);
    const ids = validated(text.replace(from, () => to)).map((line) => line.slice(0, 5));
    expect(ids).toContain(rule);
  });
});

function brokenRules(text: string): readonly string[] {
  const stack = readStack(text);
  return Object.keys(RULES).filter((name) => (RULES[name]?.(stack) ?? []).length > 0);
}

/** What the validator says, above information. */
function validated(text: string): readonly string[] {
  const file = join(folderWith({ 'template.yaml': text }), 'template.yaml');
  const { diagnostics } = engine.validateStandard(new TemplateFile(file), {
    severityLevel: 'WARN',
  });
  return diagnostics.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}
