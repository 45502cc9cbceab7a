import { version } from '../../version.js';
import { grouped, plural } from '../../work/index.js';
import type { Column } from './columns.js';
import type { Facts, Rows, TrainingFormat } from './format.js';
import type { Item, Writable } from './items.js';
import type { WrittenFile } from './journal.js';

/** The file of the data card. */
export const cardName = 'README.md';

/** What a card says beside. */
export interface CardFacts {
  format: TrainingFormat & { name: string };
  source: Writable;
  rows: Rows;
  failed: number;
  unlabelled: number;
  files: readonly WrittenFile[];
}

/** Classes that are listed; the rest is counted. */
const mostClasses = 200;

/** The data card: what is in the folder, where it comes from, and how it is read. The same rows give the same text. */
export function cardOf({ format, source, rows, failed, unlabelled, files }: CardFacts): string {
  const { items, columns, label } = rows;
  const bySide = [...grouped(items, ({ side }) => side ?? '')].map(([name, own]) => ({ name, items: own }));
  const sides = bySide.filter(({ name }) => name !== '').map(({ name, items: own }) => ({ name, rows: own.length }));
  const [first] = bySide;
  const extensions = [...new Set(items.map(({ extension }) => extension))].sort();
  const shard = format.shard?.extension ?? '';
  const facts: Facts = {
    here: '.',
    folder: first?.name || '.',
    shards: `${first?.name || 'data'}-*${shard}`,
    sides,
    label,
    columns,
    extension: items[0]?.extension ?? '.jpg',
    extensions,
  };
  const { manifest } = source;
  const left = [
    ...(failed > 0 ? [`${plural(failed, 'image')} could not be read: left out.`] : []),
    ...(unlabelled > 0 ? [`${plural(unlabelled, 'row')} without a value of ${label} left out.`] : []),
  ];
  const query = manifest.query;
  return [
    ...frontMatter(format, bySide, shard),
    `# ${source.folder}`,
    '',
    `${items.length} images with their rows, written by ml-pipeline ${version} as \`${format.name}\` from ` +
      `\`${source.uri}\`.${left.map((line) => ` ${line}`).join('')}`,
    '',
    '- Licence: (to be filled in)',
    ...(query ? [`- Catalogue: the table ${query.table}`, `- Query: \`${JSON.stringify(query.where)}\``] : []),
    ...(source.view ? [`- Chosen: ${source.view.rule}`] : []),
    ...(manifest.parent ? [`- Made from: \`${manifest.parent.folder}\``] : []),
    ...(manifest.model ? [`- Model: ${manifest.model.name} (${manifest.model.fingerprint})`] : []),
    `- Files: ${files.length} beside this one`,
    `- Columns: ${columns.map(({ name, type }) => `${name} (${typeNames[type]})`).join(', ')}`,
    '',
    ...(sides.length > 0
      ? [
          '## Sides',
          '',
          ...table(
            ['side', 'rows'],
            sides.map(({ name, rows }) => [name, String(rows)]),
          ),
          '',
        ]
      : []),
    ...(label === undefined ? [] : classTable(label, bySide)),
    '## How to read it',
    '',
    'In this folder:',
    '',
    format.reading(facts).trim(),
    '',
  ].join('\n');
}

const typeNames: Record<Column['type'], string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  date: 'date',
  time: 'time',
  'string[]': 'texts',
  'number[]': 'numbers',
  json: 'JSON',
};

interface Side {
  name: string;
  items: readonly Item[];
}

/** How Hugging Face finds the sides, whatever they are called. */
function frontMatter(format: CardFacts['format'], sides: readonly Side[], shard: string): string[] {
  const patternOf = (side: string) =>
    format.shard ? `${side || 'data'}-*${shard}` : side === '' ? '**' : `${side}/**`;
  const isRead = format.shard ? shard !== '.tfrecord' : format.name === 'huggingface';
  if (!isRead || sides.length === 0) return [];
  const files = sides.flatMap(({ name }) => [
    `  - split: ${name.replaceAll('-', '_') || 'train'}`,
    `    path: ${JSON.stringify(patternOf(name))}`,
  ]);
  return ['---', 'configs:', '- config_name: default', '  data_files:', ...files, '---', ''];
}

function classTable(label: string, sides: readonly Side[]): string[] {
  const classes = [
    ...grouped(
      sides.flatMap(({ items }) => items),
      (item) => item.label ?? '',
    ),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  const counts = sides.map(({ items }) => grouped(items, (item) => item.label ?? ''));
  const rows = classes
    .slice(0, mostClasses)
    .map(([name]) => [
      name === '' ? '(none)' : `\`${name.replaceAll('|', '\\|').replaceAll('`', "'")}\``,
      ...counts.map((count) => String(count.get(name)?.length ?? 0)),
    ]);
  const rest = classes.length - rows.length;
  return [
    `## Classes of ${label}`,
    '',
    ...table([label, ...sides.map(({ name }) => name || 'rows')], rows),
    ...(rest > 0 ? ['', `and ${rest} more.`] : []),
    '',
  ];
}

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
