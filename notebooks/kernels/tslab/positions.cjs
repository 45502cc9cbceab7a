// Jupyter counts a cursor's place in characters, TypeScript in units of UTF-16, of which an emoji has two.
const { JupyterHandlerImpl } = require('../../../node_modules/tslab/dist/jupyter.js');

const { prototype } = JupyterHandlerImpl;
const { handleComplete, handleInspect } = prototype;

const toUnits = ({ code, cursor_pos }) => [...code].slice(0, cursor_pos).join('').length;
const toCharacters = (code, units) => [...code.slice(0, units)].length;

prototype.handleInspect = function (request) {
  return handleInspect.call(this, { ...request, cursor_pos: toUnits(request) });
};

prototype.handleComplete = function (request) {
  const reply = handleComplete.call(this, { ...request, cursor_pos: toUnits(request) });
  const { cursor_start: start, cursor_end: end } = reply;
  return {
    ...reply,
    cursor_start: toCharacters(request.code, start),
    cursor_end: toCharacters(request.code, end),
  };
};
