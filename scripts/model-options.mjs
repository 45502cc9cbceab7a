/** The options of the scripts that run a model. */
export const modelOptions = {
  model: {
    type: 'string',
    value: 'SOURCE',
    help: 'its folder, s3://bucket/prefix or https://host/path (default: the one that ships with the kit)',
  },
  backend: { type: 'string', value: 'NAME', help: 'tensorflow or wasm (default: tensorflow where it is installed)' },
};
