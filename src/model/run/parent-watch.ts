// Ends this process when the process that started it has ended, however it ended and whatever runs here meanwhile.
import { Worker } from 'node:worker_threads';

const milliseconds = 250;

// A thread of its own: while the net runs, this one hears of nothing, for seconds on a busy machine.
const watch = `setInterval(() => {
  if (process.ppid !== ${Number(process.argv[2])}) process.kill(process.pid, 'SIGKILL');
}, ${milliseconds})`;
new Worker(watch, { eval: true }).unref();
