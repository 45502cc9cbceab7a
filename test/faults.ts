import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomFrom } from '../src/work/random.js';
import { startProxy } from './proxy.js';

export interface Faults {
  endpoint: string;
  /** How many calls were answered with a fault, and how many there were. */
  injected(): { faults: number; calls: number };
  close(): Promise<void>;
}

/** A proxy that answers a share of all calls as AWS does when it is overloaded: 503, or its own kind of throttling. */
export async function faultyProxy(upstream: string, { rate, seed }: { rate: number; seed: number }): Promise<Faults> {
  const random = randomFrom(seed, 'faults');
  let faults = 0;
  let calls = 0;
  const { endpoint, close } = await startProxy(upstream, (request, response) => {
    calls++;
    if (random() >= rate) return false;
    faults++;
    // The client reads the answer only after all that it sends has been read.
    request.resume().on('end', () => refuse(request, response));
    return true;
  });
  return { endpoint, injected: () => ({ faults, calls }), close };
}

function refuse({ headers }: IncomingMessage, response: ServerResponse): void {
  const target = String(headers['x-amz-target'] ?? '');
  if (target.startsWith('DynamoDB')) {
    json(response, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
  } else if (target.startsWith('AmazonSQS')) {
    json(response, 'com.amazonaws.sqs#ThrottlingException');
  } else {
    response.writeHead(503, { 'content-type': 'application/xml' });
    response.end(
      '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request ' +
        'rate.</Message></Error>',
    );
  }
}

function json(response: ServerResponse, __type: string): void {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify({ __type, message: 'Rate exceeded' }));
}
