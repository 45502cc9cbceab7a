import { PipelineError } from '../../work/index.js';

/**
 * The sides of a split by their names, with the share of the rows that each gets; 1 in all.
 *
 * @example
 * const shares: Shares = { train: 0.8, validation: 0.1, test: 0.1 };
 */
export type Shares = Readonly<Record<string, number>>;

/** Names that a split's result has itself. */
const taken = ['all', 'sizes', 'small', 'moved', 'then'];

/**
 * Checks shares.
 *
 * @throws PipelineError `split.badShares`, `split.badName`
 */
export function checkShares(shares: Shares): void {
  const sides = Object.entries(shares);
  const name = sides.map(([side]) => side).find((side) => !/^[A-Za-z][\w-]{0,49}$/.test(side) || taken.includes(side));
  if (name !== undefined)
    throw new PipelineError(
      'split.badName',
      `A side of a split cannot be called '${name}'. Name it by letters, digits, _ and -, a letter first` +
        `${taken.includes(name) ? `, and not ${taken.join(', ')}` : ''}: { train: 0.8, test: 0.2 }.`,
      { value: name },
    );
  const wrong = sides.find(([, share]) => !(share > 0 && share < 1));
  const sum = sides.reduce((all, [, share]) => all + share, 0);
  if (sides.length > 1 && !wrong && Math.abs(sum - 1) < 1e-6) return;
  const fault = wrong
    ? `'${wrong[0]}' has the share ${wrong[1]}`
    : sides.length < 2
      ? `there is ${sides.length === 0 ? 'no side' : 'one side alone'}`
      : `they are ${Number(sum.toPrecision(6))} in all`;
  throw new PipelineError(
    'split.badShares',
    `The shares do not make a split: ${fault}. Give two or more, each above 0, that are 1 in all: { train: 0.8, ` +
      'validation: 0.1, test: 0.1 }.',
    { value: shares },
  );
}
