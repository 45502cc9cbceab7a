import { z } from 'zod';
import { deploymentTemplate } from '../../src/pipeline/queue/template/index.js';

const statement = z.object({
  Sid: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.looseObject({}).optional(),
});
export type Statement = z.infer<typeof statement>;

/** The statements of a policy document. */
export const policyDocument = z.object({ Version: z.literal('2012-10-17'), Statement: z.array(statement) });

const resource = z.object({ Type: z.string(), Condition: z.string().optional(), Properties: z.looseObject({}) });
export type Resource = z.infer<typeof resource>;

const schema = z.object({
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })),
  Resources: z.record(z.string(), resource),
});

/** The deployment's template as CloudFormation gets it. */
export const json = JSON.stringify(deploymentTemplate);
export const template = schema.parse(JSON.parse(json));

/** A resource of the template. */
export function resourceOf(name: string): Resource {
  const found = template.Resources[name];
  if (!found) throw new Error(`The template has no resource ${name}`);
  return found;
}

/** What a stack's references stand for. */
export interface Setting {
  stack: string;
  table: string;
  bucket: string;
  /** Whether the template's conditions hold (default true). */
  conditions?: boolean;
}

const place = 'us-east-1:000000000000';
export const imageBucket = 'images-of-others';
export const keyArn = `arn:aws:kms:${place}:key/1234`;

/** An ARN or name of the template in a stack; a list of them where it is one. */
export function resolve(value: unknown, setting: Setting): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => resolve(one, setting));
  if (typeof value === 'string') return [value];
  const split = z.object({ 'Fn::Split': z.tuple([z.literal(','), z.unknown()]) }).safeParse(value).data;
  if (split) return resolve(split['Fn::Split'][1], setting).flatMap((list) => list.split(','));
  const choice = z.object({ 'Fn::If': z.tuple([z.string(), z.unknown(), z.unknown()]) }).safeParse(value).data;
  if (choice) return resolve(choice['Fn::If'][setting.conditions === false ? 2 : 1], setting);
  const {
    Ref,
    'Fn::Sub': sub,
    'Fn::GetAtt': attribute,
  } = z
    .object({ Ref: z.string(), 'Fn::Sub': z.string(), 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })
    .partial()
    .parse(value);
  if (attribute) return [arnOf(attribute[0], setting)];
  const text = sub ?? `\${${Ref}}`;
  return [text.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => parameterValue(name, setting))];
}

function parameterValue(name: string, { stack, table, bucket }: Setting): string {
  const values: Record<string, string> = {
    'AWS::StackName': stack,
    'AWS::Partition': 'aws',
    'AWS::Region': 'us-east-1',
    'AWS::AccountId': '000000000000',
    Table: table,
    Bucket: bucket,
    ImageBucket: imageBucket,
    KmsKeyArns: keyArn,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const value = values[name];
  if (value === undefined) throw new Error(`No test knows what ${name} is`);
  return value;
}

function arnOf(name: string, setting: Setting): string {
  const { Type, Properties } = resourceOf(name);
  const named = (property: string) => resolve(Properties[property], setting).join();
  if (Type === 'AWS::SQS::Queue') return `arn:aws:sqs:${place}:${named('QueueName')}`;
  if (Type === 'AWS::DynamoDB::Table') return `arn:aws:dynamodb:${place}:table/${named('TableName')}`;
  if (Type === 'AWS::Logs::LogGroup') return `arn:aws:logs:${place}:log-group:${named('LogGroupName')}:*`;
  throw new Error(`No test knows the ARN of a ${Type}`);
}
