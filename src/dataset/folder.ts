import { PipelineError } from '../work/index.js';

/** First segments of keys below which the kit keeps files of its own. */
export const keptNames: readonly string[] = ['images', 'catalogue', 'jobs', 'deploy', 'models'];

/** The folders below a data set that hold what was derived from it. */
export const derivedNames: readonly string[] = ['augmented', 'predictions'];

/** What lies below every data set: a folder of this name would be taken for a part of another data set. */
const parts = ['images', ...derivedNames];

/** Why a name cannot be an export's folder; undefined where it can. */
export function badFolder(folder: string): string | undefined {
  const segments = folder.split('/');
  if (keptNames.includes(segments[0] ?? '')) return 'the kit keeps its own files there';
  const part = segments.find((segment) => parts.includes(segment));
  if (part !== undefined) return `${part}/ is where a data set keeps its own files`;
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(folder)) return 'it takes letters, digits, -, _ and ., with / between';
  return folder.length > 200 ? `it has ${folder.length} characters, and 200 are the most` : undefined;
}

/**
 * Checks the name of an export's folder, whoever gives it: a person, a job's record or a message.
 *
 * @throws PipelineError `dataset.badFolder` where it is not a plain path, or the kit keeps its own files there.
 */
export function checkFolder(folder: string): void {
  const reason = badFolder(folder);
  if (reason === undefined) return;
  throw new PipelineError(
    'dataset.badFolder',
    `'${folder}' cannot be an export's folder: ${reason}. Choose one such as my_experiment.`,
    { value: folder },
  );
}
