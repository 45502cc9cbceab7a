import { describe, expect, test, vi } from 'vitest';
import { evaluateAttribute } from '../../src/model/evaluation.js';
import { readImages } from '../../src/views/images.js';
import { confusionsHtml, confusionsText, findAttribute, worstConfusions } from '../../src/views/panels/confusions.js';
import { groupItems, groupsHtml, groupsText, similarHtml, similarText } from '../../src/views/panels/similar.js';
import { suspectsHtml, suspectsText } from '../../src/views/panels/suspects.js';
import { hostile, picture, row } from './products.js';

const rows = [1, 2, 3, 4, 5].map((id) => row(id));
const [one = row(1), two = row(2), three = row(3), four = row(4)] = rows;
const images = await readImages(rows, ({ id }) => picture(id).data);
const count = (html: string, tag: string) => html.split(`<${tag} `).length - 1;

describe('the images of items', () => {
  test('come from a function, a data set or pictures', async () => {
    const data = picture(1).data;
    expect([...(await readImages([one], () => data))]).toEqual([[one, data]]);
    expect([...(await readImages([one], { picture: async () => ({ data }) }))]).toEqual([[one, data]]);
    expect([...(await readImages([one, two], [picture(1)]))]).toEqual([[one, data]]);
  });

  test('are read once each, however often an item is there', async () => {
    const source = vi.fn(() => picture(1).data);
    await readImages([one, two, one], source);
    expect(source).toHaveBeenCalledTimes(2);
  });

  test('that cannot be read say why on the page', async () => {
    const broken = await readImages([one, two], ({ id }) => {
      if (id === 1) throw new Error('gone');
      return picture(id).data;
    });
    expect(broken.get(one)).toEqual(new Error('gone'));
    const html = groupsHtml([{ items: [one, two], lowest: 0.991, highest: 1 }], broken);
    expect(count(html, 'img')).toBe(1);
    const title = 'Red Sports Shoes: Shoe 1: cannot be read: gone';
    expect(html).toContain(`role="img" aria-label="${title}" title="${title}"`);
    expect(html).toContain('>cannot be read: gone</div>');
  });
});

describe('the worst confusions', () => {
  // Three Flats taken for Heels, a pair of Boots for Flats; one pair of Flats is right.
  const scores = Float32Array.of(0.6, 0.4, 0, 0.9, 0.1, 0, 0.8, 0.2, 0, 0, 1, 0, 0, 1, 0);
  const given = ['Flats', 'Flats', 'Flats', 'Boots', 'Flats'];
  const evaluation = {
    items: rows,
    attributes: [evaluateAttribute('kind', ['Heels', 'Flats', 'Boots'], given, scores)],
  };

  test('are those that happened most often, the most confident items first', () => {
    expect(worstConfusions(evaluation, 'kind', { images: 2 })).toEqual([
      { given: 'Flats', predicted: 'Heels', count: 3, of: 4, items: [two, three] },
      { given: 'Boots', predicted: 'Flats', count: 1, of: 1, items: [four] },
    ]);
    expect(worstConfusions(evaluation, 'kind', { limit: 1 })).toHaveLength(1);
  });

  test('stand under a heading each', () => {
    const html = confusionsHtml(worstConfusions(evaluation, 'kind'), images);
    expect([...html.matchAll(/<h4[^>]*>(.*?)<\/h4>/g)].map(([, text]) => text)).toEqual([
      'Flats taken for Heels, 3 of 4',
      'Boots taken for Flats, 1 of 1',
    ]);
    expect(count(html, 'img')).toBe(4);
    expect(confusionsText(worstConfusions(evaluation, 'kind', { images: 1 }))).toMatch(
      /^Flats taken for Heels, 3 of 4\n {2}2 {2}Red Sports Shoes: Shoe 2\nBoots/,
    );
  });

  test('of a model that is always right are none', () => {
    expect(confusionsHtml([], images)).toBe('<p>No label was taken for another.</p>');
  });

  test('of an attribute that is not there say which was meant', () => {
    expect(() => worstConfusions(evaluation, 'kindd')).toThrow(/no attribute 'kindd'. Did you mean 'kind'\?/);
    expect(() => findAttribute(evaluation)).toThrow(/must be named. The attributes are kind\./);
  });
});

describe('doubted labels', () => {
  const suspects = [
    ['season', 'Summer', 'Winter', one, 0.978],
    ['usage', 'Sports', 'Casual', two, 0.9],
    ['usage', 'Sports', 'Formal', one, 0.51],
  ] as const;
  const all = suspects.map(([attribute, label, predicted, item, confidence]) => {
    return { attribute, label, predicted, item, confidence, given: 0.01, score: 0.99 };
  });

  test('are shown with what the model says instead, and how sure it is, those of a product on one card', () => {
    const html = suspectsHtml(all, images);
    expect(count(html, 'figure')).toBe(2);
    expect(html.replaceAll('<span style="opacity:0.65">', '<i>').replaceAll('</span>', '</i>')).toContain(
      '<strong>Shoe 1</strong><br><i>season</i> Summer → Winter 98%<br><i>usage</i> Sports → Formal 51%<br><i>1</i>',
    );
    expect(html).toContain('alt="Red Sports Shoes: Shoe 1"');
    expect(suspectsText(all).split('\n').slice(0, 2)).toEqual([
      '3 labels',
      '  1  season Summer → Winter 98%, usage Sports → Formal 51%  Red Sports Shoes: Shoe 1',
    ]);
  });

  test('have pages', () => {
    const html = suspectsHtml(all, images, { limit: 1, page: 2 });
    expect(html).toContain('<strong>Shoe 2</strong>');
    expect(html).toContain('<p>2 to 2 of 2 images.</p>');
    expect(() => suspectsHtml(all, images, { page: 3 })).toThrow(/page 3 is not one/);
  });
});

test('similar images stand beside the one that was asked for', () => {
  const found = [
    { item: two, similarity: 0.98765 },
    { item: three, similarity: 0.5 },
  ];
  const html = similarHtml(one, found, images);
  expect([...html.matchAll(/<strong>(.*?)<\/strong>/g)].map(([, text]) => text)).toEqual(['query', '0.9877', '0.5000']);
  expect(count(html, 'img')).toBe(3);
  expect(count(similarHtml(picture(9).data, found, images), 'img')).toBe(3);
  expect(similarText(one, found).split('\n')[1]).toBe('  2  0.9877  Red Sports Shoes: Shoe 2');
});

test('near duplicates have a row for each group, as many as are asked for, and the count of all', () => {
  const groups = [
    { items: [one, two], lowest: 0.991, highest: 1 },
    { items: [three, four], lowest: 0.99, highest: 0.99 },
  ];
  expect(count(groupsHtml(groups, images), 'img')).toBe(4);
  expect(groupsHtml(groups, images)).toMatch(/2 images, similarity 0.9910 to 1.0000<.*2 images, similarity 0.9900</s);
  expect(count(groupsHtml(groups, images, { limit: 1 }), 'img')).toBe(2);
  expect(groupsHtml(groups, images, { limit: 1 })).toContain(
    '<p>1 to 1 of 2 groups; { page: 2 } shows the next ones.</p>',
  );
  expect(groupsHtml(groups, images, { limit: 1, page: 2 })).toContain('similarity 0.9900<');
  expect(groupsText(groups, { limit: 1 })).toMatch(
    /^2 images, similarity 0\.9910 to 1\.0000\n(.*\n){2}1 to 1 of 2 groups; .*$/,
  );
});

test('of a large group of near duplicates six images are shown, and it says so', () => {
  const items = Array.from({ length: 12 }, (_, i) => row(i));
  const groups = [{ items, lowest: 0.99, highest: 0.999 }];
  expect(groupItems(groups)).toEqual(items.slice(0, 6));
  expect(count(groupsHtml(groups, images), 'figure')).toBe(6);
  expect(groupsText(groups)).toMatch(/^12 images, similarity 0\.9900 to 0\.9990, 6 shown\n(.*\n){6}1 group$/);
});

test('nothing of the data reaches the page as markup', () => {
  const nasty = row(1, { productDisplayName: hostile, articleType: hostile });
  const pages = [
    confusionsHtml([{ given: hostile, predicted: hostile, count: 1, of: 1, items: [nasty] }], images),
    suspectsHtml(
      [{ item: nasty, attribute: hostile, label: hostile, predicted: hostile, confidence: 1, given: 0, score: 1 }],
      images,
    ),
    similarHtml(nasty, [{ item: nasty, similarity: 1 }], images),
    groupsHtml([{ items: [nasty], lowest: 1, highest: 1 }], images),
  ];
  for (const page of pages) {
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|alert\("1"\)|'co'/);
  }
});
