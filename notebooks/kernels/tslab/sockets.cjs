// Loaded before tslab, which neither waits until its sockets are there nor for what it sends.
const zmq = require('zeromq');

// ZeroMQ lets one send in 512 wait for the event loop and refuses what comes meanwhile, and drops what a reader is more
// than 1,000 messages behind with: outputs were lost, and a cell whose end was among them ran for ever. A publisher
// never blocks: told not to wait, and to keep what is not read yet, it loses none.
zmq.Publisher = class extends zmq.Publisher {
  constructor(options) {
    super({ sendTimeout: 0, sendHighWaterMark: 0, ...options });
  }
};

// tslab answers on one socket while another is being bound, which refuses all until it is: the kernel then never
// answered again, and Jupyter gave it up after a minute. Bound at once, no question comes between.
for (const name of ['Publisher', 'Router', 'Reply'])
  zmq[name] = class extends zmq[name] {
    async bind(address) {
      this.bindSync(address);
    }
  };
