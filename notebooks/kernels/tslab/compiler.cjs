// tslab's own TypeScript compiler, some of whose functions the kernel replaces. What the compiler exports cannot be
// assigned to, so tslab is given a copy.
const path = require.resolve('@tslab/typescript-for-tslab', {
  paths: [require.resolve('../../../node_modules/tslab/package.json')],
});
const ts = require(path);
const forTslab = { ...ts };
require.cache[path].exports = forTslab;

exports.ts = ts;

/** Has tslab call another function in place of the compiler's; `make` is given the one that it would call. */
exports.replace = (name, make) => {
  forTslab[name] = make(forTslab[name]);
};
