export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  close(): Promise<void>;
}

export function startEmulator(options?: { port?: number }): Promise<Emulator>;
