export { sampleSource, type SampleOptions } from './source.js';
