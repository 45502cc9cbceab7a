export { type DecodeOptions, decodeImage, encodeJpeg, sizeOfImage } from './codec.js';
export { cut, type RawImage, type Region, type Size } from './raw-image.js';
export { loadSharp } from './sharp.js';
