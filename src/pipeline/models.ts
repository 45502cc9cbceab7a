import type { Aws } from '../aws/index.js';
import { identifyShipped, loadModel, type Model } from '../model/index.js';
import { PipelineError } from '../work/index.js';

/** A model as messages carry it; without a source it is the one that ships with the kit. */
export interface ModelReference {
  source?: string | undefined;
  name: string;
  fingerprint: string;
}

/**
 * A model for the handlers of a job to load; default: the shipped one.
 *
 * @throws PipelineError `job.modelElsewhere` where handlers may not read it.
 */
export async function modelReference(aws: Aws, model?: Model): Promise<ModelReference> {
  const { name, fingerprint, source } = model ?? (await identifyShipped());
  if (source !== undefined && !source.startsWith('https://') && !source.startsWith(`s3://${aws.bucket}/models/`)) {
    throw new PipelineError(
      'job.modelElsewhere',
      `The model at '${source}' is not where the queues' handlers may read it. Copy it to ` +
        `s3://${aws.bucket}/models/… or to an https:// address and load it from there.`,
      { value: source },
    );
  }
  return { source, name, fingerprint };
}

const models = new Map<string, Promise<Model>>();

/**
 * The model of a message, in a handler: one that an earlier invocation loaded, or else loads it.
 *
 * @throws PipelineError `message.otherModel` where another one is in its place, `model.…`
 */
export function warmModel(aws: Aws, wanted: ModelReference): Promise<Model> {
  const key = `${wanted.source ?? ''} ${wanted.fingerprint}`;
  const model = models.get(key) ?? loadWanted(aws, wanted);
  models.set(key, model);
  // A failed load is not cached: the next message tries again.
  model.catch(() => models.delete(key));
  return model;
}

async function loadWanted({ s3 }: Aws, { source, name, fingerprint }: ModelReference): Promise<Model> {
  // A function has a core at most; where there are more, other workers use them.
  const model = await loadModel(source, { s3, processes: 0 });
  if (model.fingerprint === fingerprint) return model;
  model.dispose();
  throw new PipelineError(
    'message.otherModel',
    `The job asks for the model ${name} ${fingerprint}; ${source ?? 'the one that ships with this handler'} ` +
      `is ${model.name} ${model.fingerprint}. Deploy the kit that started the job, or start it again.`,
    { value: fingerprint },
  );
}

/** Uses a model, by default the shipped one, which is loaded for this and disposed of afterwards. */
export async function withModel<T>(
  model: Model | undefined,
  signal: AbortSignal | undefined,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const used = model ?? (await loadModel());
  try {
    signal?.throwIfAborted();
    return await use(used);
  } finally {
    if (!model) used.dispose();
  }
}
