// A cell's outputs are its own: what it says after its end lands below it and not in the cell that runs by then, and
// what it says after it was stopped lands nowhere.
const { AsyncLocalStorage } = require('node:async_hooks');
const jupyter = require('../../../node_modules/tslab/dist/jupyter.js');

/** The cell that the running code belongs to, also where that code goes on while another cell runs. */
const cells = new AsyncLocalStorage();
/** The cell that started last. */
let latest;

const { prototype } = jupyter.JupyterHandlerImpl;
const { handleExecuteImpl, createWriteToIopub } = prototype;

prototype.handleExecuteImpl = function (request, writeStream, writeDisplay) {
  const cell = { number: this.execCount + 1, stopped: false, ended: false };
  const unlessStopped =
    (write) =>
    (...output) => {
      if (!(cell.stopped && cell.ended)) write(...output);
    };
  cell.writeStream = unlessStopped(writeStream);
  cell.writeDisplay = unlessStopped(writeDisplay);
  latest = cell;
  return cells.run(cell, async () => {
    try {
      return await handleExecuteImpl.call(this, request, cell.writeStream, cell.writeDisplay);
    } finally {
      cell.ended = true;
    }
  });
};

prototype.createWriteToIopub = function (name, writeStream) {
  const write = (...output) => (cells.getStore()?.writeStream ?? writeStream)(...output);
  return createWriteToIopub.call(this, name, write);
};

let lastWriteDisplayData = null;
Object.defineProperty(jupyter, 'lastWriteDisplayData', {
  get: () => cells.getStore()?.writeDisplay ?? lastWriteDisplayData,
  set: (write) => {
    lastWriteDisplayData = write;
  },
});

/** Notes that the cell that runs, or has just ended, was stopped. */
exports.stopped = () => {
  if (latest) latest.stopped = true;
};

/** The cell that the running code belongs to, with the number that stands before it. */
exports.running = () => cells.getStore();
