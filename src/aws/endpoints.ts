import { isIPv4, isIPv6 } from 'node:net';
import { PipelineError } from '../work/index.js';
import { requestHandler } from './http.js';

export const defaultEndpoint = 'http://127.0.0.1:4566';

type Service = 'DYNAMODB' | 'S3' | 'SQS';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which account or mock to use. */
export interface EndpointOptions {
  /** Where requests go; default: what the environment says (`AWS_ENDPOINT_URL`), else the mock at 127.0.0.1:4566. */
  endpoint?: string | undefined;
  /** Consent to a real AWS account; default: the environment's `ML_PIPELINE_AWS=1`. Without it only a mock is used. */
  allowAws?: boolean | undefined;
  /** The environment to read; default `process.env`. */
  env?: Environment | undefined;
}

/**
 * The settings of a client of a service that the kit has no client for, by the same rules as the kit's own. `service`
 * is written as in `AWS_ENDPOINT_URL_<SERVICE>`.
 *
 * @throws PipelineError `aws.consent`, `aws.badEndpoint`
 *
 * @example
 * import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
 * const cloudFormation = new CloudFormationClient(clientSettings('CLOUDFORMATION'));
 */
export function clientSettings(service: string, options: EndpointOptions = {}) {
  return endpointSettings(serviceEndpoint(service, options), options.env);
}

/** The endpoint of each service; undefined for AWS's own. */
export const serviceEndpoints = (options: EndpointOptions): Record<Service, string | undefined> => ({
  DYNAMODB: serviceEndpoint('DYNAMODB', options),
  S3: serviceEndpoint('S3', options),
  SQS: serviceEndpoint('SQS', options),
});

function serviceEndpoint(
  service: string,
  { endpoint: given, env = process.env, allowAws }: EndpointOptions,
): string | undefined {
  const consent = allowAws ?? env.ML_PIPELINE_AWS === '1';
  const endpoint =
    given ?? (env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || (consent ? undefined : defaultEndpoint));
  if (endpoint !== undefined && !(/^https?:/.test(endpoint) && URL.canParse(endpoint))) {
    throw new PipelineError(
      'aws.badEndpoint',
      `The endpoint '${endpoint}' is not an http URL; set AWS_ENDPOINT_URL to something like ${defaultEndpoint}.`,
      { value: endpoint },
    );
  }
  if (!consent && !isMock(endpoint)) {
    throw new PipelineError(
      'aws.consent',
      `The endpoint ${endpoint} is not on this machine or its network, so it may be a real AWS account. If ` +
        'it is meant, consent with --aws, connect({ allowAws: true }) or ML_PIPELINE_AWS=1; else unset ' +
        'AWS_ENDPOINT_URL.',
      { value: endpoint },
    );
  }
  return endpoint;
}

/** The settings of an SDK client that talks to an endpoint; undefined is AWS itself. */
export function endpointSettings(endpoint: string | undefined, env: Environment = process.env) {
  return {
    ...(endpoint && { endpoint }),
    ...(isMock(endpoint) && mockIdentity(env)),
    maxAttempts: 6,
    requestHandler: requestHandler(),
  };
}

/** Whether an endpoint can only be a mock: on this machine, in a private network, or a container by its bare name. */
export function isMock(endpoint: string | undefined): boolean {
  if (endpoint === undefined) return false;
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
  if (isIPv6(host)) return host === '::1' || /^f[cd]/.test(host);
  if (isIPv4(host)) return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0$)/.test(host);
  return !host.includes('.') || /\.(localhost|local|internal|localhost\.localstack\.cloud)$/.test(`.${host}`);
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
