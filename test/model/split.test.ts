import { describe, expect, it } from 'vitest';
import { partOf } from '../../src/model/training/split.js';

describe('partOf', () => {
  it('puts byte-identical images on the same side', () => {
    for (let i = 0; i < 50; i++) expect(partOf(Uint8Array.of(1, 2, i))).toBe(partOf(Buffer.from([1, 2, i])));
  });

  it('holds out about a tenth', () => {
    const parts = Array.from({ length: 5000 }, (_, i) => partOf(Buffer.from(`image ${i}`)));
    const share = parts.filter((part) => part === 'validation').length / parts.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });
});
