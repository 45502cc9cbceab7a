import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = process.env.ML_PIPELINE_DATASET ?? 'data';

/**
 * The real data set's folder (`styles.csv`, `images/`), from ML_PIPELINE_DATASET or `data/`, where
 * `zx scripts/seed.mjs --download` puts it; undefined where there is none.
 */
export const dataset: string | undefined = existsSync(path.join(folder, 'styles.csv')) ? folder : undefined;
