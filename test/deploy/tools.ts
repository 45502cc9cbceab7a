import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = process.env.ML_PIPELINE_TEST_TOOLS ?? '';

/**
 * The programs of test/deploy/requirements.txt, from the environment that ML_PIPELINE_TEST_TOOLS names
 * (`python3 -m venv DIR && DIR/bin/pip install -r test/deploy/requirements.txt`); undefined where it does not.
 */
export const tools = ['cfn-lint', 'moto_server'].every((name) => existsSync(path.join(folder, 'bin', name)))
  ? { cfnLint: path.join(folder, 'bin/cfn-lint'), motoServer: path.join(folder, 'bin/moto_server') }
  : undefined;

if (!tools && process.env.CI === 'true')
  throw new Error(
    'ML_PIPELINE_TEST_TOOLS names no environment with test/deploy/requirements.txt installed; see .ci/run.',
  );

/** For the title of what is skipped without them. */
export const needsTools = tools ? '' : ' (skipped: ML_PIPELINE_TEST_TOOLS names no environment with cfn-lint and moto)';
