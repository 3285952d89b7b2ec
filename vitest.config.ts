import { defineConfig } from 'vitest/config';

// `retry`: a machine that stands still for a second breaks what measures time, and not twice the same. What needed it is marked
// in the output.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
          testTimeout: 20_000,
          retry: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'product',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          retry: 1,
          // After the unit tests: what measures time gets the machine for itself.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
