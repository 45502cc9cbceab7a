export { checkImage, type DecodeOptions, decodeImage, sizeOfImage } from './codec.js';
export { composePng, fitSquare, type Layer, svgToJpeg } from './compose.js';
export { checkEncoding, type EncodeOptions, type Encoding, encodeImage, encodeJpeg, encodings } from './encode.js';
export {
  formatOf,
  formatOfExtension,
  formatsInWords,
  type ImageFormat,
  type ImageFormatName,
  imageExtensions,
  imageFormats,
  sniffedBytes,
} from './formats.js';
export { checkPixels, pixelRoom } from './limits.js';
export { cut, type RawImage, type Region, type Size } from './raw-image.js';
export { reasonOf } from './reasons.js';
