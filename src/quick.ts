// What `up`, `down` and the command line of every script need, without the rest of the kit, so that they start at once.
export * from './work/index.js';
