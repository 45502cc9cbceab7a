import path from 'node:path';
import type { Aws } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { keptNames } from '../folder.js';
import { localPlace } from './local-place.js';
import type { Place } from './place.js';
import { s3Place } from './s3-place.js';

/**
 * The place that a person names: `s3://bucket/folder`, or a folder of this machine.
 *
 * @throws PipelineError `write.badPlace` where S3's has no folder, or is one in which the kit keeps its own files.
 */
export function placeNamed(aws: Aws, to: string): Place {
  if (typeof to !== 'string' || to.trim() === '')
    throw bad(to, 'is no place. Name a folder, such as out/train, or one of S3, such as s3://my-bucket/train');
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/i.exec(to) ?? [];
  if (scheme === undefined) return localPlace(path.resolve(to), to);
  if (scheme.toLowerCase() !== 's3') throw bad(to, 'is neither a folder nor an address of S3. Begin it with s3://');
  const [, bucket = '', folder = ''] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/+(.*?)\/*$/.exec(rest) ?? [];
  const segments = folder.split('/');
  if (bucket === '' || segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw bad(to, 'names no folder in a bucket. Give both, such as s3://my-bucket/train');
  if (bucket === aws.bucket && keptNames.includes(segments[0] ?? ''))
    throw bad(to, `is where the kit keeps its own files. Choose another folder than ${segments[0]}/`);
  return s3Place({ ...aws, bucket }, folder);
}

const bad = (to: unknown, why: string) => new PipelineError('write.badPlace', `'${String(to)}' ${why}.`, { value: to });
