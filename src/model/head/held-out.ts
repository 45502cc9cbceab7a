import type { ProductId } from '../../catalogue/index.js';
import { randomFrom } from '../../work/index.js';

/** Which image it is that an item has. */
export interface Identity {
  /** The id of its product. */
  id: ProductId;
  /** The MD5 of its bytes, in hex. */
  md5: string;
  /** The MD5 of the image that it was made of; undefined where it was not made of another. */
  origin?: string | undefined;
}

/** The share of the images that is held out. */
const share = 1 / 8;

/**
 * Which images are held out to measure a head: about an eighth. What belongs together is on the same side: all images
 * of a product, byte-identical images, and what was made of the same image. A hash of their bytes decides, so the same
 * images are held out of the same set again.
 *
 * Images that the model whose features are read was trained on (`seen`) are held out only where there are hardly any
 * others: it knows them better than new ones.
 */
export function heldOutOf(images: readonly Identity[], seen: (image: Identity) => boolean): boolean[] {
  const groups = groupsOf(images);
  const known = new Set(groups.filter((_, i) => images[i] && seen(images[i])));
  const fresh = groups.filter((group) => !known.has(group)).length;
  const wanted = images.length * share;
  const onlyFresh = fresh >= wanted / 3;
  const chance = wanted / (onlyFresh ? fresh : images.length);
  const drawn = new Map(groups.map((group) => [group, randomFrom('held out', group)() < chance]));
  return groups.map((group) => drawn.get(group) === true && !(onlyFresh && known.has(group)));
}

/** For each image the name of its group: the least of the MD5s of the images that belong together. */
export function groupsOf(images: readonly Identity[]): string[] {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    // Shortens the way for the next look.
    for (let at = key; at !== root; ) {
      const next = parents.get(at) ?? root;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  const keys = images.map(({ id, md5, origin = md5 }) => [`id ${id}`, `image ${md5}`, `image ${origin}`]);
  for (const [product = '', ...others] of keys)
    for (const other of others) {
      const [root, last] = [rootOf(product), rootOf(other)];
      if (root !== last) parents.set(root, last);
    }
  const roots = keys.map(([product = '']) => rootOf(product));
  const names = new Map<string, string>();
  images.forEach(({ md5, origin = md5 }, i) => {
    const root = roots[i] ?? '';
    const name = names.get(root);
    if (name === undefined || origin < name) names.set(root, origin);
  });
  return roots.map((root) => names.get(root) ?? root);
}
