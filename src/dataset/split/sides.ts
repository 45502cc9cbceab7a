import { grouped, randomFrom } from '../../work/index.js';
import type { Shares } from './shares.js';

/** Rows that have to be on one side. */
export interface Group {
  /** What its place is drawn by: the same for the same images, whatever else there is. */
  key: string;
  rows: number;
  /** The class that it counts for, where classes are kept in proportion. */
  stratum?: string | undefined;
  /** The side on which its rows are already. */
  kept?: string | undefined;
}

/**
 * The side of each group. Without classes it is decided by a hash of the seed and the group's key alone, so that other
 * groups change nothing. Within a class, the groups are put in the order of their hashes and each side takes its share
 * of them; a class of fewer groups than sides goes by the hashes alone.
 */
export function sidesOf(groups: readonly Group[], shares: Shares, seed: number): string[] {
  const places = groups.map(({ key }) => randomFrom(seed, 'split', key)());
  const sides = groups.map(({ kept }, i) => kept ?? sideAt(places[i] ?? 0, shares));
  const strata = grouped(groups.keys(), (i) => groups[i]?.stratum);
  for (const [stratum, members] of strata) {
    if (stratum === undefined || members.length < Object.keys(shares).length) continue;
    const inOrder = members.sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
    const own = inOrder.flatMap((i) => groups.slice(i, i + 1));
    inProportion(own, shares).forEach((side, n) => {
      const i = inOrder[n];
      if (i !== undefined) sides[i] = side;
    });
  }
  return sides;
}

/** The side at a place from 0 to 1. */
function sideAt(place: number, shares: Shares): string {
  let end = 0;
  for (const [side, share] of Object.entries(shares)) {
    end += share;
    if (place < end) return side;
  }
  return Object.keys(shares).at(-1) ?? '';
}

/** The sides of a class's groups in their order: each side takes groups until it has its share, and one at least. */
function inProportion(groups: readonly Group[], shares: Shares): string[] {
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  const open = Object.entries(shares).map(([side, share]) => {
    const kept = groups.filter((group) => group.kept === side);
    return { side, wanted: share * total, has: kept.reduce((sum, { rows }) => sum + rows, 0) };
  });
  let left = groups.filter(({ kept }) => kept === undefined).length;
  let at = 0;
  return groups.map(({ rows, kept }) => {
    if (kept !== undefined) return kept;
    // On to the next side where this one has its share, or the sides after it that have nothing need what is left.
    for (; at < open.length - 1; at++) {
      const { has = 0, wanted = 0 } = open[at] ?? {};
      const needy = open.slice(at + 1).filter((side) => side.has === 0).length;
      if (has === 0 ? left > needy : has + rows / 2 <= wanted && left > needy) break;
    }
    left--;
    const taker = open[at];
    if (taker) taker.has += rows;
    return taker?.side ?? '';
  });
}
