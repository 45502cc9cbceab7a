// A CloudFormation stack: what it is, what would change, changing and removing it.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  paginateDescribeChangeSet,
} from '@aws-sdk/client-cloudformation';
import { PipelineError } from '../dist/index.js';

/** A stack that was never finished: it has to go before one of its name can be made. */
const unfinished = new Set([
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'CREATE_FAILED',
  'DELETE_FAILED',
]);

export const isUnfinished = (stack) => unfinished.has(stack?.status);
const isBusy = ({ status }) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/**
 * A stack by its name or id; undefined where there is none.
 *
 * @throws PipelineError `deploy.noCloudFormation` where a mock has no such service.
 */
export async function readStack({ client, real, endpoint }, name, signal) {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: signal,
    });
    if (!stack || stack.StackStatus === 'DELETE_COMPLETE') return undefined;
    const { StackId: id, StackStatus: status, StackStatusReason: reason, Parameters = [], Outputs = [] } = stack;
    return {
      id,
      status,
      reason,
      parameters: Object.fromEntries(
        Parameters.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
      ),
      outputs: Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    };
  } catch (error) {
    if (/does not exist/.test(error.message)) return undefined;
    if (
      !real &&
      ['InvalidAction', 'InternalFailure', 'NotImplemented', 'UnknownOperationException'].includes(error.name)
    ) {
      throw new PipelineError(
        'deploy.noCloudFormation',
        `What answers at ${endpoint} has no CloudFormation. The embedded emulator needs no deployment: up ` +
          'starts a worker for its queues (npx zx scripts/up.mjs). LocalStack has it (npx zx scripts/up.mjs ' +
          '--docker).',
        { value: endpoint, cause: error },
      );
    }
    throw error;
  }
}

/** Waits while somebody's change of a stack goes on, and gives the stack then. */
export async function settled(cloud, name, { signal, onEvent = () => {}, seen = new Set() } = {}) {
  for (;;) {
    for (const event of await newEvents(cloud, name, seen, signal)) onEvent(event);
    const stack = await readStack(cloud, name, signal);
    if (!stack || !isBusy(stack)) {
      for (const event of await newEvents(cloud, name, seen, signal)) onEvent(event);
      return stack;
    }
    await sleep(cloud.real ? 2000 : 300, undefined, { signal });
  }
}

/** What happened to a stack since, the oldest first. Those in `seen` are left out, and it gets the new ones. */
async function newEvents({ client }, name, seen, signal) {
  const events = [];
  let token;
  do {
    const page = await client
      .send(new DescribeStackEventsCommand({ StackName: name, NextToken: token }), { abortSignal: signal })
      .catch((error) => {
        // Some mocks forget a stack together with its events.
        if (/does not exist|not found/i.test(error.message)) return {};
        throw error;
      });
    const fresh = (page.StackEvents ?? []).filter(({ EventId }) => !seen.has(EventId));
    events.push(...fresh);
    token = fresh.length > 0 ? page.NextToken : undefined;
  } while (token);
  for (const { EventId } of events) seen.add(EventId);
  return events
    .reverse()
    .map(
      ({ LogicalResourceId: resource, ResourceType: type, ResourceStatus: status, ResourceStatusReason: reason }) => ({
        resource,
        type,
        status,
        reason,
      }),
    );
}

/**
 * Has CloudFormation work out what a template would change. Gives undefined where that is nothing.
 *
 * @throws PipelineError `deploy.refused`
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
    if (signal?.aborted) await drop().catch(() => {});
    throw error;
  }
}

/**
 * Carries a planned change out and waits for its end.
 *
 * @throws PipelineError `deploy.failed` with the reason of the first resource that failed.
 */
export async function change(cloud, name, plan, { signal, onEvent }) {
  const seen = new Set();
  await newEvents(cloud, name, seen, signal);
  const failures = [];
  await plan.execute();
  const stack = await settled(cloud, name, {
    signal,
    seen,
    onEvent: (event) => {
      noteFailure(failures, event);
      onEvent(event);
    },
  });
  if (['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(stack?.status)) return stack;
  const [{ resource, type, reason } = {}] = failures;
  const why = resource ? `${resource} (${type}): ${reason}` : (stack?.reason ?? 'it is gone');
  throw new PipelineError('deploy.failed', `The stack ${name} is ${stack?.status ?? 'gone'}. ${why}`, { value: name });
}

function noteFailure(failures, event) {
  // The others are cancelled because of the first.
  if (event.status?.endsWith('_FAILED') && event.reason && !/cancelled/i.test(event.reason)) failures.push(event);
}

/**
 * Removes a stack and waits until it is gone.
 *
 * @throws PipelineError `deploy.failed`
 */
export async function removeStack(cloud, { id }, name, { signal, onEvent = () => {} }) {
  const seen = new Set();
  await newEvents(cloud, id, seen, signal);
  const failures = [];
  await cloud.client.send(new DeleteStackCommand({ StackName: name }));
  // By its id, a stack is found even after its end.
  const left = await settled(cloud, id, {
    signal,
    seen,
    onEvent: (event) => {
      noteFailure(failures, event);
      onEvent(event);
    },
  });
  if (!left) return;
  const [{ resource, type, reason } = {}] = failures;
  const remedy = cloud.real
    ? 'Mend that and run it again.'
    : 'If it stays so, start the mock anew: npx zx scripts/down.mjs, then up.mjs.';
  throw new PipelineError(
    'deploy.failed',
    `The stack ${name} cannot be removed: ` +
      `${resource ? `${resource} (${type}): ${reason}` : (left.reason ?? left.status)}. ${remedy}`,
    { value: name },
  );
}
