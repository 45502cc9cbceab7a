import { definitions, tasks } from '../tasks/index.js';
import { codeParameter } from './values.js';

/** A parameter of the template. */
export interface Parameter {
  Type: 'String' | 'Number' | 'String';
  Description: string;
  Default?: string | number;
  MinValue?: number;
  MaxValue?: number;
  AllowedValues?: readonly (string | number)[];
}

const string = (Description: string, Default?: string): Parameter => ({
  Type: 'String',
  ...(Default !== undefined && { Default }),
  Description,
});
const number = (Description: string, Default: number, MinValue: number, MaxValue?: number): Parameter => ({
  Type: 'Number',
  Default,
  MinValue,
  ...(MaxValue !== undefined && { MaxValue }),
  Description,
});

const withMemory = (memory: string): string =>
  tasks.filter((task) => definitions[task].lambda.memory === memory).join(' and ');

/** What a deployment can choose; those without a default it must give. */
export const parameters: Readonly<Record<string, Parameter>> = {
  Table: string('The table of products (ML_PIPELINE_TABLE)', 'FashionProducts'),
  Bucket: string(
    'The bucket of images and exports (ML_PIPELINE_BUCKET); models are read from models/ there',
    'static-s3-bucket',
  ),
  ImageBucket: string("Another bucket that the table's images are in (ML_PIPELINE_IMAGE_BUCKET)", ''),
  CodeBucket: string("The bucket of the functions' zips"),
  ...Object.fromEntries(
    tasks.map((task) => [codeParameter(task), string(`The key of the zip of the ${task} function`)]),
  ),
  Architecture: {
    ...string('The processors that the zips are for', 'arm64'),
    AllowedValues: ['arm64', 'x86_64'],
  },
  CopyMemory: number(`MB of the ${withMemory('copyMemory')} function, which mostly waits for S3`, 512, 256, 10_240),
  Memory: number(`MB of the ${withMemory('memory')} functions; with 1769 they have a whole core`, 1769, 512, 10_240),
  Timeout: number('Seconds that an invocation may take', 300, 30, 900),
  Visibility: number(
    'Seconds that a message is hidden while a function has it; six times the timeout',
    1800,
    180,
    43_200,
  ),
  MaxConcurrency: number('Invocations at a time of each function, 2 or more; 0 for no limit', 50, 0, 1000),
  LogDays: {
    Type: 'Number',
    Default: 14,
    AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 180, 365],
    Description: 'Days that logs are kept',
  },
  OldestMessage: number(
    'Seconds that a message may wait before the alarm; a job of many millions needs more',
    21_600,
    60,
  ),
  KmsKeyArns: string('The KMS keys of your own that encrypt the bucket and the tables, with commas', ''),
  ObjectTags: {
    ...string('Whether the images have tags, which S3 copies with them', 'none'),
    AllowedValues: ['none', 'copy'],
  },
  AlarmTopicArn: string('An SNS topic that hears of alarms; none where it is empty', ''),
};
