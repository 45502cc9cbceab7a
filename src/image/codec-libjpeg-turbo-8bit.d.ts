/** What the kit uses of this package, which has no types of its own. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs' {
  interface Frame {
    width: number;
    height: number;
    bitsPerSample: number;
    componentCount: number;
    isSigned: boolean;
  }

  /** Its buffers may be views into the memory of the WebAssembly: they hold until the next call. */
  class JPEGDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    /** Throws a number where libjpeg-turbo has an error or a warning. */
    decode(): void;
    getDecodedBuffer(): Uint8Array;
  }

  class JPEGEncoder {
    setQuality(quality: number): void;
    setProgressive(progressive: boolean): void;
    /** 0 is 4:4:4, 2 is 4:2:0. */
    setSubSampling(kind: number): void;
    getDecodedBuffer(frame: Frame): Uint8Array;
    encode(): void;
    getEncodedBuffer(): Uint8Array;
  }

  interface Codec {
    JPEGDecoder: typeof JPEGDecoder;
    JPEGEncoder: typeof JPEGEncoder;
  }

  export default function create(options: { wasmBinary: Uint8Array }): Promise<Codec>;
}
