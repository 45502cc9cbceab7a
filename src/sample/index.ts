export { type SampleOptions, sampleSource } from './source.js';
