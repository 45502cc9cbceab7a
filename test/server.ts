import { randomUUID } from 'node:crypto';
import { startEmulator } from '../localstack/emulator.mjs';

/** A mock of AWS to test against. */
export interface TestServer {
  endpoint: string;
  /** What a spawned script or an AWS client needs in its environment. */
  env: Record<string, string>;
  /** True where it is the embedded emulator, false for the one that ML_PIPELINE_TEST_ENDPOINT names. */
  embedded: boolean;
  /** The settings of any AWS SDK client. */
  config: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    forcePathStyle: true;
  };
  close(): Promise<void>;
}

/**
 * The server of one test file: the one that ML_PIPELINE_TEST_ENDPOINT names (a real LocalStack), else an embedded
 * emulator of its own on a free port.
 *
 * @example
 * const aws = await testServer();
 * afterAll(() => aws.close());
 * const client = new S3Client(aws.config);
 */
export async function testServer(): Promise<TestServer> {
  const given = process.env.ML_PIPELINE_TEST_ENDPOINT;
  const { endpoint, close } = given ? { endpoint: given, close: async () => {} } : await startEmulator({ port: 0 });
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    config: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
    },
    embedded: !given,
    close,
  };
}

/** A name that no other test uses, fit for a bucket, a table and a queue: lower case, digits, dashes. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`.toLowerCase();
