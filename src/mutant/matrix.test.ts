import { expect, test } from 'vitest';
import type { FaultVerdict } from './kill.ts';
import { matrixRows, renderMatrix } from './matrix.ts';

const VERDICT: FaultVerdict = {
  fault: '',
  kills: [],
  open: [],
  survived: [],
  unexpected: [],
  undecided: [],
  problems: [],
  durationMs: 1,
};
const FAULTS = [
  {
    name: 'late',
    description: 'answers <b> | late',
    breaks: ['s/b#z', 's/a#x'],
    prevents: ['s/a#y'],
  },
  { name: 'early', description: 'answers early', breaks: ['s/a#x'] },
];

test('both tables are sorted, with counts, whatever ended first', () => {
  const verdicts = [
    { ...VERDICT, fault: 'late', kills: ['s/a#x', 's/b#z'], open: ['s/a#y'] },
    { ...VERDICT, fault: 'early', kills: ['s/a#x'] },
  ];
  const text = renderMatrix(matrixRows(FAULTS, verdicts), true);
  expect(text.slice(text.indexOf('2 faults'))).toBe(
    [
      '2 faults break 2 checks.',
      'Each breaks exactly the checks that it names.',
      '',
      '## Faults',
      '',
      'A check that a fault *prevents* cannot be decided because of it.',
      '',
      '| fault | what it does | checks | breaks |',
      '|---|---|--:|---|',
      '| `early` | answers early | 1 | `s/a#x` |',
      '| `late` | answers &lt;b> \\| late | 2 | `s/a#x`, `s/b#z`; *prevents* `s/a#y` |',
      '',
      '## Checks',
      '',
      '| check | faults | broken by |',
      '|---|--:|---|',
      '| `s/a#x` | 2 | `early`, `late` |',
      '| `s/b#z` | 1 | `late` |',
      '',
    ].join('\n'),
  );
  expect(renderMatrix(matrixRows(FAULTS, verdicts.toReversed()), true)).toBe(text);
});

test('it shows what was seen, not what was named, and says so', () => {
  const verdicts = [{ ...VERDICT, fault: 'early', kills: ['s/c#w'], survived: ['s/a#x'] }];
  const text = renderMatrix(matrixRows(FAULTS, verdicts), true);
  expect(text).toContain('These do not break exactly the checks that they name: `early`.');
  expect(text).toContain('| `early` | answers early | 1 | `s/c#w` |');
  expect(text).not.toContain('s/a#x');
});

test('says when a fault was not run against every case', () => {
  const [whole, part] = [true, false].map((isWhole) => renderMatrix([], isWhole));
  expect(whole).toContain('every fault was run\nagainst every case');
  expect(part).toContain('may\nbreak checks outside of that');
  expect(part).not.toContain('--full` has seen');
});
