import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { clients, sdkClient } from '../../src/aws/clients.js';
import { defaultEndpoint } from '../../src/aws/endpoints.js';
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
    const env = { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ENDPOINT_URL_S3: 'http://minio:9000' };
    expect(await endpointOf(env)).toEqual({
      endpoint: 'http://localhost:4566, http://minio:9000',
      real: false,
      host: 'minio:9000',
    });
  });

  it.each([
    'http://127.0.0.1:4566',
    'http://[::1]:4566',
    'http://localhost.localstack.cloud:4566',
    'http://s3.localhost.localstack.cloud:4566',
    'http://host.docker.internal:4566',
    'http://172.17.0.1:4566',
    'http://192.168.1.5:4566',
    'http://localstack:4566',
  ])('take %s for a mock', (endpoint) => {
    expect(clients({ env: { AWS_ENDPOINT_URL: endpoint } }).real).toBe(false);
  });

  it.each([
    'https://s3.us-east-1.amazonaws.com',
    'https://dynamodb.eu-west-1.api.aws',
    'https://vpce-1a2b.s3.us-east-1.vpce.amazonaws.com',
    'https://127.0.0.1.example.com',
    'https://localhost.example.com',
    'http://8.8.8.8',
  ])('refuse %s without consent, naming it and the consent', (endpoint) => {
    expect(() => clients({ env: { AWS_ENDPOINT_URL: endpoint } })).toThrowError(
      expect.objectContaining({
        code: 'aws.consent',
        message: expect.stringMatching(new RegExp(`${endpoint.replaceAll('.', '\\.')}.*--aws.*ML_PIPELINE_AWS=1`)),
      }),
    );
    expect(clients({ env: { AWS_ENDPOINT_URL: endpoint }, allowAws: true }).real).toBe(true);
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
