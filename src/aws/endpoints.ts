import { PipelineError } from '../work/index.js';
import { retryStrategy } from './attempts.js';
import { requestHandler } from './http.js';
import { isAwsHost, isMockHost, mockHosts, mockHostsVariable } from './mock-hosts.js';

export const defaultEndpoint = 'http://127.0.0.1:4566';

type Service = 'DYNAMODB' | 'S3' | 'SQS';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which account or mock to use. */
export interface EndpointOptions {
  /** Where requests go; default: what the environment says (`AWS_ENDPOINT_URL`), else the mock at 127.0.0.1:4566. */
  endpoint?: string | undefined;
  /** Consent to a real AWS account; default: the environment's `ML_PIPELINE_AWS=1`. Without it only a mock is used. */
  allowAws?: boolean | undefined;
  /**
   * Hosts that are mocks although they are not this machine, such as `localstack`, the service of a docker-compose
   * file; default: those that the environment's `ML_PIPELINE_MOCK_HOSTS` lists, with commas.
   */
  mockHosts?: readonly string[] | undefined;
  /** The environment to read; default `process.env`. */
  env?: Environment | undefined;
}

/**
 * The settings of a client of a service that the kit has no client for, by the same rules as the kit's own. `service`
 * is written as in `AWS_ENDPOINT_URL_<SERVICE>`.
 *
 * @throws PipelineError `aws.consent`, `aws.badEndpoint`, `aws.badMockHost`
 *
 * @example
 * import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
 * const cloudFormation = new CloudFormationClient(clientSettings('CLOUDFORMATION'));
 */
export function clientSettings(service: string, options: EndpointOptions = {}) {
  return endpointSettings(serviceEndpoint(service, options), options.env);
}

/** Where the requests of a service go. */
export interface Endpoint {
  /** Undefined for AWS's own. */
  url: string | undefined;
  /** Whether it can only be a mock. */
  mock: boolean;
}

/** The endpoint of each service. */
export const serviceEndpoints = (options: EndpointOptions): Record<Service, Endpoint> => ({
  DYNAMODB: serviceEndpoint('DYNAMODB', options),
  S3: serviceEndpoint('S3', options),
  SQS: serviceEndpoint('SQS', options),
});

function serviceEndpoint(service: string, options: EndpointOptions): Endpoint {
  const { endpoint: given, env = process.env, allowAws } = options;
  const hosts = mockHosts(options.mockHosts ?? env[mockHostsVariable]);
  const consent = allowAws ?? env.ML_PIPELINE_AWS === '1';
  const endpoint =
    given ?? (env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || (consent ? undefined : defaultEndpoint));
  if (endpoint === undefined) return { url: undefined, mock: false };
  const url = parsed(endpoint);
  const mock = isMockHost(url.hostname, hosts);
  if (!consent && !mock) {
    throw new PipelineError(
      'aws.consent',
      (isAwsHost(url.hostname)
        ? `The endpoint ${endpoint} is that of a real AWS account. If it`
        : `The endpoint ${endpoint} is not on this machine, so it may hold somebody's data. If it is a mock, list ` +
          `its host: ${mockHostsVariable}=${url.hostname}, or connect({ mockHosts: ['${url.hostname}'] }). If a ` +
          'real account') +
        ' is meant, consent with --aws, connect({ allowAws: true }) or ML_PIPELINE_AWS=1; else unset AWS_ENDPOINT_URL.',
      { value: endpoint },
    );
  }
  return { url: endpoint, mock };
}

function parsed(endpoint: string): URL {
  const url = /^https?:\/\//i.test(endpoint) && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined) {
    throw new PipelineError(
      'aws.badEndpoint',
      `The endpoint '${endpoint}' is not an http URL; set AWS_ENDPOINT_URL to something like ${defaultEndpoint}.`,
      { value: endpoint },
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new PipelineError(
      'aws.badEndpoint',
      `The endpoint of ${url.host} has a user's name before its host, which no request would carry. Give credentials ` +
        'by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      { value: url.host },
    );
  }
  return url;
}

/** The settings of an SDK client that talks to an endpoint. */
export function endpointSettings({ url, mock }: Endpoint, env: Environment = process.env) {
  return {
    ...(url && { endpoint: url }),
    ...(mock && mockIdentity(env)),
    retryStrategy,
    requestHandler: requestHandler(),
  };
}

/** A mock accepts any credentials. It is sent real ones only where the environment names them, not from a profile. */
function mockIdentity(env: Environment) {
  return {
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID || 'test',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY || 'test',
    },
  };
}
