/** The folder of the package, in which `dist` is: this module is one folder below it, as a source and when built. */
export const packageRoot = new URL('..', import.meta.url);
