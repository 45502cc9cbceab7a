// The options of a script: declared once, then parsed, checked and explained here.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../dist/quick.js';

/** Wrong usage: reported with the way to --help, exit status 2. */
export class UsageError extends Error {}

/**
 * An option as a script declares it. --help shows its `help` and default, and `value` as the placeholder.
 *
 * @typedef {object} Option
 * @property {'boolean' | 'string' | 'integer' | 'number'} type
 * @property {string} help
 * @property {string} [value]
 * @property {string} [short] One letter.
 * @property {boolean} [multiple] It can be given several times.
 * @property {boolean} [list] It takes several values, joined by commas.
 * @property {boolean} [clears] An empty text takes away what was set before; elsewhere it is no value.
 * @property {readonly string[]} [choices] The strings that it takes.
 * @property {RegExp} [pattern] What its text looks like, where it is not empty; goes with `example`.
 * @property {string} [example]
 * @property {number} [min] The least number that it takes.
 * @property {number} [max] The greatest number that it takes; goes with `min`.
 * @property {string | number | readonly string[] | readonly number[]} [default]
 */

/** @typedef {Record<string, Option>} Options */

/**
 * @template {Option} O
 * @typedef {O['type'] extends 'boolean' ? boolean
 *   : O['type'] extends 'string' ? (O extends { choices: readonly (infer C)[] } ? C : string)
 *   : number} Single
 */

/**
 * What the options hold, by their names; undefined for one that was not given and has no default.
 *
 * @template {Options} O
 * @typedef {{
 *   [K in keyof O]:
 *     | (O[K] extends { multiple: true } | { list: true } ? Single<O[K]>[] : Single<O[K]>)
 *     | (O[K] extends { default: unknown } ? never : undefined)
 * }} Values
 */

// What several scripts take. A script prints its result as one JSON object, or items as JSON Lines, nothing else.
export const json = /** @satisfies {Option} */ ({ type: 'boolean', help: 'print one JSON object' });
/** @param {string} item */
export const jsonLines = (item) =>
  /** @satisfies {Option} */ ({
    type: /** @type {const} */ ('boolean'),
    help: `print JSON Lines: an object for each ${item}`,
  });
export const consent = /** @satisfies {Option} */ ({ type: 'boolean', help: 'consent to a real AWS account' });
export const port = /** @satisfies {Option} */ ({
  type: 'integer',
  value: 'PORT',
  min: 1,
  max: 65_535,
  help: 'the port on 127.0.0.1',
});

/** @type {Options} */
const everywhere = {
  help: { type: 'boolean', short: 'h', help: 'show this help' },
  debug: { type: 'boolean', help: 'show stack traces' },
};

/**
 * Parses the command line. Where --help is given, the values are not looked at: `values` is undefined.
 *
 * @template {Options} O
 * @param {O} options
 * @param {number} most How many arguments there may be beside the options.
 * @returns {{ values: Values<O> | undefined, positionals: string[] }}
 * @throws {UsageError}
 */
export function parseOptions(options, most) {
  const { values: given, positionals } = split({ ...options, ...everywhere }, most);
  if (given.help) return { values: undefined, positionals };
  const values = Object.entries(options).map(([name, option]) => [name, readValue(name, option, given[name])]);
  return { values: /** @type {Values<O>} */ (Object.fromEntries(values)), positionals };
}

/**
 * @param {Options} options
 * @param {number} most
 * @returns {{ values: Record<string, unknown>, positionals: string[] }}
 */
function split(options, most) {
  const known = Object.entries(options).map(([name, { type, multiple, short }]) => [
    name,
    { type: type === 'boolean' ? 'boolean' : 'string', multiple: multiple ?? false, ...(short && { short }) },
  ]);
  try {
    const parsed = parseArgs({ args: ownArguments(), options: Object.fromEntries(known), allowPositionals: most > 0 });
    if (parsed.positionals.length > most) throw new Error(`Unexpected argument '${parsed.positionals[most]}'`);
    if (parsed.positionals.map(String).includes('')) throw new Error('An argument is empty; give a value');
    return parsed;
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0]);
  }
}

/** The arguments after the script's own name, whether node or zx runs it. */
function ownArguments() {
  const scripts = path.dirname(import.meta.dirname);
  const at = process.argv.findIndex(
    (argument, i) => i > 0 && path.dirname(path.resolve(argument)) === scripts && argument.endsWith('.mjs'),
  );
  return process.argv.slice(at + 1);
}

/** @param {string} name @param {Option} option @param {unknown} given */
function readValue(name, option, given) {
  if (given === undefined) return option.default;
  if (option.type === 'boolean') return given;
  if (given === '' && option.type === 'string' && !option.choices && !option.clears)
    throw new UsageError(`--${name} is empty; give a value`);
  const texts = option.list ? String(given).split(',') : [given].flat().map(String);
  const values = texts.map((text) => (option.type === 'string' ? text : Number(text.trim() || NaN)));
  const wrong = texts.find((_, i) => !accepts(option, values[i]));
  if (wrong === undefined) return option.list || option.multiple ? values : values[0];
  throw new UsageError(`--${name} ${option.list ? 'has' : 'is'} '${wrong}'; ${remedy(option)}`);
}

/** @param {Option} option @param {string | number | undefined} value */
function accepts({ type, choices, pattern, min = -Infinity, max = Infinity }, value) {
  if (typeof value !== 'number')
    return choices?.some((choice) => choice === value) ?? (!value || (pattern?.test(value) ?? true));
  return value >= min && value <= max && (type === 'number' || Number.isSafeInteger(value));
}

/** What could be given instead. @param {Option} option */
function remedy({ type, list, choices, example, min, max }) {
  if (example) return `give something like ${example}`;
  if (choices) return `it can be ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(choices)}`;
  const whole = type === 'integer' ? 'whole ' : '';
  const numbers = list ? `${whole}numbers` : `a ${whole}number`;
  const range = max === undefined ? (min === undefined ? '' : ` of at least ${min}`) : ` from ${min} to ${max}`;
  return `give ${numbers}${range}${list ? ', joined by commas' : ''}`;
}

/**
 * What --help prints.
 *
 * @param {string} usage
 * @param {string} about
 * @param {Options} options
 */
export function helpText(usage, about, options) {
  const rows = Object.entries({ ...options, ...everywhere }).map(([name, option]) => {
    const { short, type, list, value = type === 'string' ? 'VALUE' : 'N', help } = option;
    return {
      flag: `${short ? `-${short}, ` : ''}--${name}${type === 'boolean' ? '' : ` ${list ? 'LIST' : value}`}`,
      help: option.default === undefined ? help : `${help} (default ${option.default})`,
    };
  });
  const width = Math.max(...rows.map(({ flag }) => flag.length));
  const lines = rows.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`);
  return [`usage: ${usage}`, '', about, '', ...lines].join('\n');
}
