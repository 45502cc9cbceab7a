// JupyterLab documents a completion that says which text it puts in (its panel asks the kernel, as a hover does);
// tslab's give names alone.
const { JupyterHandlerImpl } = require('../../../node_modules/tslab/dist/jupyter.js');

const { handleComplete } = JupyterHandlerImpl.prototype;

JupyterHandlerImpl.prototype.handleComplete = function (request) {
  const reply = handleComplete.call(this, request);
  const { matches, cursor_start: start, cursor_end: end } = reply;
  return {
    ...reply,
    metadata: { ...reply.metadata, _jupyter_types_experimental: matches.map((text) => ({ text, start, end })) },
  };
};
