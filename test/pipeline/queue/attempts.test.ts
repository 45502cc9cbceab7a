import { describe, expect, it } from 'vitest';
import { mostWaits, remedyOf } from '../../../src/pipeline/queue/attempts.js';
import { maxReceiveCount } from '../../../src/pipeline/queue/settings.js';

const first = { received: 1, waits: 0 };

describe('a message whose handler failed', () => {
  it.each(['aws.unavailable', 'aws.throttled', 'aws.unreachable', 'aws.notAws', 'model.unreachable', 'TimeoutError'])(
    'for %s is put off, longer each time up to 15 minutes, for more than an hour in all',
    (code) => {
      const pauses = Array.from({ length: mostWaits }, (_, waits) => remedyOf(code, { received: 1, waits }, 0.5));
      const seconds = pauses.map((pause) => (pause.is === 'wait' ? pause.seconds : NaN));
      expect(seconds.slice(0, 4)).toEqual([4, 8, 16, 32]);
      expect(seconds.at(-1)).toBe(900);
      expect(seconds.reduce((sum, pause) => sum + pause)).toBeGreaterThan(3600);
      expect(remedyOf(code, { received: 1, waits: mostWaits })).toEqual({ is: 'bury' });
    },
  );

  it('is put off whatever its receipts, since they say nothing of the server', () => {
    expect(remedyOf('aws.unavailable', { received: maxReceiveCount, waits: 0 }).is).toBe('wait');
  });

  it('is spread, so that a thousand do not return at once, and never delayed longer than SQS can', () => {
    const seconds = [0, 1].map((random) => remedyOf('aws.unavailable', { received: 1, waits: 7 }, random));
    expect(seconds).toEqual([
      { is: 'wait', seconds: 384 },
      { is: 'wait', seconds: 640 },
    ]);
    expect(remedyOf('aws.unavailable', { received: 1, waits: 13 }, 1)).toEqual({ is: 'wait', seconds: 900 });
  });

  it.each(['message.malformed', 'message.otherCatalogue', 'augment.badTransform', 'model.notFound', 'job.malformed'])(
    'for %s is buried at once',
    (code) => expect(remedyOf(code, first)).toEqual({ is: 'bury' }),
  );

  it.each(['message.outOfTime', 'TypeError', 'aws.denied', 'model.processEnded', 'model.cannotRun', 'unknown'])(
    'for %s returns after a pause that doubles, and is buried after the last attempt',
    (code) => {
      const remedies = [1, 2, 3, 4, 5].map((received) => remedyOf(code, { received, waits: 2 }));
      expect(remedies).toEqual([...[1, 2, 4, 8].map((seconds) => ({ is: 'again', seconds })), { is: 'bury' }]);
    },
  );
});
