// What the kernel loads before tslab: each file changes one thing of it; docs/patches.md says why.
require('./sockets.cjs');
// Before all that loads tslab's files.
require('./compiler.cjs');
require('./anywhere.cjs');
require('./help.cjs');
require('./outputs.cjs');
require('./values.cjs');
require('./positions.cjs');
require('./completions.cjs');
require('./cells.cjs');
require('./errors.cjs');
