import { batchSize, deadLetterQueueName, maxReceiveCount, queueName, retentionDays } from '../settings.js';
import { definitions, type Task, tasks } from '../tasks/index.js';
import { bucketStatements } from './bucket-access.js';
import {
  allow,
  attribute,
  bucket,
  capital,
  codeParameter,
  keys,
  policy,
  prefixes,
  ref,
  resourcesOf,
  stack,
  text,
  when,
} from './values.js';

const deleted = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };

/** The queues of a task, its function, and what binds and watches them. */
export function taskResources(task: Task) {
  const { queue, deadLetters, logs, role, lambda, mapping, ageAlarm, deadLettersAlarm, errorsAlarm, throttlesAlarm } =
    resourcesOf(task);
  const ofQueue = (name: string) => ({
    Namespace: 'AWS/SQS',
    Dimensions: [{ Name: 'QueueName', Value: attribute(name, 'QueueName') }],
    Statistic: 'Maximum',
  });
  const ofFunction = {
    Namespace: 'AWS/Lambda',
    Dimensions: [{ Name: 'FunctionName', Value: ref(lambda) }],
    Statistic: 'Sum',
    Period: 300,
  };
  const { description, memory } = definitions[task].lambda;
  const queueProperties = { MessageRetentionPeriod: retentionDays * 24 * 60 * 60, SqsManagedSseEnabled: true };
  return {
    [queue]: {
      Type: 'AWS::SQS::Queue',
      ...deleted,
      Properties: {
        QueueName: text(queueName(stack, task)),
        VisibilityTimeout: ref('Visibility'),
        ...queueProperties,
        RedrivePolicy: { deadLetterTargetArn: attribute(deadLetters), maxReceiveCount },
      },
    },
    [deadLetters]: {
      Type: 'AWS::SQS::Queue',
      ...deleted,
      Properties: { QueueName: text(deadLetterQueueName(stack, task)), ...queueProperties },
    },
    [logs]: {
      Type: 'AWS::Logs::LogGroup',
      ...deleted,
      Properties: {
        LogGroupName: text(`/aws/lambda/${queueName(stack, task)}`),
        RetentionInDays: ref('LogDays'),
      },
    },
    [role]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Description: text(`What the function ${queueName(stack, task)} may do`),
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
        ManagedPolicyArns: [ref('EveryFunction')],
        Policies: [{ PolicyName: task, PolicyDocument: policy([...statements(task), ...bucketStatements(task)]) }],
      },
    },
    [lambda]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: text(queueName(stack, task)),
        Description: description,
        Runtime: 'nodejs24.x',
        Architectures: [ref('Architecture')],
        Handler: 'dist/index.handler',
        Code: { S3Bucket: ref('CodeBucket'), S3Key: ref(codeParameter(task)) },
        MemorySize: ref(capital(memory)),
        Timeout: ref('Timeout'),
        Role: attribute(role),
        LoggingConfig: { LogGroup: ref(logs) },
        Environment: {
          Variables: {
            ML_PIPELINE_AWS: '1',
            ML_PIPELINE_TABLE: ref('Table'),
            ML_PIPELINE_BUCKET: ref('Bucket'),
            ML_PIPELINE_STACK: ref('AWS::StackName'),
          },
        },
      },
    },
    [mapping]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: attribute(queue),
        FunctionName: ref(lambda),
        BatchSize: batchSize,
        MaximumBatchingWindowInSeconds: 0,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: when('HasLimit', { MaximumConcurrency: ref('MaxConcurrency') }),
      },
    },
    [ageAlarm]: alarm(`${task}-age`, `Messages of the ${task} queue wait too long`, {
      ...ofQueue(queue),
      MetricName: 'ApproximateAgeOfOldestMessage',
      Period: 300,
      Threshold: ref('OldestMessage'),
    }),
    [deadLettersAlarm]: alarm(
      `${task}-dead-letters`,
      `The ${task} function could not deal with some messages; jobs.mjs says which and why`,
      { ...ofQueue(deadLetters), MetricName: 'ApproximateNumberOfMessagesVisible', Period: 60, Threshold: 0 },
    ),
    [errorsAlarm]: alarm(
      `${task}-errors`,
      `The ${task} function crashed, or ran out of time or memory; its log says more`,
      { ...ofFunction, MetricName: 'Errors', Threshold: 0 },
    ),
    [throttlesAlarm]: alarm(
      `${task}-throttles`,
      `Lambda refused to invoke the ${task} function: the account's concurrency is used up`,
      { ...ofFunction, MetricName: 'Throttles', Threshold: 0 },
    ),
  };
}

const table = `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/\${Table}`;

/** What the function of a task may do, beside what every function may. */
function statements(task: Task) {
  const { queue, deadLetters, logs } = resourcesOf(task);
  // Its own too: a message that has to wait is sent again.
  const onward = tasks.slice(tasks.indexOf(task));
  const { reads, writes, lists = [], products = false } = definitions[task].lambda;
  return [
    allow(
      'TakeMessages',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
      ],
      attribute(queue),
    ),
    allow(
      'SendMessages',
      ['sqs:SendMessage', 'sqs:GetQueueUrl'],
      [deadLetters, ...onward.map((other) => resourcesOf(other).queue)].map((name) => attribute(name)),
    ),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], attribute(logs)),
    ...(products ? [allow('ReadProducts', 'dynamodb:BatchGetItem', text(table))] : []),
    ...(reads.length > 0 ? [allow('Read', 's3:GetObject', keys(reads))] : []),
    ...(lists.length > 0 ? [allow('List', 's3:ListBucket', bucket, prefixes(lists))] : []),
    ...(writes.length > 0 ? [allow('Write', 's3:PutObject', keys(writes))] : []),
  ];
}

/** An alarm as soon as a metric is above its threshold. */
const alarm = (name: string, description: string, metric: object) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: text(`${stack}-${name}`),
    AlarmDescription: description,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: when('HasTopic', [ref('AlarmTopicArn')]),
    ...metric,
  },
});

/** What a deployment prints of a task. */
export function taskOutputs(task: Task) {
  const { queue, lambda } = resourcesOf(task);
  return {
    [`${queue}Url`]: { Value: ref(queue), Description: `The queue of the ${task} function` },
    [lambda]: { Value: ref(lambda), Description: `The function that handles the ${task} queue` },
  };
}
