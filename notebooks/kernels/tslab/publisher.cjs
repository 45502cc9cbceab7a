// Loaded before tslab, which sends a cell's outputs without waiting for one another. ZeroMQ lets one send in 512 wait
// for the event loop and refuses what comes meanwhile, and drops what a reader is more than 1,000 messages behind with:
// outputs were lost, and a cell whose end was among them ran for ever. A publisher never blocks: told not to wait, and
// to keep what is not read yet, it loses none.
const zmq = require('zeromq');

zmq.Publisher = class extends zmq.Publisher {
  constructor(options) {
    super({ sendTimeout: 0, sendHighWaterMark: 0, ...options });
  }
};
