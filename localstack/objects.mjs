// S3 objects as AWS keeps them, where fauxqs's own store differs. The file is not among fauxqs's exports, hence the
// path.
import { S3Error } from '../node_modules/fauxqs/dist/common/errors.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';

export { S3Error };

/**
 * @import { S3Object } from '../node_modules/fauxqs/dist/s3/s3Types.js'
 * @import { State } from './state.mjs'
 */

/** fauxqs's store with AWS's order of keys, bucket names and limits, in memory or kept in a state on disk. */
export class Objects extends S3Store {
  #state;

  /** @param {State | undefined} state Without one, all is in memory. */
  constructor(state) {
    super();
    this.#state = state;
  }

  /** Finds what the state has: all of each object but its bytes, which are read when they are asked for. */
  async load() {
    const state = this.#state;
    if (!state) return;
    for await (const [name] of state.all('bucket/')) {
      super.createBucket(name);
      const bucket = new Bucket(name, state);
      this.#objects.set(name, bucket);
      for await (const [key, text] of state.all(`object/${name}/`)) {
        const { lastModified, ...facts } = JSON.parse(Buffer.from(text).toString());
        bucket.found(new StoredObject(state, name, { ...facts, key, lastModified: new Date(lastModified) }));
      }
    }
  }

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
    this.#objects.set(name, new Bucket(name, this.#state));
    this.#state?.write({ key: `bucket/${name}`, value: new Uint8Array(), undo: () => super.deleteBucket(name) });
  }

  /** @override @param {string} name */
  deleteBucket(name) {
    super.deleteBucket(name);
    this.#state?.write({ key: `bucket/${name}`, undo: () => super.createBucket(name) });
  }

  /** What the kit keeps here: how many products were seeded, and how many data sets there are. */
  contents() {
    let [products, datasets] = [0, 0];
    for (const objects of this.#objects.values())
      for (const [key, object] of objects) {
        if (/^catalogue\/[^/]+\.statistics\.json$/.test(key))
          products += JSON.parse(object.body.toString()).products ?? 0;
        else if (key.endsWith('/metadata.json')) datasets++;
      }
    return { products, datasets };
  }

  /** An object, or undefined where there is none. @param {string} bucket @param {string} key */
  find(bucket, key) {
    return this.#objects.get(bucket)?.get(key);
  }

  /** Sets an object's content type. @param {string} bucket @param {string} key @param {string} type */
  retype(bucket, key, type) {
    const objects = this.#objects.get(bucket);
    const object = objects?.get(key);
    if (object) objects?.set(key, { ...object, body: object.body, contentType: type });
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
  #name;
  #state;

  /** @param {string} name @param {State | undefined} state */
  constructor(name, state) {
    super();
    this.#name = name;
    this.#state = state;
  }

  /** Adds an object that is on disk. @param {S3Object} object */
  found(object) {
    super.set(object.key, object);
  }

  /** @override @param {string} key @param {S3Object} object */
  set(key, object) {
    const before = this.get(key);
    this.#put(key, object);
    if (this.#state) this.#keep(this.#state, key, object, before);
    return this;
  }

  /** @override @param {string} key */
  delete(key) {
    const before = this.get(key);
    this.#remove(key);
    if (before && this.#state) this.#keep(this.#state, key, undefined, before);
    return before !== undefined;
  }

  /** @param {string} key @param {S3Object} object */
  #put(key, object) {
    if (!this.has(key)) this.#sorted?.splice(firstFrom(this.#sorted, key), 0, key);
    super.set(key, object);
  }

  /** @param {string} key */
  #remove(key) {
    if (this.has(key)) this.#sorted?.splice(firstFrom(this.#sorted, key), 1);
    super.delete(key);
  }

  /**
   * @param {State} state
   * @param {string} key
   * @param {S3Object | undefined} object
   * @param {S3Object | undefined} before
   */
  #keep(state, key, object, before) {
    const undo = () => (before ? this.#put(key, before) : this.#remove(key));
    // Of an object that is overwritten meanwhile, the bytes are no longer those on disk.
    const done = () => {
      if (object && this.get(key) === object) this.#put(key, new StoredObject(state, this.#name, object));
    };
    const { body, key: _, ...facts } = object ?? {};
    const value = object && Buffer.from(JSON.stringify(facts));
    state.write({ key: `bytes/${this.#name}/${key}`, ...(body && { value: body }), undo: () => {} });
    state.write({ key: `object/${this.#name}/${key}`, ...(value && { value }), done, undo });
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

/** An object whose bytes are on disk. @implements {S3Object} */
class StoredObject {
  #state;
  #bucket;

  /** @param {State} state @param {string} bucket @param {Omit<S3Object, 'body'>} object */
  constructor(state, bucket, { key, contentType, contentLength, etag, lastModified, metadata }) {
    this.#state = state;
    this.#bucket = bucket;
    this.key = key;
    this.contentType = contentType;
    this.contentLength = contentLength;
    this.etag = etag;
    this.lastModified = lastModified;
    this.metadata = metadata;
  }

  get body() {
    const { buffer, byteOffset, byteLength } =
      this.#state.read(`bytes/${this.#bucket}/${this.key}`) ?? new Uint8Array();
    return Buffer.from(buffer, byteOffset, byteLength);
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
