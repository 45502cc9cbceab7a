import type { Task } from '../tasks/index.js';

/** CloudFormation's functions, as JSON has them. `name` is that of a parameter or a resource. */
export const ref = (name: string) => ({ Ref: name });
export const attribute = (name: string, of = 'Arn') => ({ 'Fn::GetAtt': [name, of] });
export const text = (pattern: string) => ({ 'Fn::Sub': pattern });
export const when = <T>(condition: string, value: T) => ({ 'Fn::If': [condition, value, ref('AWS::NoValue')] });

/** The name of the stack, in a `text`. */
export const stack = `\${AWS::StackName}`;

/** The ARNs of keys of the bucket. An asterisk stands for any characters, slashes among them. */
export const keys = (patterns: readonly string[]) =>
  patterns.map((pattern) => text(`arn:\${AWS::Partition}:s3:::\${Bucket}/${pattern}`));
export const bucket = text(`arn:\${AWS::Partition}:s3:::\${Bucket}`);

/**
 * A condition on listing. `IfExists`: a GET or HEAD of an object that does not exist has no prefix, and is answered
 * with 403 instead of 404 where listing is not allowed.
 */
export const prefixes = (patterns: readonly string[]) => ({ StringLikeIfExists: { 's3:prefix': patterns } });

/** A statement of a policy. */
export const allow = (Sid: string, Action: string | string[], Resource: unknown, Condition?: object) => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

export const policy = (Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });

/** A name with a capital letter, as those of parameters are. */
export const capital = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** What the resources of a task are called in the template. */
export function resourcesOf(task: Task) {
  const title = capital(task);
  return {
    queue: `${title}Queue`,
    deadLetters: `${title}DeadLetters`,
    logs: `${title}Logs`,
    role: `${title}Role`,
    lambda: `${title}Function`,
    mapping: `${title}Mapping`,
    ageAlarm: `${title}AgeAlarm`,
    deadLettersAlarm: `${title}DeadLettersAlarm`,
    errorsAlarm: `${title}ErrorsAlarm`,
    throttlesAlarm: `${title}ThrottlesAlarm`,
  };
}

/** The parameter with the key of a task's zip. */
export const codeParameter = (task: Task): string => `${capital(task)}Code`;
