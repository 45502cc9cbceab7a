import { type Aws, isAwsHost } from '../aws/index.js';
import { extensionOf, imageKey, imageKeys, type ProductId } from '../catalogue/index.js';
import { PipelineError } from '../work/index.js';
import { isListed } from './web-image.js';

/** Where an image is: an object of S3, or elsewhere on the web. */
export type ImagePlace = { bucket: string; key: string } | { url: string };

/** What says where a product's image is. */
interface Pointing {
  id: ProductId;
  imagePath?: string | null | undefined;
}

type Names = Pick<Aws, 'bucket' | 'imageBucket' | 'endpoint'>;

/**
 * Where the image of a product is, by what the product says: `s3://<bucket>/<key>`, a URL of S3 in any of its forms, a
 * key alone (in the bucket of images, else in the catalogue's), or another https URL. A URL of S3 stands for its bucket
 * and key, so that the image is read with the clients' own endpoint and credentials.
 *
 * @throws PipelineError `dataset.badImagePath` where it can be none of these.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function imagePlaceOf(aws: Names, { id, imagePath }: Pointing): ImagePlace {
  const bad = (why: string): PipelineError =>
    new PipelineError('dataset.badImagePath', `The image of product ${id} is at '${imagePath ?? ''}': ${why}`, {
      value: imagePath,
    });
  if (!imagePath)
    throw new PipelineError('dataset.badImagePath', `The product ${id} does not say where its image is.`, {
      value: id,
    });
  const place = placeOf(aws, imagePath, bad);
  if ('url' in place) return place;
  if (!/^[a-z0-9][\w.-]{1,254}$/i.test(place.bucket)) throw bad('that names no bucket. Write s3://<bucket>/<key>.');
  if (place.key === '' || place.key.endsWith('/'))
    throw bad('that is no image, but a folder or a bucket. Add its name.');
  return place;
}

function placeOf(aws: Names, text: string, bad: (why: string) => PipelineError): ImagePlace {
  const [, bucket, key] = /^(?:s3:\/\/|arn:aws[\w-]*:s3:::)([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  const [scheme] = /^([a-z][a-z0-9+.-]*:\/\/|data:)/i.exec(text) ?? [];
  if (scheme === undefined) return { bucket: aws.imageBucket ?? aws.bucket, key: text };
  const url = /^https?:\/\/$/i.test(scheme) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw bad('the kit reads s3://, https:// and keys of S3. Write it as one of these.');
  const object = objectOf(url, aws.endpoint, bad);
  if (object) return object;
  if (isAwsHost(url.hostname)) throw bad('that address of AWS is no bucket. Write s3://<bucket>/<key>.');
  if (url.protocol !== 'https:' && !isListed(url.hostname))
    throw bad('images are fetched by https alone. Write https://.');
  if (url.username !== '' || url.password !== '')
    throw bad('it has credentials in it, which are not sent. Remove them.');
  return { url: url.href };
}

/** Hosts of S3, on AWS and LocalStack, with the bucket in front where it is not in the path. */
const hosts = new RegExp(
  String.raw`^(?:(.+)\.)?s3(?:-accelerate|-website|-fips)?(?:\.dualstack)?` +
    String.raw`(?:[.-][a-z]{2}(?:-[a-z]+)+-\d+|-external-1)?` +
    String.raw`\.(?:amazonaws\.com(?:\.cn)?|localhost\.localstack\.cloud)$`,
);

/** The object that a URL of S3 means; undefined for other URLs. S3 takes `+` for a blank there. */
function objectOf(url: URL, endpoint: string, bad: (why: string) => PipelineError) {
  const match = hosts.exec(url.hostname);
  if (!match && !endpoint.split(', ').some((each) => URL.canParse(each) && new URL(each).origin === url.origin))
    return undefined;
  if (url.searchParams.has('versionId'))
    throw bad('it names one version, and the kit reads the latest. Leave ?versionId= out.');
  let path: string;
  try {
    path = decodeURIComponent(url.pathname.slice(1).replaceAll('+', ' '));
  } catch {
    throw bad('it has a % that begins no code. Write %25 for it.');
  }
  if (match?.[1] !== undefined) return { bucket: match[1], key: path };
  const slash = path.indexOf('/');
  return slash < 0 ? { bucket: path, key: '' } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** Where an image is, as a manifest has it: the key alone where it is in the catalogue's bucket. */
export const placeText = ({ bucket }: Pick<Aws, 'bucket'>, place: ImagePlace): string =>
  'url' in place ? place.url : place.bucket === bucket ? place.key : `s3://${place.bucket}/${place.key}`;

/**
 * The file, and the key, of an image that the kit has put where it is: seeding names it by its bytes. Undefined for an
 * image that others have put somewhere, under whatever name.
 */
export function keptImage({ bucket }: Pick<Aws, 'bucket'>, id: ProductId, place: ImagePlace): string | undefined {
  if ('url' in place || place.bucket !== bucket) return undefined;
  const extension = extensionOf(place.key);
  return extension !== undefined && place.key === imageKey(id, extension) ? place.key : undefined;
}

/**
 * The files that the image of a product may become in a folder: one where its format is known, else one for each
 * format; none where its path makes no sense.
 */
export function filesOf(aws: Names, product: Pointing): string[] {
  try {
    const kept = keptImage(aws, product.id, imagePlaceOf(aws, product));
    return kept === undefined ? imageKeys(product.id) : [kept];
  } catch {
    return [];
  }
}
