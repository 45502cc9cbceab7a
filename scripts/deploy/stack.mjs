// A CloudFormation stack: what it is, what would change, changing and removing it.
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { PipelineError } from '../../dist/index.js';
import { messageOf } from '../../dist/internal.js';

/**
 * @import { CloudFormationClient, DescribeStackEventsCommandOutput } from '@aws-sdk/client-cloudformation'
 * @typedef {{ client: CloudFormationClient, real: boolean, endpoint: string }} Cloud
 */

/**
 * A stack as it is deployed.
 *
 * @typedef {object} Stack
 * @property {string} id
 * @property {string} status
 * @property {string | undefined} reason
 * @property {Record<string, string>} parameters
 * @property {Record<string, string>} outputs
 */

/**
 * Something that happened to a resource of a stack.
 *
 * @typedef {object} Event
 * @property {string | undefined} resource
 * @property {string | undefined} type
 * @property {string | undefined} status
 * @property {string | undefined} reason
 */

/** @typedef {{ signal: AbortSignal, onEvent: (event: Event) => void }} Watching */

/** A stack that was never finished: it has to go before one of its name can be made. */
const unfinished = new Set([
  'REVIEW_IN_PROGRESS',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'CREATE_FAILED',
  'DELETE_FAILED',
]);

/** What mocks without CloudFormation answer. */
const unknownService = ['InvalidAction', 'InternalFailure', 'NotImplemented', 'UnknownOperationException'];

/** @param {Stack} stack */
export const isUnfinished = ({ status }) => unfinished.has(status);
/** @param {Stack} stack */
const isBusy = ({ status }) => status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/**
 * A stack by its name or id; undefined where there is none.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {AbortSignal} signal
 * @returns {Promise<Stack | undefined>}
 * @throws {PipelineError} `deploy.noCloudFormation` where a mock has no such service.
 */
export async function readStack({ client, real, endpoint }, name, signal) {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal: signal,
    });
    if (!stack || stack.StackStatus === 'DELETE_COMPLETE') return undefined;
    const { StackId: id = name, StackStatus: status = '', StackStatusReason: reason } = stack;
    const { Parameters = [], Outputs = [] } = stack;
    return {
      id,
      status,
      reason,
      parameters: Object.fromEntries(
        Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
      ),
      outputs: Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
    };
  } catch (error) {
    if (/does not exist/.test(messageOf(error))) return undefined;
    if (!real && error instanceof Error && unknownService.includes(error.name)) {
      throw new PipelineError(
        'deploy.noCloudFormation',
        `What answers at ${endpoint} has no CloudFormation. The embedded emulator needs no deployment: up ` +
          'starts a worker for its queues (npx zx scripts/up.mjs). MiniStack and LocalStack have it (npx zx ' +
          'scripts/up.mjs --ministack, or --docker).',
        { value: endpoint, cause: error },
      );
    }
    throw error;
  }
}

/**
 * Waits while somebody's change of a stack goes on. Returns the stack, or undefined where it is gone.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {Watching & { seen?: Set<string | undefined> }} watching Events in `seen` are not reported.
 */
export async function settled(cloud, name, { signal, onEvent, seen = new Set() }) {
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

/**
 * The events of a stack that are not in `seen`, the oldest first; adds them to it.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {Set<string | undefined>} seen
 * @param {AbortSignal} signal
 * @returns {Promise<Event[]>}
 */
async function newEvents({ client }, name, seen, signal) {
  const events = [];
  /** @type {string | undefined} */
  let token;
  do {
    /** @type {Partial<DescribeStackEventsCommandOutput>} */
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
 * Carries a planned change out, waits for its end and returns the stack.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {{ execute: () => Promise<unknown> }} plan
 * @param {Watching} watching
 * @throws {PipelineError} `deploy.failed` with the reason of the first resource that failed.
 */
export async function change(cloud, name, plan, { signal, onEvent }) {
  const seen = new Set();
  await newEvents(cloud, name, seen, signal);
  await plan.execute();
  const { stack, failure } = await watched(cloud, name, seen, { signal, onEvent });
  if (stack && ['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(stack.status)) return stack;
  const why = failure ?? stack?.reason ?? 'it is gone';
  throw new PipelineError('deploy.failed', `The stack ${name} is ${stack?.status ?? 'gone'}. ${why}`, { value: name });
}

/**
 * Waits until a stack is settled. Returns it, and the reason of the first resource that failed, because of which others
 * are cancelled.
 *
 * @param {Cloud} cloud
 * @param {string} name
 * @param {Set<string | undefined>} seen
 * @param {Watching} watching
 */
async function watched(cloud, name, seen, { signal, onEvent }) {
  /** @type {string | undefined} */
  let failure;
  const stack = await settled(cloud, name, {
    signal,
    seen,
    onEvent: (event) => {
      const { resource, type, status, reason } = event;
      if (status?.endsWith('_FAILED') && reason && !/cancelled/i.test(reason))
        failure ??= `${resource} (${type}): ${reason}`;
      onEvent(event);
    },
  });
  return { stack, failure };
}

/**
 * Removes a stack and waits until it is gone.
 *
 * @param {Cloud} cloud
 * @param {Stack} stack
 * @param {string} name
 * @param {Watching} watching
 * @throws {PipelineError} `deploy.failed`
 */
export async function removeStack(cloud, { id }, name, { signal, onEvent }) {
  const seen = new Set();
  await newEvents(cloud, id, seen, signal);
  await cloud.client.send(new DeleteStackCommand({ StackName: name }));
  // By its id, a stack is found even after its end.
  const { stack: left, failure } = await watched(cloud, id, seen, { signal, onEvent });
  if (!left) return;
  const remedy = cloud.real
    ? 'Repair that and run it again.'
    : 'If it stays so, restart the mock: npx zx scripts/down.mjs, then up.mjs.';
  throw new PipelineError(
    'deploy.failed',
    `The stack ${name} cannot be removed: ${failure ?? left.reason ?? left.status}. ${remedy}`,
    { value: name },
  );
}
