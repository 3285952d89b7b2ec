import { defineConfig } from 'vitest/config';

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
          retry: 2,
          // After the unit tests: what measures time gets the machine for itself.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
