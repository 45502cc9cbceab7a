import { describe, expect, test } from 'vitest';
import { type Condition, plan } from '../../src/catalogue/index.js';
import { toItem } from '../../src/catalogue/store/items.js';
import { StatisticsCounter } from '../../src/catalogue/store/statistics.js';
import { planHtml, planText } from '../../src/views/panels/plan.js';
import { hostile, row } from './products.js';

const counter = new StatisticsCounter('test');
for (let id = 0; id < 400; id++) {
  const { articleType, baseColour } = row(id);
  const product = {
    id,
    gender: 'Men',
    subCategory: id % 10 ? 'Topwear' : 'Shoes',
    articleType: articleType ?? '',
    baseColour: baseColour ?? '',
    year: 2013,
  };
  counter.add(product, toItem(product));
}
const planned = (condition: Condition) => plan(condition, counter.result);

describe('a plan', () => {
  test('is drawn as the access paths with their costs, the chosen one marked, and the filter', () => {
    const html = planHtml(planned({ subCategory: 'Shoes', gender: 'Men', year: { gt: 2012 } }));
    expect(html).toContain('<strong>index bySubCategory</strong>, 40 of 400 products read, ');
    const cells = [...html.matchAll(/<tr><td.*<\/tr>/g)].map(([line]) =>
      line
        .replace(/<[^>]*>/g, '|')
        .split(/\|+/)
        .filter(Boolean),
    );
    expect(cells.map(([access, ...rest]) => [access, rest.length])).toEqual([
      ['table key', 1],
      ['index byArticleType', 1],
      ['✓ index bySubCategory', 2],
      ['index byGenderMasterCategory', 1],
      ['scan', 2],
    ]);
    const [chosen = 0, scan = 0] = [...html.matchAll(/width:(\d+)px;height:12px/g)].map(([, width]) => Number(width));
    expect(scan).toBe(200);
    expect(chosen).toBeLessThan(40);
    expect(html).toContain('Then filtered by gender = &#39;Men&#39;.');
  });

  test('reads the same in a terminal', () => {
    expect(planText(planned({ subCategory: 'Shoes' })).split('\n')).toEqual([
      expect.stringMatching(/^index bySubCategory, 40 of 400/),
      '  table key                       does not fit the condition',
      '  index byArticleType             does not fit the condition',
      expect.stringMatching(/^ {2}✓ index bySubCategory +[\d.]+ read units$/),
      '  index byGenderMasterCategory    does not fit the condition',
      expect.stringMatching(/^ {2}scan +[\d.]+ read units$/),
      'Nothing is left to filter.',
    ]);
  });

  test('says that its cost is not known where there are no statistics', () => {
    const html = planHtml(plan({ subCategory: 'Shoes' }));
    expect(html).toContain('no statistics to estimate its cost');
    expect(html).not.toMatch(/NaN|Infinity/);
    expect(planText(plan({ subCategory: 'Shoes' }))).toContain('? read units');
  });

  test('leaves no tag of a condition in the page', () => {
    expect(planHtml(planned({ productDisplayName: hostile }))).not.toContain('<script');
  });
});
