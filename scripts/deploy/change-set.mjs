// What a template would change in a stack.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  paginateDescribeChangeSet,
} from '@aws-sdk/client-cloudformation';
import { PipelineError } from '../../dist/index.js';

/**
 * @import { Cloud } from './stack.mjs'
 * @typedef {Record<string, string | number | undefined>} Parameters Of the template.
 */

/**
 * Lets CloudFormation work out what a template would change. Returns undefined where that is nothing.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {{
 *   exists: boolean,
 *   template: string,
 *   parameters: Parameters,
 *   signal: AbortSignal,
 * }} goal
 * @throws {PipelineError} `deploy.refused`
 */
export async function planChanges({ client, real }, name, { exists, template, parameters, signal }) {
  const target = { StackName: name, ChangeSetName: `change-${Date.now()}` };
  const { Id } = await client.send(
    new CreateChangeSetCommand({
      ...target,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      TemplateBody: template,
      Parameters: Object.entries(parameters).map(([ParameterKey, value]) => ({
        ParameterKey,
        ParameterValue: String(value),
      })),
      Capabilities: ['CAPABILITY_IAM'],
    }),
    { abortSignal: signal },
  );
  const changeSet = { StackName: name, ChangeSetName: Id };
  const drop = async () => {
    await client.send(new DeleteChangeSetCommand(changeSet));
    // For a stack that is not there it makes an empty one.
    if (!exists) await client.send(new DeleteStackCommand({ StackName: name }));
  };
  try {
    for (;;) {
      const { Status, StatusReason = '' } = await client.send(new DescribeChangeSetCommand(changeSet), {
        abortSignal: signal,
      });
      if (Status === 'CREATE_COMPLETE') break;
      if (Status === 'FAILED') {
        await drop();
        if (/didn't contain changes|No updates are to be performed/i.test(StatusReason)) return undefined;
        throw new PipelineError('deploy.refused', `CloudFormation refuses the stack ${name}: ${StatusReason}`, {
          value: name,
        });
      }
      await sleep(real ? 1000 : 100, undefined, { signal });
    }
    const changes = [];
    for await (const page of paginateDescribeChangeSet({ client }, changeSet)) {
      for (const { ResourceChange } of page.Changes ?? []) {
        const { Action, LogicalResourceId, ResourceType, Replacement } = ResourceChange ?? {};
        changes.push({
          action: Action,
          resource: LogicalResourceId,
          type: ResourceType,
          replacement: Replacement === 'True' || Replacement === 'Conditional',
        });
      }
    }
    return { changes, drop, execute: () => client.send(new ExecuteChangeSetCommand(changeSet)) };
  } catch (error) {
    if (signal.aborted) await drop().catch(() => {});
    throw error;
  }
}
