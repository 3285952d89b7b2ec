import { defineConfig } from 'vitest/config';

// Of two seconds of most tests one is spent waiting, so more files run at a time than there are cores.
const AT_ONCE = 4;

// What measures time, takes every core or counts what a whole machine bears gets it for itself, last.
const MEASURES = [
  'test/aws/suite.test.ts',
  'test/bench/**/*.test.ts',
  'test/cli/{bench,late,throttle,threshold,load-interrupt,reconcile,signed-load}.test.ts',
  'test/hostile/{time,server-memory}.test.ts',
  'test/k6/{million,throttle}.test.ts',
  'test/mutants/**/*.test.ts',
  'test/observe/{coarse-stamps,redis,scripted-suite,vigil}.test.ts',
];

// `retry`: a machine that stands still for a second breaks what measures time, and not the same each time. What needed it is marked
// in the output.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
          testTimeout: 20_000,
          retry: 2,
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'product',
          include: ['test/**/*.test.ts'],
          exclude: MEASURES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          retry: 2,
          maxWorkers: AT_ONCE - 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'measuring',
          include: MEASURES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          retry: 2,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
