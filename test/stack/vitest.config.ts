import { defineConfig } from 'vitest/config';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** The tests of the deployed stack: one server and one deployment, whose functions are stopped and killed. */
export default defineConfig({
  test: {
    name: 'stack',
    include: ['test/stack/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    // LocalStack answers up to ten times more slowly than others.
    testTimeout: process.env.ML_PIPELINE_TEST_ENDPOINT ? 360_000 : 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
  },
});
