import { isIP } from 'node:net';
import { bareHost, isLoopback, PipelineError } from '../work/index.js';

/** The variable that lists hosts which are mocks although they are not this machine. */
export const mockHostsVariable = 'ML_PIPELINE_MOCK_HOSTS';

/**
 * Whether a host can only be a mock: it is this machine, or one of those that the user lists. An address of a private
 * network is somebody's MinIO, Ceph or PrivateLink as well as a mock, and a name may lead anywhere.
 *
 * @param hostname As a `URL` has it: lower case, addresses in their usual form, those of IPv6 in brackets.
 */
export const isMockHost = (hostname: string, listed: readonly string[]): boolean =>
  isLoopback(hostname) || listed.includes(bareHost(hostname));

/**
 * The hosts of a list as `isMockHost` compares them.
 *
 * @throws PipelineError `aws.badMockHost` for what is not the name or address of a host, and for AWS's own names.
 */
export function mockHosts(listed: readonly string[] | string = []): string[] {
  const entries = typeof listed === 'string' ? listed.split(',') : listed;
  return entries.map((entry) => entry.trim()).flatMap((entry) => (entry === '' ? [] : [checked(entry)]));
}

function checked(entry: string): string {
  // An IPv6 address may stand without the brackets that it has in a URL.
  const url = `http://${isIP(entry) === 6 ? `[${entry}]` : entry}/`;
  const host = /^[^/?#@\\\s]+$/.test(entry) && URL.canParse(url) ? new URL(url) : undefined;
  if (host === undefined || host.port !== '' || /[*:]$/.test(entry) || entry.includes('*')) {
    throw new PipelineError(
      'aws.badMockHost',
      `'${entry}' is not the name or address of a host. List hosts alone, without http:// and port, in ` +
        `${mockHostsVariable}, such as localstack,192.168.1.5.`,
      { value: entry },
    );
  }
  const name = bareHost(host.hostname);
  if (isAwsHost(name)) {
    throw new PipelineError(
      'aws.badMockHost',
      `${name} belongs to AWS, so it is no mock: take it out of ${mockHostsVariable}. If a real account is meant, ` +
        'consent with --aws, connect({ allowAws: true }) or ML_PIPELINE_AWS=1.',
      { value: entry },
    );
  }
  return name;
}

/** Whether a host is one of AWS's own. */
export const isAwsHost = (hostname: string): boolean =>
  /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|on\.aws)$/.test(bareHost(hostname));
