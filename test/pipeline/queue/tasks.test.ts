import { describe, expect, it } from 'vitest';
import { byMade, definitions, tasks } from '../../../src/pipeline/queue/tasks/index.js';

describe('the list of tasks', () => {
  it('begins with the export, and has each task under its own name', () => {
    expect(tasks[0]).toBe('copy');
    expect(tasks.map((task) => definitions[task].name)).toEqual(tasks);
    expect(definitions.copy.folder('shoes')).toBe('shoes');
  });

  it('gives each what it makes a name and a folder of its own', () => {
    expect(Object.keys(byMade((task) => task))).toHaveLength(tasks.length);
    const folders = tasks.map((task) => definitions[task].folder('shoes'));
    expect(new Set(folders).size).toBe(tasks.length);
  });

  it.each(tasks)('%s takes steps of its own alone', (task) => {
    for (const other of tasks.filter((each) => each !== task))
      expect(definitions[task].step.safeParse({ task: other, fresh: true }).success).toBe(false);
  });

  it.each(tasks.slice(1))('%s is planned only for a query that asks for it', async (task) => {
    const { plan } = definitions[task];
    expect(await plan({} as never, { folder: 'shoes' }, {})).toBeUndefined();
  });
});
