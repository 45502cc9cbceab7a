import { defineConfig } from 'vitest/config';

// The SDK's notice to Node 20 would stand above every report.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const shared = {
  pool: 'forks' as const,
  testTimeout: 60_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Only what runs in the tests' own processes counts, not what scripts, kernels and model processes run from dist.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['**/*.d.ts'],
      reporter: ['text-summary'],
      reportsDirectory: 'out/coverage',
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          // The deployed stack needs a mock that runs functions: npm run test:stack.
          exclude: ['test/integration/**', 'test/browser/**', 'test/stack/**'],
        },
      },
      // These share one server with the whole catalogue on it, seeded once.
      {
        test: {
          ...shared,
          name: 'integration',
          // LocalStack answers up to ten times more slowly than the embedded emulator.
          testTimeout: 180_000,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: 'test/integration/setup.ts',
        },
      },
      // After all others and one by one: a browser, JupyterLab and a kernel are enough for two cores.
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
