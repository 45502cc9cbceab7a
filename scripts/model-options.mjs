import { loadModel } from '../dist/index.js';
import { wholeNumber } from './numbers.mjs';

/** The options of the scripts that run a model. */
export const modelOptions = {
  model: {
    type: 'string',
    value: 'SOURCE',
    help: 'its folder, s3://bucket/prefix or https://host/path (default: the one that ships with the kit)',
  },
  backend: { type: 'string', value: 'NAME', help: 'tensorflow or wasm (default: tensorflow where it is installed)' },
};

/** Of those that label many images, too. */
export const labelOptions = {
  ...modelOptions,
  processes: {
    type: 'string',
    value: 'N',
    help: 'run the model in so many processes (default: one a core on wasm; on tensorflow none but this one)',
  },
};

/** The model that these options name. */
export const modelOf = ({ model, backend, processes }) =>
  loadModel(model, {
    backend,
    processes: processes === undefined ? undefined : wholeNumber('processes', processes, 0),
  });
