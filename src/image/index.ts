export { checkImage, type DecodeOptions, decodeImage, encodeJpeg, sizeOfImage } from './codec.js';
export { composePng, fitSquare, type Layer, svgToJpeg } from './compose.js';
export { checkPixels, pixelRoom } from './limits.js';
export { cut, type RawImage, type Region, type Size } from './raw-image.js';
