// S3 objects as AWS keeps them, where fauxqs's own store differs. The file is not among fauxqs's exports, hence the
// path.
import { S3Error } from '../node_modules/fauxqs/dist/common/errors.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';

export { S3Error };

/** fauxqs's store with AWS's order of keys, bucket names and limits. */
export class Objects extends S3Store {
  createBucket(name) {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new S3Error('InvalidBucketName', `The specified bucket is not valid: ${name}`);
    }
    if (this.buckets.has(name)) return;
    super.createBucket(name);
    this.buckets.set(name, new Bucket());
  }

  /** The object's ETag, or undefined where there is no such object. */
  etag(bucket, key) {
    return this.buckets.get(bucket)?.get(key)?.etag;
  }

  deleteObjects(bucket, keys) {
    if (keys.length > 1000) throw new S3Error('MalformedXML', 'DeleteObjects takes at most 1000 keys.');
    return super.deleteObjects(bucket, keys);
  }

  // fauxqs sorts with localeCompare and resumes with `<`: a later page then loses keys such as 15970_1.jpg.
  listObjects(bucket, { prefix = '', delimiter, maxKeys = 1000, startAfter, marker } = {}) {
    const objects = this.buckets.get(bucket);
    if (!objects) throw new S3Error('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
    const after = startAfter || marker || '';
    const limit = Math.min(maxKeys, 1000);
    const found = [];
    const folders = new Set();
    for (const key of objects.keysFrom(after > prefix ? after : prefix)) {
      if (!key.startsWith(prefix)) break;
      if (key === after) continue;
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const folder = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
      if (folder && (folders.has(folder) || folder <= after)) continue;
      if (found.length + folders.size >= limit)
        return { objects: found, commonPrefixes: [...folders], isTruncated: true };
      if (folder) folders.add(folder);
      else found.push(objects.get(key));
    }
    return { objects: found, commonPrefixes: [...folders], isTruncated: false };
  }
}

/** Objects by their keys, which it keeps in order, too, from when they are first asked for. */
class Bucket extends Map {
  #sorted;

  set(key, object) {
    if (!this.has(key)) this.#sorted?.splice(this.#firstFrom(key), 0, key);
    return super.set(key, object);
  }

  delete(key) {
    if (this.has(key)) this.#sorted?.splice(this.#firstFrom(key), 1);
    return super.delete(key);
  }

  clear() {
    this.#sorted = undefined;
    super.clear();
  }

  /** The keys from this one on, whether or not there is such a key. */
  *keysFrom(first) {
    this.#sorted ??= [...this.keys()].sort();
    for (let at = this.#firstFrom(first); at < this.#sorted.length; at++) yield this.#sorted[at];
  }

  #firstFrom(key) {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
