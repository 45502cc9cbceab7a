export interface Request {
  method: string;
  url: string;
  /** DynamoDB's operation. */
  target?: string;
  body?: Uint8Array | string;
}

export function chargesOf(request: Request, answer?: object): Record<string, number>;
