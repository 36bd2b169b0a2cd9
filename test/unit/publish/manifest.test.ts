import { describe, expect, it } from 'vitest';
import type { LedgerData } from '../../../src/publish/ledger.ts';
import { manifestKey, manifestText, parseManifest } from '../../../src/publish/manifest.ts';

const chunk = { size: 5, sha256: 'c1', contentSha256: 'x', modifiedMs: 0 };
const sealed: LedgerData = {
  version: 1,
  to: 's3://b/r1',
  objects: { 'run.json': { source: 'run.json', size: 2, sha256: 'r', modifiedMs: 0 } },
  chunked: {
    'raw/rows': {
      source: 'engine/rows',
      nextSeq: 5,
      chunks: [
        { seq: 3, from: 0, to: 10, object: chunk },
        { seq: 4, from: 10, to: 12, object: { ...chunk, sha256: 'c2' } },
      ],
      whole: { size: 12, sha256: 'w' },
    },
  },
  sealed: { createdAt: '2026-01-01T00:00:00.000Z', outcome: 'complete' },
};

describe('manifestText', () => {
  it('lists every object with its sum, and the chunks of each file in order', () => {
    expect(JSON.parse(manifestText('r1', sealed))).toEqual({
      version: 1,
      runId: 'r1',
      outcome: 'complete',
      createdAt: '2026-01-01T00:00:00.000Z',
      objects: [
        { key: 'raw/rows/000003.gz', size: 5, sha256: 'c1' },
        { key: 'raw/rows/000004.gz', size: 5, sha256: 'c2' },
        { key: 'run.json', size: 2, sha256: 'r' },
      ],
      files: [
        {
          file: 'raw/rows',
          size: 12,
          sha256: 'w',
          chunks: [
            { key: 'raw/rows/000003.gz', from: 0, to: 10 },
            { key: 'raw/rows/000004.gz', from: 10, to: 12 },
          ],
        },
      ],
    });
  });

  it('is the same text after a restart', () => {
    const restarted: LedgerData = JSON.parse(JSON.stringify(sealed));
    expect(manifestText('r1', restarted)).toBe(manifestText('r1', sealed));
  });

  it('refuses a ledger that is not sealed, or that has an object still to send', () => {
    const { sealed: _, ...open } = sealed;
    expect(() => manifestText('r1', open)).toThrow('not sealed');
    const rows = { source: 'engine/rows', nextSeq: 2, chunks: [{ seq: 1, from: 0, to: 1 }] };
    expect(() => manifestText('r1', { ...sealed, chunked: { rows } })).toThrow('not everything');
  });
});

describe('manifestKey', () => {
  it('takes another name for each further attempt', () => {
    expect([1, 2, 3].map(manifestKey)).toEqual([
      'manifest.json',
      'manifest-2.json',
      'manifest-3.json',
    ]);
  });
});

describe('parseManifest', () => {
  it('reads what manifestText wrote', () => {
    const text = manifestText('r1', sealed);
    expect(parseManifest(text)).toEqual(JSON.parse(text));
  });

  it.each(['raw/../../etc/passwd', '/etc/passwd', 'raw//x', 'raw/\0', 'rows', 'raw'])(
    'refuses the file %j',
    (file) => {
      const manifest = JSON.parse(manifestText('r1', sealed));
      const changed = { ...manifest, files: [{ ...manifest.files[0], file }] };
      expect(() => parseManifest(JSON.stringify(changed))).toThrow(/^files\.0\.file: expected/);
    },
  );
});
