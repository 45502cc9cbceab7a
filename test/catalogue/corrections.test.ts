import { describe, expect, it } from 'vitest';
import { defineSchema, parseCorrections } from '../../src/catalogue/index.js';

const schema = defineSchema({ fields: { season: 'string', year: 'number' } });
const file = {
  kind: 'corrections',
  version: 1,
  table: 'Hats',
  schema: { fields: { season: 'string', year: 'number', old: 'string' } },
  reason: 'looked at it',
  changes: [{ id: 1, season: 'Fall', was: { season: 'Summer' } }],
  leftOut: [2],
};
const read = (changed: object, to = schema) => parseCorrections(JSON.stringify({ ...file, ...changed }), to, 'Hats');

describe('corrections.json', () => {
  it('is read with its reason and what is left out', () => {
    expect(read({})).toEqual({ changes: file.changes, leftOut: [2], reason: 'looked at it', by: undefined });
    // A mistyped field is said by the check of the changes, which knows what may be meant.
    expect(read({ changes: [{ id: 1, saeson: 'Fall' }] }).changes).toEqual([{ id: 1, saeson: 'Fall' }]);
    expect(read({}, defineSchema({ fields: { season: 'string', year: 'number', more: 'date' } })).changes).toHaveLength(
      1,
    );
  });

  it.each([
    [{ table: 'Shoes' }, 'corrections.otherTable', 'ML_PIPELINE_TABLE=Shoes'],
    [{ changes: [{ id: 1, old: 'x', was: {} }] }, 'corrections.otherSchema', 'Hats has no field old'],
    [{ schema: { fields: { season: 'number' } } }, 'corrections.otherSchema', 'season is of the type string in Hats'],
    [
      { schema: { id: 'string', fields: {} } },
      'corrections.otherSchema',
      'type number, those of the corrections string',
    ],
    [{ kind: 'manifest' }, 'corrections.malformed', 'Download it again'],
    [{ changes: [{ season: 'Fall' }] }, 'corrections.malformed', 'id'],
    [{ changes: [{ id: 1, was: 3 }] }, 'corrections.malformed', 'was'],
  ])('%j is refused with the remedy', (changed, code, message) => {
    expect(() => read(changed)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it.each(['', '[', '[]', 'null', '"x"'])('%j is none', (text) => {
    expect(() => parseCorrections(text, schema, 'Hats')).toThrowError(
      expect.objectContaining({ code: 'corrections.malformed' }),
    );
  });
});
