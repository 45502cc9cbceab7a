// Why AWS refuses a request, and what to do about it.
import { PipelineError } from '../work/index.js';
import { actionOf, resourceOf } from './actions.js';
import { type Failed, type Headers, headersOf, statusOf } from './failed.js';

/** A refusal of AWS, as far as its answer tells. */
interface Refused extends Failed {
  name: string;
  /** AWS's own words; empty where it has none, as for a HEAD request. */
  said: string;
  /** The HTTP status; 0 where nothing was answered. */
  status: number;
  headers: Headers;
}

/** Returns code and message for what it knows, else undefined. */
type Explain = (refused: Refused) => [code: string, message: string] | undefined;

/**
 * A refusal of AWS as a PipelineError that says what to do; undefined for any other error.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
 */
export function refusal(error: Error, failed: Failed): PipelineError | undefined {
  const said = /^(UnknownError|Unknown|undefined)?$/.test(error.message) ? '' : error.message;
  const refused = { ...failed, name: error.name, said, status: statusOf(error), headers: headersOf(error) };
  for (const explain of [otherRegion, skewedClock, badCredentials, noRegion, denied]) {
    const [code, message] = explain(refused) ?? [];
    if (code !== undefined && message !== undefined) return new PipelineError(code, message, { cause: error });
  }
  return undefined;
}

const otherRegion: Explain = ({ name, said, headers, status, region, bucket, input }) => {
  if (name === 'IllegalLocationConstraintException') {
    const remedy = 'Set AWS_REGION to the region that it is for.';
    return ['aws.otherRegion', `The bucket cannot be made from region ${region}: ${said} ${remedy}`];
  }
  const wrong = /region '([\w-]+)' is wrong; expecting '([\w-]+)'/.exec(said);
  const there = headers['x-amz-bucket-region'] ?? wrong?.[2];
  const elsewhere = there !== undefined && there !== region;
  // The answer to a HEAD request is a status and a header alone.
  const isHead = elsewhere && said === '' && [301, 307, 400].includes(status);
  const redirect = /^(PermanentRedirect|TemporaryRedirect|Redirect)$/.test(name);
  if (!isHead && !redirect && !(elsewhere && name === 'AuthorizationHeaderMalformed')) return undefined;
  const which = typeof input.Bucket === 'string' ? input.Bucket : bucket;
  return [
    'aws.otherRegion',
    `The bucket ${which} is in ${there === undefined ? 'another region' : `region ${there}`}, and the requests go to ` +
      `${wrong?.[1] ?? region}. Set AWS_REGION${there === undefined ? ' to its region' : `=${there}`}, where the ` +
      `table and the queues are then looked for too, or name a bucket of ${region} with ML_PIPELINE_BUCKET.`,
  ];
};

const skewedClock: Explain = ({ name, said, headers }) => {
  const skewed =
    ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'].includes(name) ||
    (/^(InvalidSignature|SignatureDoesNotMatch)/.test(name) && /signature (expired|not yet current)/i.test(said));
  if (!skewed) return undefined;
  const there = new Date(headers.date ?? Number.NaN);
  const minutes = Math.round((Date.now() - there.getTime()) / 60_000);
  const by = Number.isNaN(minutes) ? '' : ` by ${Math.abs(minutes)} minutes (AWS has ${there.toISOString()})`;
  return [
    'aws.clock',
    `This machine's clock is wrong${by}, so AWS refuses its signatures. Set the clock, and try again.`,
  ];
};

const badCredentials: Explain = ({ name, said, endpoint }) => {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return [
      'aws.credentials',
      `No AWS credentials are to be had: ${said.replace(/\.?$/, '.')} Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and ` +
        'AWS_SECRET_ACCESS_KEY, or run aws configure; for a profile of SSO run aws sso login.',
    ];
  }
  const why = credentialFaults.find(([names]) => names.test(name))?.[1];
  return why === undefined
    ? undefined
    : ['aws.credentials', `${endpoint} refuses the credentials (${name}): ${why}.${said && ` It says: ${said}`}`];
};

/** What is wrong with the credentials, by the names of the errors. */
const credentialFaults: readonly [names: RegExp, why: string][] = [
  [
    /^(ExpiredToken|TokenRefreshRequired|InvalidToken)/,
    'they have expired, or their session token does not belong to them. Get new ones: aws sso login, or whatever ' +
      'issued them, and look at AWS_SESSION_TOKEN',
  ],
  [
    /^(SignatureDoesNotMatch|InvalidSignature)/,
    'the secret key does not belong to the access key. Look at AWS_SECRET_ACCESS_KEY for a character lost or added, ' +
      'and for a proxy that changes requests',
  ],
  [
    /^(InvalidAccessKeyId|UnrecognizedClient|InvalidClientTokenId|NotSignedUp|OptInRequired)/,
    'AWS does not know the access key. Look at AWS_ACCESS_KEY_ID, AWS_PROFILE and AWS_SESSION_TOKEN (which only ' +
      'temporary keys have), and whether the region is enabled for the account',
  ],
  [
    /^(AuthorizationHeaderMalformed|IncompleteSignature|InvalidHttpAuth|Missing(AuthenticationToken|SecurityHeader))/,
    'it cannot read the signature in the Authorization header. Look at AWS_ACCESS_KEY_ID and AWS_REGION for blanks ' +
      'and other characters that do not belong there, and for a proxy that changes headers',
  ],
];

const noRegion: Explain = ({ said }) =>
  /^Region is missing|^Invalid region/i.test(said)
    ? ['aws.noRegion', 'No AWS region is set. Set AWS_REGION, such as AWS_REGION=eu-west-1, or run aws configure.']
    : undefined;

const denied: Explain = (refused) => {
  const { name, said, endpoint, status } = refused;
  const isHead = status === 403 && said === '';
  if (!isHead && !/^(AccessDenied|AllAccessDisabled|AccountProblem|KMS)/.test(name)) return undefined;
  // Where a policy refuses, AWS names action and resource; it may be another service's, such as kms:GenerateDataKey.
  const named = /not authorized to perform: ?(\S+)(?: on resource: ?"?([^\s"]+))?/.exec(said);
  const action = named?.[1] ?? actionOf(refused.commandName);
  const resource = named?.[2] ?? resourceOf(refused);
  return [
    'aws.denied',
    `${endpoint} refuses ${action}${resource && ` on ${resource}`}${said && `: ${said.replace(/\.$/, '')}`}. ` +
      'Allow it in the policy of the user or role, look at the policies of bucket and key, or take other credentials ' +
      '(AWS_PROFILE).',
  ];
};
