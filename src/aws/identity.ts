import { PipelineError } from '../work/index.js';
import type { Aws } from './clients.js';

/**
 * The account and region that the clients act in, as STS knows them: `AWS account 123456789012, region eu-west-1`; for
 * a mock, its endpoint.
 *
 * @throws PipelineError `aws.credentials` where STS does not accept the credentials or there are none.
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
      `The AWS account cannot be determined: ${cause}. Set credentials and a region (aws configure, ` +
        'AWS_PROFILE, AWS_REGION).',
      { cause },
    );
  }
}
