import { inspect } from 'node:util';
import { Catalogue, Plan, Products, TableDescription } from '../catalogue/index.js';
import { Drift, type Evaluation, Inspection, ModelComparison, type Scored } from '../curation/index.js';
import { Dataset, Difference } from '../dataset/index.js';
import type { AttributeEvaluation } from '../model/index.js';
import { Job, Pipeline, Verification } from '../pipeline/index.js';
import { count, percent, plural } from '../work/index.js';
import { confusionFigure, type PlotlyFigure } from './charts/index.js';
import type { Frame } from './columns.js';
import { figureForms, gridForms, joinedForms, linesForms, planForms, tableForms, textForms } from './forms.js';
import type { MimeBundle } from './kernel/kernel.js';
import { bundleOf, type Forms } from './kernel/output.js';
import { evaluationBasis, evaluationRows } from './panels/evaluation.js';
import { isTile, isTiles, type Tile } from './tile.js';

// The kernel asks for it at the end of a cell (notebooks/kernels/tslab/cells.cjs).
Object.defineProperty(globalThis, Symbol.for('ml-pipeline.display'), { value: bundleFor, configurable: true });
// Deno's kernel, and others that follow it, ask the value itself.
for (const { prototype } of [
  Dataset,
  Difference,
  Products,
  Plan,
  Job,
  Catalogue,
  Pipeline,
  TableDescription,
  Verification,
  Inspection,
  ModelComparison,
  Drift,
])
  Object.defineProperty(prototype, Symbol.for('Jupyter.display'), {
    value(this: unknown) {
      return bundleFor(this);
    },
  });

async function bundleFor(value: unknown): Promise<MimeBundle | undefined> {
  const forms = await formsOf(value);
  return forms && bundleOf(forms);
}

/** How many images a data set shows of itself, and how many rows a query. */
const shownImages = 8;
const shownProducts = 10;

/**
 * How a value shows itself at the end of a cell: a data set, a query, a plan, an evaluation, a job, a data frame, an
 * array of rows, pictures, a chart. Undefined for anything else, which Node prints.
 *
 * @example
 * const forms = await formsOf([{ id: 1, season: 'Fall' }]);
 * console.log(forms?.['text/plain']());
 */
export function formsOf(value: unknown): Forms | Promise<Forms> | undefined {
  if (value instanceof Dataset) return datasetForms(value);
  if (value instanceof Products) return productsForms(value);
  if (value instanceof Plan) return planForms(value);
  if (value instanceof Job) return jobForms(value);
  if (value instanceof Difference)
    return value.any ? joinedForms(textForms(String(value)), tableForms(value.table())) : textForms(String(value));
  if (value instanceof Catalogue || value instanceof Pipeline) return textForms(String(value));
  if (value instanceof TableDescription) return textForms(inspect(value));
  if (value instanceof Verification) return linesForms(String(value));
  if (value instanceof Inspection)
    return joinedForms(textForms(String(value)), tableForms(value.counts, { limit: 20 }));
  if (value instanceof ModelComparison || value instanceof Drift)
    return joinedForms(linesForms(String(value)), tableForms(value.table(), { limit: 100 }));
  if (!isRecord(value)) return undefined;
  if (isFrame(value)) return frameForms(value);
  if (Array.isArray(value)) return arrayForms(value);
  if (isTile(value) && value.data instanceof Uint8Array) return gridForms([value]);
  if (isScored(value)) return scoredForms(value);
  if (isEvaluation(value))
    return joinedForms(tableForms(evaluationRows(value.attributes), { limit: 100 }), textForms(evaluationBasis(value)));
  if (isAttributeEvaluation(value)) return figureForms(confusionFigure(value));
  return isFigure(value) ? figureForms(value) : undefined;
}

/** Its line, its first and last rows, and some of its images. */
async function datasetForms(dataset: Dataset): Promise<Forms> {
  const rows = dataset.rows.slice(0, shownImages);
  const tiles: Tile[] = await Promise.all(
    rows.map((row) => dataset.picture(row).catch(() => ({ row, data: undefined }))),
  );
  return joinedForms(
    textForms(String(dataset)),
    tableForms(dataset, { limit: 6 }),
    gridForms(tiles, { caption: ['productDisplayName'] }),
  );
}

/** Its first products, and what reading them has cost. */
async function productsForms(products: Products): Promise<Forms> {
  const [plan, first] = await Promise.all([products.plan, products.first(shownProducts, { quiet: true })]);
  const found = first.length < shownProducts ? plural(first.length, 'product') : `The first ${first.length} products`;
  const cost = `${found}, for ${count(products.readUnits)} read units, by ${plan}.`;
  const how = first.length === 0 ? cost : `${cost} All of them: await its toArray() or table().`;
  const table = first.length === 0 ? [] : [tableForms(first)];
  return joinedForms(...table, ...[...products.notes, how].map(textForms));
}

/** What was scored by which model, and how sure that is of the first items. */
function scoredForms({ model, items, predictions, failures, dimensions }: Scored): Forms {
  const names = model.attributes.map(({ name }) => name);
  const failed = failures.length > 0 ? `, ${plural(failures.length, 'failure')}` : '';
  const line =
    `${plural(items.length, 'image')} scored by ${model.name}${failed}: ${names.join(', ')}` +
    `${dimensions > 0 ? `, and ${count(dimensions)} features each` : ''}`;
  const rows = items.map(({ id }, i) => {
    const guesses = names.flatMap((name) => {
      const { label, confidence } = predictions[i]?.[name] ?? {};
      return label === undefined || confidence === undefined ? [] : [[name, `${label} ${percent(confidence)}`]];
    });
    return { id, ...Object.fromEntries(guesses) };
  });
  return joinedForms(textForms(line), tableForms(rows, { limit: 6 }));
}

/** How far it has come. */
async function jobForms(job: Job): Promise<Forms> {
  const { state, reason, tasks } = await job.progress();
  const line = `${job}, ${state}`;
  return joinedForms(textForms(reason === undefined ? line : `${line}: ${reason}`), tableForms(tasks));
}

/** A data frame as it is filtered and sorted; of a grouped one it says by what. */
function frameForms(frame: Frame & { groups?: () => { names: string[]; size: number } | null }): Forms {
  const groups = frame.groups?.();
  if (!groups) return tableForms(frame);
  const by = `Grouped by ${groups.names.join(', ')}: ${plural(groups.size, 'group')}.`;
  return joinedForms(tableForms(frame), textForms(by));
}

/** Pictures, things found by curation, or rows; undefined where not all are objects of names and values. */
function arrayForms(values: readonly unknown[]): Forms | undefined {
  if (values.length === 0 || !values.every(isPlain)) return undefined;
  if (isTiles(values)) return gridForms(values);
  return tableForms(values.map(withId));
}

/** What names an item, or several, as a row: with the ids in their place. */
function withId({ item, items, ...others }: Record<string, unknown>): object {
  if (isRecord(item) && 'id' in item) return { id: item.id, ...others };
  if (Array.isArray(items)) return { ids: items.map((each) => (isRecord(each) ? each.id : each)), ...others };
  return { ...(item !== undefined && { item }), ...(items !== undefined && { items }), ...others };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && !Array.isArray(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));

const isFigure = (value: Record<string, unknown>): value is Record<string, unknown> & PlotlyFigure =>
  Array.isArray(value.data) && value.data.every(isRecord) && isRecord(value.layout);

const isFrame = (value: object): value is Frame =>
  ['numRows', 'columnNames', 'get'].every((method) => typeof Reflect.get(value, method) === 'function');

const isScored = (value: Record<string, unknown>): value is Record<string, unknown> & Scored =>
  ['items', 'predictions', 'failures'].every((list) => Array.isArray(value[list])) &&
  value.embeddings instanceof Float32Array;

const isAttributeEvaluation = (value: object): value is AttributeEvaluation =>
  'attribute' in value && 'confusion' in value && 'reliability' in value;

const isEvaluation = (value: Record<string, unknown>): value is Record<string, unknown> & Evaluation =>
  Array.isArray(value.items) &&
  Array.isArray(value.attributes) &&
  value.attributes.every((each) => isRecord(each) && isAttributeEvaluation(each));
