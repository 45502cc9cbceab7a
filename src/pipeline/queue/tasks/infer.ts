import type { Aws } from '../../../aws/index.js';
import { loadModel, type Model } from '../../../model/index.js';
import { PipelineError } from '../../../work/index.js';
import { inferPart } from '../../infer.js';
import { queueHandler } from '../handle.js';
import { noteBackend } from '../jobs/jobs-table.js';
import { getPart } from '../jobs/results.js';
import type { StepOf } from '../message.js';

/** The Lambda function of the infer queue: predictions for a chunk's exported images. */
export const handler = queueHandler('infer', async (aws, { message, step, job }, work) => {
  const [model, originals] = await Promise.all([
    warmModel(aws, step.model),
    getPart(aws, message.job, 'copy', message.chunk, work.signal),
  ]);
  if (!job.backends.includes(model.backend)) await noteBackend(aws, job.id, model.backend);
  return inferPart(aws, originals, model, new Map(), work);
});

const models = new Map<string, Promise<Model>>();

/** A model that an earlier invocation loaded, or else loads it. */
function warmModel(aws: Aws, wanted: StepOf<'infer'>['model']): Promise<Model> {
  const key = `${wanted.source ?? ''} ${wanted.fingerprint}`;
  const model = models.get(key) ?? loadWanted(aws, wanted);
  models.set(key, model);
  // A failure is no model: the next message tries again.
  model.catch(() => models.delete(key));
  return model;
}

async function loadWanted({ s3 }: Aws, { source, name, fingerprint }: StepOf<'infer'>['model']): Promise<Model> {
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
