import { tasks } from '../tasks/index.js';
import { bucketConditions } from './bucket-access.js';
import { parameters } from './parameters.js';
import { sharedResources } from './shared.js';
import { taskOutputs, taskResources } from './task.js';
import { ref } from './values.js';

/**
 * The CloudFormation template of the queues: a table of jobs, and for each task its queues, its function and their
 * alarms. As JSON it is what CloudFormation takes.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
export const deploymentTemplate = {
  AWSTemplateFormatVersion: '2010-09-09',
  Description: `ml-pipeline: the table of jobs, and the queues and functions of their tasks (${tasks.join(', ')})`,
  Parameters: parameters,
  Conditions: {
    HasLimit: { 'Fn::Not': [{ 'Fn::Equals': [ref('MaxConcurrency'), 0] }] },
    ...bucketConditions,
    HasTopic: { 'Fn::Not': [{ 'Fn::Equals': [ref('AlarmTopicArn'), ''] }] },
  },
  Resources: { ...sharedResources, ...Object.assign({}, ...tasks.map(taskResources)) },
  Outputs: {
    JobsTable: { Value: ref('Jobs'), Description: 'The table of jobs' },
    ...Object.assign({}, ...tasks.map(taskOutputs)),
  },
};

export { codeParameter } from './values.js';
