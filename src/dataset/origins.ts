import type { Aws } from '../aws/index.js';
import { readManifest } from './claim.js';
import type { Manifest } from './manifest.js';

/**
 * What each image of a data set is, for all that is made of the same one: its MD5 or, of an augmented image, that of
 * the image that it was made from, as long as that data set is there.
 */
export async function originMd5s(aws: Aws, { kind, parent, images }: Manifest): Promise<string[]> {
  const own = images.map(({ etag }) => etag);
  if (kind === 'export' || !parent) return own;
  const above = await readManifest(aws, parent.folder);
  if (!above) return own;
  const origins = await originMd5s(aws, above);
  const byKey = new Map(above.images.map(({ file }, i) => [`${parent.folder}/${file}`, origins[i]]));
  return images.map(({ file, source, etag }) => byKey.get(source) ?? byKey.get(`${parent.folder}/${file}`) ?? etag);
}
