/** A run of a contender, as far as the summary needs it. */
export interface Run {
  stage: string;
  unit: string;
  whole?: boolean;
  delay?: number;
  role: string;
  contender: string;
  round: number;
  error?: string;
  items?: number;
  seconds?: number;
  cpuSeconds?: number;
  peakMB?: number;
  requests?: Record<string, number>;
}

export interface Spread {
  median: number;
  least: number;
  most: number;
}

export interface Summary extends Pick<Run, 'stage' | 'unit' | 'whole' | 'delay' | 'role' | 'contender' | 'error'> {
  runs?: number;
  rate?: Spread;
  /** `error` is the standard error of the median, as a fraction of it. */
  ratio?: Spread & { error?: number };
  cpuPerThousand?: number;
  peakMB?: number;
  costPerMillion?: number;
}

export function median(values: readonly number[]): number;
export function summarise(runs: readonly Run[]): Summary[];
export function uncertainty(runs: readonly Run[]): number;
