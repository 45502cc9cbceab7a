import { z } from 'zod';
import type { Task } from '../../src/pipeline/queue/tasks/index.js';
import { policyDocument, resolve, resourceOf, type Setting, type Statement, template } from './template.js';

/** A request as IAM sees it. */
export interface Access {
  action: string;
  resource: string;
  /** Of a listing. */
  prefix?: string;
}

const role = z.object({
  ManagedPolicyArns: z.array(z.object({ Ref: z.string() })),
  Policies: z.array(z.object({ PolicyDocument: policyDocument })),
});
const managed = z.object({ PolicyDocument: policyDocument });

export const titleOf = (task: Task): string => `${task[0]?.toUpperCase()}${task.slice(1)}`;

/** All that is said about what the function of a task may do. */
export function statementsOf(task: Task): Statement[] {
  const { ManagedPolicyArns, Policies } = role.parse(resourceOf(`${titleOf(task)}Role`).Properties);
  const shared = ManagedPolicyArns.map(({ Ref }) => managed.parse(resourceOf(Ref).Properties));
  return [...Policies, ...shared].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

export const actionsOf = ({ Action }: Statement): string[] => [Action].flat();

/** Whether statements allow a request, as IAM decides it: something allows it and nothing denies it. */
export function allows(statements: readonly Statement[], access: Access, setting: Setting): boolean {
  const matching = statements.filter((statement) => matches(statement, access, setting));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow');
}

export function matches(statement: Statement, { action, resource, prefix }: Access, setting: Setting): boolean {
  const { StringLikeIfExists: like } = z
    .strictObject({
      // That S3 or DynamoDB asks in the function's name.
      StringEquals: z.strictObject({ 'kms:ViaService': z.array(z.unknown()) }),
      StringLikeIfExists: z.strictObject({ 's3:prefix': z.array(z.string()) }),
    })
    .partial()
    .parse(statement.Condition ?? {});
  return (
    actionsOf(statement).some((pattern) => wildcard(pattern, action)) &&
    resolve(statement.Resource, setting).some((pattern) => wildcard(pattern, resource)) &&
    (like === undefined || prefix === undefined || like['s3:prefix'].some((pattern) => wildcard(pattern, prefix)))
  );
}

/**
 * An asterisk stands for any characters, slashes among them. @see
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function wildcard(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** The resources of a type, by their names in the template. */
export const resourcesOf = (type: string): string[] =>
  Object.keys(template.Resources).filter((name) => template.Resources[name]?.Type === type);
