/** What a failed attempt left, as the SDK's middleware passes it on. */
export interface Attempt {
  getRetryCount(): number;
  /** Milliseconds. */
  getRetryDelay(): number;
}

const maxAttempts = 6;

/** Milliseconds before the second attempt, at most; doubled for each further one. */
const pauses: Record<string, number | undefined> = { THROTTLING: 1000, TRANSIENT: 50 };

const attempt = (count: number, delay: number): Attempt => ({ getRetryCount: () => count, getRetryDelay: () => delay });

/**
 * Sends a request up to six times, with the SDK's own pauses: exponential back-off with full jitter. The SDK's own
 * strategy also has a quota for all requests of a client: where 64 of them lose their connections in one moment, as by
 * a router that restarts, it sends 35 again and gives the others up, and with them the run.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const retryStrategy = {
  acquireInitialRetryToken: async (): Promise<Attempt> => attempt(0, 0),
  async refreshRetryTokenForRetry(last: Attempt, { errorType }: { errorType: string }): Promise<Attempt> {
    const count = last.getRetryCount() + 1;
    const pause = pauses[errorType];
    if (pause === undefined || count >= maxAttempts) throw new Error('No further attempt');
    return attempt(count, Math.random() * pause * 2 ** (count - 1));
  },
  recordSuccess(): void {},
};
