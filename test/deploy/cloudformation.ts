import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';

/** A server that answers as CloudFormation does for one stack, whose statuses the test sets. */
export interface FakeCloudFormation {
  endpoint: string;
  /** The stack's status; undefined where it is not there. */
  status: string | undefined;
  /** The names of its parameters. */
  parameters: string[];
  /** What becomes of it when a change is executed: its events, and its status then. */
  onExecute: { status: string; events: { resource: string; status: string; reason: string }[] };
  /** The actions that were asked for, except those that only look. */
  actions: string[];
  /** How often the stack was looked at. */
  looks: number;
  close(): Promise<void>;
}

/** An element of a list, with its fields' text or markup. */
const member = (fields: Record<string, string>): string =>
  `<member>${Object.entries(fields)
    .map(([name, inner]) => `<${name}>${inner}</${name}>`)
    .join('')}</member>`;

export async function fakeCloudFormation(): Promise<FakeCloudFormation> {
  const server = http.createServer(async (request, response) => {
    const action = new URLSearchParams(await text(request)).get('Action') ?? '';
    if (!action.startsWith('Describe')) fake.actions.push(action);
    if (action === 'DescribeStacks') fake.looks++;
    if (action === 'CreateChangeSet') fake.status ??= 'REVIEW_IN_PROGRESS';
    if (action === 'DeleteStack') fake.status = undefined;
    if (action === 'ExecuteChangeSet') fake.status = fake.onExecute.status;
    const executed = fake.actions.includes('ExecuteChangeSet');
    const time = '2026-01-01T00:00:00Z';
    const stack = { StackName: 'mine', StackId: 'arn:mine', CreationTime: time };
    const events = fake.onExecute.events.map(({ resource, status, reason }, i) =>
      member({
        ...stack,
        EventId: String(i),
        Timestamp: time,
        LogicalResourceId: resource,
        ResourceType: 'AWS::Test::Resource',
        ResourceStatus: status,
        ResourceStatusReason: reason,
      }),
    );
    const parameters = fake.parameters.map((name) => member({ ParameterKey: name, ParameterValue: 'x' }));
    const described = member({ ...stack, StackStatus: fake.status ?? '', Parameters: parameters.join('') });
    const results: Record<string, string> = {
      DescribeStacks: `<Stacks>${described}</Stacks>`,
      CreateChangeSet: '<Id>arn:change</Id><StackId>arn:mine</StackId>',
      DescribeChangeSet: '<Status>CREATE_COMPLETE</Status><Changes></Changes>',
      // CloudFormation lists the newest first.
      DescribeStackEvents: `<StackEvents>${executed ? events.reverse().join('') : ''}</StackEvents>`,
    };
    const missing = action === 'DescribeStacks' && fake.status === undefined;
    response.writeHead(missing ? 400 : 200, { 'content-type': 'text/xml' });
    if (missing)
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id mine ' +
          'does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>',
      );
    else
      response.end(
        `<${action}Response><${action}Result>${results[action] ?? ''}</${action}Result>` +
          `<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`,
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const fake: FakeCloudFormation = {
    endpoint: `http://127.0.0.1:${port}`,
    status: undefined,
    parameters: ['CopyCode'],
    onExecute: { status: 'CREATE_COMPLETE', events: [] },
    actions: [],
    looks: 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
