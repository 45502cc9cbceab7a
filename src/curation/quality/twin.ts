import type { Kind } from './kind.js';

/** The same bytes as an earlier image. The first of several is none. */
export const twin: Kind = {
  title: 'exact twin',
  judge(all) {
    const firsts = new Map<string, number>();
    for (const [place, { md5 }] of all.entries()) if (md5 !== '' && !firsts.has(md5)) firsts.set(md5, place);
    const like = (one: (typeof all)[number]) => {
      const first = firsts.get(one.md5);
      return first === undefined || all[first] === one ? undefined : first;
    };
    return { score: (one) => (like(one) === undefined ? 0 : 1), words: () => 'the same bytes', like };
  },
};
