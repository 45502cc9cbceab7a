import { PipelineError } from '../work/index.js';
import type { Aws } from './clients.js';

/**
 * Says whose account the clients act in, asking STS; for a mock, its endpoint.
 *
 * @throws PipelineError `aws.credentials` where there are none that work.
 */
export async function identity(aws: Aws): Promise<string> {
  if (!aws.real) return aws.endpoint;
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const region = await aws.s3.config.region();
    const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return `AWS account ${Account}, region ${region}`;
  } catch (cause) {
    throw new PipelineError(
      'aws.credentials',
      `AWS does not say whose account this is: ${cause}. Set credentials and a region (aws configure, ` +
        'AWS_PROFILE, AWS_REGION).',
      { cause },
    );
  }
}
