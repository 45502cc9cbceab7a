// What the kernel loads before tslab: each file changes one thing of it; docs/patches.md says why.
require('./publisher.cjs');
require('./outputs.cjs');
require('./completions.cjs');
require('./cells.cjs');
