/** Follows `generator.ndjson`, to which the supervisor adds a line every second. */

import { join } from 'node:path';
import type { EngineOutput } from '../../engine/engine.ts';
import { followFile } from '../../engine/follow.ts';
import { generatorFile, parseGeneratorSample } from '../../engine/generator/sample.ts';
import type { Intake } from '../collect.ts';

const longestLine = 65_536;

export async function readGenerator(
  output: EngineOutput,
  collector: Pick<Intake, 'add' | 'addGenerator'>,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  const chunks = followFile({
    path: join(output.dir, generatorFile),
    hasEnded: output.hasEnded,
    ended: output.ended,
    signal,
    chunkBytes: 65_536,
  });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    // A last line that was cut off by a crash does not count.
    rest = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) {
      const sample = parseGeneratorSample(line);
      if (sample !== undefined) collector.addGenerator(sample);
      else
        collector.add({
          type: 'unreadable',
          file: generatorFile,
          count: 1,
          example: line.slice(0, 200),
        });
    }
  }
}
