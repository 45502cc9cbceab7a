import { PipelineError } from '../work/index.js';
import type { Aws } from './clients.js';
import { explainErrors } from './errors.js';
import { isAwsHost } from './mock-hosts.js';

/**
 * The account and region that the clients act in, as STS knows them: `AWS account 123456789012, region eu-west-1`; for
 * anything else, mock or not, its endpoint.
 *
 * @throws PipelineError `aws.credentials` where STS does not accept the credentials or there are none; `aws.clock`,
 * `aws.unreachable`.
 */
export async function identity(aws: Aws): Promise<string> {
  const endpoints = aws.endpoint.split(', ');
  const others = endpoints.filter((endpoint) => endpoint !== 'AWS' && !isAwsHost(new URL(endpoint).hostname));
  if (others.length === endpoints.length) return aws.endpoint;
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  try {
    const region = await aws.s3.config.region();
    const sts = new STSClient({ region });
    const names = { endpoint: 'AWS', table: aws.table, bucket: aws.bucket, region: async () => region };
    sts.middlewareStack.add(explainErrors(names), { step: 'initialize', name: 'explainErrors' });
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    return [`AWS account ${Account}, region ${region}`, ...others].join(', ');
  } catch (cause) {
    if (cause instanceof PipelineError) throw cause;
    throw new PipelineError(
      'aws.credentials',
      `The AWS account cannot be determined: ${cause}. Set credentials and a region (aws configure, ` +
        'AWS_PROFILE, AWS_REGION).',
      { cause },
    );
  }
}
