import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { Access } from './policy.js';

/** A proxy before a mock of AWS that notes what its clients would need to be allowed. */
export interface Recorder {
  endpoint: string;
  /** What was asked since the last call. */
  take(): Access[];
  close(): Promise<void>;
}

export async function startRecorder(target: string): Promise<Recorder> {
  const accesses: Access[] = [];
  const server = http.createServer(async (request, response) => {
    const body = await buffer(request);
    const { method, url = '/', headers } = request;
    const onward = http.request(new URL(url, target), { method, headers });
    onward.end(body);
    const [answer] = z.tuple([z.instanceof(http.IncomingMessage)]).parse(await once(onward, 'response'));
    const status = answer.statusCode ?? 0;
    accesses.push(...accessesOf({ method: method ?? '', url: new URL(url, target), headers, body, status }));
    response.writeHead(status, answer.headers);
    answer.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    take: () => accesses.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Asked {
  method: string;
  url: URL;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  status: number;
}

const place = 'us-east-1:000000000000';
const json = z.looseObject({
  TableName: z.string().optional(),
  QueueUrl: z.string().optional(),
  QueueName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});

function accessesOf(asked: Asked): Access[] {
  const target = asked.headers['x-amz-target'];
  if (typeof target !== 'string') return s3Accesses(asked);
  const [service = '', operation = ''] = target.split('.');
  const { TableName, RequestItems = {}, QueueUrl = '', QueueName } = json.parse(JSON.parse(asked.body.toString()));
  if (service === 'AmazonSQS')
    return [
      {
        action: `sqs:${operation.replace(/Batch$/, '')}`,
        resource: `arn:aws:sqs:${place}:${QueueName ?? QueueUrl.split('/').at(-1)}`,
      },
    ];
  const tables = TableName === undefined ? Object.keys(RequestItems) : [TableName];
  return tables.map((table) => ({
    action: `dynamodb:${operation}`,
    resource: `arn:aws:dynamodb:${place}:table/${table}`,
  }));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
function s3Accesses({ method, url, headers, body, status }: Asked): Access[] {
  const [, bucket = '', ...rest] = url.pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const at = (path: string) => `arn:aws:s3:::${path}`;
  if (key === '') {
    if (method === 'GET')
      return [{ action: 's3:ListBucket', resource: at(bucket), prefix: url.searchParams.get('prefix') ?? '' }];
    if (method === 'POST' && url.searchParams.has('delete')) {
      return [...body.toString().matchAll(/<Key>(.*?)<\/Key>/g)].map(([, deleted = '']) => ({
        action: 's3:DeleteObject',
        resource: at(`${bucket}/${deleted}`),
      }));
    }
    throw new Error(`No test knows what ${method} ${url} needs`);
  }
  const resource = at(`${bucket}/${key}`);
  // Without the right to list, the answer for an object that is not there is 403.
  if (method === 'GET' || method === 'HEAD')
    return [
      { action: 's3:GetObject', resource },
      ...(status === 404 ? [{ action: 's3:ListBucket', resource: at(bucket) }] : []),
    ];
  const source = headers['x-amz-copy-source'];
  if (method === 'PUT' && typeof source === 'string')
    return [
      { action: 's3:PutObject', resource },
      { action: 's3:GetObject', resource: at(decodeURIComponent(source)) },
    ];
  if (method === 'DELETE') return [{ action: 's3:DeleteObject', resource }];
  if (method === 'PUT' || method === 'POST') return [{ action: 's3:PutObject', resource }];
  throw new Error(`No test knows what ${method} ${url} needs`);
}
