import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { clients, sdkClient } from '../../src/aws/clients.js';
import { defaultEndpoint } from '../../src/aws/endpoints.js';
import { identity } from '../../src/aws/identity.js';
import { connect } from '../../src/connect.js';

const endpointOf = async (env: Record<string, string>, allowAws?: boolean) => {
  const { s3, endpoint, real } = clients({ env, allowAws });
  const asked = await sdkClient(s3, S3Client).config.endpoint?.();
  return { endpoint, real, host: asked && `${asked.hostname}:${asked.port}` };
};

describe('the clients', () => {
  it('talk to the local mock where no endpoint is set, whatever credentials there are', async () => {
    const real = {
      AWS_PROFILE: 'production',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: 'eu-west-1',
    };
    for (const env of [{}, real])
      expect(await endpointOf(env)).toEqual({ endpoint: defaultEndpoint, real: false, host: '127.0.0.1:4566' });
  });

  it('take a service’s own endpoint before the general one', async () => {
    const env = {
      AWS_ENDPOINT_URL: 'http://localhost:4566',
      AWS_ENDPOINT_URL_S3: 'http://minio:9000',
      ML_PIPELINE_MOCK_HOSTS: 'minio',
    };
    expect(await endpointOf(env)).toEqual({
      endpoint: 'http://localhost:4566, http://minio:9000',
      real: false,
      host: 'minio:9000',
    });
  });

  it.each([
    'http://127.0.0.1:4566',
    'HTTP://LocalHost:4566',
    'http://localhost.:4566',
    'http://s3.localhost:4566',
    'http://127.8.9.10',
    'http://[::1]:4566',
    'http://[::ffff:127.0.0.1]:4566',
    'http://2130706433',
    'http://0x7f000001',
    'http://0177.0.0.1',
    'http://127.1',
  ])('take %s, which is this machine, for a mock', (endpoint) => {
    for (const env of [{ AWS_ENDPOINT_URL: endpoint }, { AWS_ENDPOINT_URL_S3: endpoint }])
      expect(clients({ env }).real).toBe(false);
    expect(clients({ endpoint, env: {} }).real).toBe(false);
  });

  it.each(['https://s3.us-east-1.amazonaws.com', 'https://dynamodb.eu-west-1.api.aws'])(
    'refuse %s without consent, and do not offer to take it for a mock',
    (endpoint) => {
      expect(() => clients({ env: {}, endpoint })).toThrowError(
        `The endpoint ${endpoint} is that of a real AWS account. If it is meant, consent with --aws, `,
      );
      expect(clients({ env: {}, endpoint, allowAws: true }).real).toBe(true);
    },
  );

  it.each([
    ['https://127.0.0.1.example.com', '127.0.0.1.example.com'],
    ['https://localhost.example.com', 'localhost.example.com'],
    ['https://notlocalhost', 'notlocalhost'],
    ['http://8.8.8.8', '8.8.8.8'],
    ['http://10.9.9.9', '10.9.9.9'],
    ['http://168364297', '10.9.9.9'],
    ['http://0x0a.9.9.9', '10.9.9.9'],
    ['http://012.011.9.9', '10.9.9.9'],
    ['http://10.9.9.9.', '10.9.9.9'],
    ['http://[::ffff:10.9.9.9]', '[::ffff:a09:909]'],
    ['http://[fd00::1]', '[fd00::1]'],
    ['http://[::]:4566', '[::]'],
    ['http://0.0.0.0:4566', '0.0.0.0'],
    ['http://172.17.0.1:4566', '172.17.0.1'],
    ['http://192.168.1.5:9000', '192.168.1.5'],
    ['http://minio:9000', 'minio'],
    ['http://nas.local:9000', 'nas.local'],
    ['http://host.docker.internal:4566', 'host.docker.internal'],
    ['http://localhost.localstack.cloud:4566', 'localhost.localstack.cloud'],
    ['http://10.9.9.9\\@127.0.0.1', '10.9.9.9'],
  ])('refuse %s without consent, however it is named, and say how to list it or consent', (endpoint, host) => {
    const refusal = expect.objectContaining({ code: 'aws.consent', message: expect.stringContaining(endpoint) });
    const named = [
      { env: { AWS_ENDPOINT_URL: endpoint } },
      { env: { AWS_ENDPOINT_URL_S3: endpoint } },
      { env: { AWS_ENDPOINT_URL: defaultEndpoint, AWS_ENDPOINT_URL_SQS: endpoint } },
      { env: {}, endpoint },
    ];
    for (const options of named) {
      expect(() => clients(options)).toThrowError(refusal);
      expect(() => clients(options)).toThrowError(`ML_PIPELINE_MOCK_HOSTS=${host},`);
      expect(() => clients(options)).toThrowError(/--aws.*ML_PIPELINE_AWS=1/);
      expect(clients({ ...options, allowAws: true }).real).toBe(true);
    }
  });

  it.each([
    ['http://localstack:4566', 'localstack'],
    ['http://LocalStack.:4566', 'minio, LOCALSTACK'],
    ['http://192.168.1.5:9000', '192.168.1.5'],
    ['http://3232235781:9000', '192.168.1.5'],
    ['http://[fd00::1]:4566', 'fd00:0::1'],
    ['http://[fd00::1]:4566', '[fd00::1]'],
  ])('take %s for a mock where the user lists %s', (endpoint, listed) => {
    expect(clients({ env: { AWS_ENDPOINT_URL: endpoint, ML_PIPELINE_MOCK_HOSTS: listed } }).real).toBe(false);
    expect(clients({ endpoint, env: {}, mockHosts: listed.split(',') }).real).toBe(false);
    const others = { env: { ML_PIPELINE_MOCK_HOSTS: listed }, endpoint: 'http://x.localstack:4566' };
    expect(() => clients(others)).toThrowError(expect.objectContaining({ code: 'aws.consent' }));
  });

  it.each(['*', 'http://localstack', 'localstack:4566', 'a b', '10.0.0.0/8', 's3.us-east-1.amazonaws.com', '*.local'])(
    'refuse %s in the list of mocks',
    (listed) => {
      expect(() => clients({ env: { ML_PIPELINE_MOCK_HOSTS: listed } })).toThrowError(
        expect.objectContaining({ code: 'aws.badMockHost', value: listed }),
      );
    },
  );

  it('refuse a name and a password before the host, and do not repeat them', () => {
    for (const endpoint of ['http://me:secret@10.9.9.9', 'http://127.0.0.1:80@10.9.9.9', 'http://me@127.0.0.1:4566']) {
      expect(() => clients({ endpoint, env: {} })).toThrowError(
        expect.objectContaining({ code: 'aws.badEndpoint', message: expect.not.stringContaining('secret') }),
      );
    }
  });

  it('do not go where a profile leads without consent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ml-pipeline-'));
    await writeFile(join(folder, 'config'), '[default]\nendpoint_url = http://10.9.9.9\nregion = eu-west-1\n');
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    expect(await endpointOf({})).toEqual({ endpoint: defaultEndpoint, real: false, host: '127.0.0.1:4566' });
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('of a store of one’s own are named by its address, since no account knows it', async () => {
    const endpoint = 'http://10.9.9.9';
    expect(await identity(clients({ env: {}, endpoint, allowAws: true }))).toBe(endpoint);
  });

  it('go to AWS by the SDK’s own rules with consent, and only then', async () => {
    const env = { AWS_REGION: 'eu-west-1' };
    expect(await endpointOf({ ...env, ML_PIPELINE_AWS: '1' })).toMatchObject({ endpoint: 'AWS', real: true });
    expect(await endpointOf(env, true)).toMatchObject({ endpoint: 'AWS', real: true });
    expect(await endpointOf({ ...env, ML_PIPELINE_AWS: '1' }, false)).toMatchObject({
      endpoint: defaultEndpoint,
      real: false,
    });
    expect(await endpointOf({ ...env, ML_PIPELINE_AWS: 'no' })).toMatchObject({ real: false });
  });

  it('refuse an endpoint that is no URL', () => {
    expect(() => clients({ env: { AWS_ENDPOINT_URL: 'localhost:4566 ' } })).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^aws\.(badEndpoint|consent)$/) }),
    );
    expect(() => clients({ env: { AWS_ENDPOINT_URL: '4566' } })).toThrowError(
      expect.objectContaining({ code: 'aws.badEndpoint', value: '4566' }),
    );
  });

  it('take table and bucket from the options, the environment, or their usual names', () => {
    expect(clients({ env: {} })).toMatchObject({ table: 'FashionProducts', bucket: 'static-s3-bucket' });
    const env = { ML_PIPELINE_TABLE: 'products', ML_PIPELINE_BUCKET: 'pictures' };
    expect(clients({ env })).toMatchObject({ table: 'products', bucket: 'pictures' });
    expect(clients({ env, table: 'others' })).toMatchObject({ table: 'others', bucket: 'pictures' });
  });
});

describe('where nothing answers', () => {
  // A port below 1024 that nothing serves: refused at once.
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

  it('connecting and every request say endpoint, and how to start the mock', async () => {
    const expected = { code: 'aws.unreachable', message: expect.stringMatching(/127\.0\.0\.1:9.*scripts\/up\.mjs/) };
    await expect(connect({ env })).rejects.toMatchObject(expected);
    const { s3, dynamodb } = clients({ env });
    await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject(expected);
    await expect(dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject(expected);
  });
});
