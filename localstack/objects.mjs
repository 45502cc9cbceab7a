// S3 objects as AWS keeps them, where fauxqs's own store differs. The file is not among fauxqs's exports, hence the
// path.
import { S3Error } from '../node_modules/fauxqs/dist/common/errors.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';

export { S3Error };

/** @import { S3Object } from '../node_modules/fauxqs/dist/s3/s3Types.js' */

/** fauxqs's store with AWS's order of keys, bucket names and limits. */
export class Objects extends S3Store {
  /** The objects of each bucket; private in fauxqs's types alone. @returns {Map<string, Bucket>} */
  get #objects() {
    return Reflect.get(this, 'buckets');
  }

  /** @override @param {string} name */
  createBucket(name) {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new S3Error('InvalidBucketName', `The specified bucket is not valid: ${name}`);
    }
    if (this.#objects.has(name)) return;
    super.createBucket(name);
    this.#objects.set(name, new Bucket());
  }

  /** The object's ETag, or undefined where there is no such object. @param {string} bucket @param {string} key */
  etag(bucket, key) {
    return this.#objects.get(bucket)?.get(key)?.etag;
  }

  /** Sets an object's content type. @param {string} bucket @param {string} key @param {string} type */
  retype(bucket, key, type) {
    const object = this.#objects.get(bucket)?.get(key);
    if (object) object.contentType = type;
  }

  /** @override @param {string} bucket @param {string[]} keys */
  deleteObjects(bucket, keys) {
    if (keys.length > 1000) throw new S3Error('MalformedXML', 'DeleteObjects takes at most 1000 keys.');
    return super.deleteObjects(bucket, keys);
  }

  /**
   * fauxqs sorts with localeCompare and resumes with `<`: a later page then loses keys such as 15970_1.jpg.
   *
   * @override
   * @param {string} bucket
   * @param {Parameters<S3Store['listObjects']>[1]} [options]
   */
  listObjects(bucket, { prefix = '', delimiter, maxKeys = 1000, startAfter, marker } = {}) {
    const objects = this.#objects.get(bucket);
    if (!objects) throw new S3Error('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
    const after = startAfter || marker || '';
    const limit = Math.min(maxKeys, 1000);
    /** @type {S3Object[]} */
    const found = [];
    /** @type {Set<string>} */
    const folders = new Set();
    for (const [key, object] of objects.from(after > prefix ? after : prefix)) {
      if (!key.startsWith(prefix)) break;
      if (key === after) continue;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const folder = delimiter && cut >= 0 ? key.slice(0, cut + delimiter.length) : undefined;
      if (folder && (folders.has(folder) || folder <= after)) continue;
      if (found.length + folders.size >= limit)
        return { objects: found, commonPrefixes: [...folders], isTruncated: true };
      if (folder) folders.add(folder);
      else found.push(object);
    }
    return { objects: found, commonPrefixes: [...folders], isTruncated: false };
  }
}

/**
 * Objects by their keys. Once they are asked for in order, it keeps that order, too.
 *
 * @extends {Map<string, S3Object>}
 */
class Bucket extends Map {
  /** @type {string[] | undefined} */
  #sorted;

  /** @override @param {string} key @param {S3Object} object */
  set(key, object) {
    if (!this.has(key)) this.#sorted?.splice(firstFrom(this.#sorted, key), 0, key);
    return super.set(key, object);
  }

  /** @override @param {string} key */
  delete(key) {
    if (this.has(key)) this.#sorted?.splice(firstFrom(this.#sorted, key), 1);
    return super.delete(key);
  }

  /** @override */
  clear() {
    this.#sorted = undefined;
    super.clear();
  }

  /** The objects from this key on, in the order of their keys; it need not be there itself. @param {string} first */
  *from(first) {
    this.#sorted ??= [...this.keys()].sort();
    for (let at = firstFrom(this.#sorted, first); at < this.#sorted.length; at++) {
      const key = this.#sorted[at] ?? '';
      const object = this.get(key);
      if (object) yield/** @type {const} */ ([key, object]);
    }
  }
}

/**
 * Where in sorted keys the first one stands that is not before `key`.
 *
 * @param {readonly string[]} keys
 * @param {string} key
 */
function firstFrom(keys, key) {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
