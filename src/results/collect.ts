/**
 * Collects the samples, totals and intervals read from an engine's output, and gives the
 * measurements so far at any moment.
 */

import type { GeneratorSample } from '../engine/generator/sample.ts';
import type { SampleBatch } from '../engine/samples.ts';
import { Counts } from './counting/counts.ts';
import { addTotals } from './counting/totals.ts';
import { GeneratorWatch } from './generator/health.ts';
import { createLoadDelay } from './generator/load-delay.ts';
import type { Measurements, MeasurementsTick } from './measurements.ts';
import { createMeasurer, type MeasurerOptions } from './snapshot.ts';

export type Collector = Readonly<{
  add(batch: SampleBatch): void;
  addGenerator(sample: GeneratorSample): void;
  /** The engine has ended and everything has been read: what is unfinished now stays unfinished. */
  end(): void;
  /** What has changed since the previous tick, or since `full`, whichever was later. */
  tick(): MeasurementsTick;
  full(): Measurements;
}>;

export function createCollector(options: MeasurerOptions): Collector {
  const counts = new Counts();
  const generator = new GeneratorWatch();
  const addDelay = createLoadDelay(counts, generator);
  const measurer = createMeasurer(counts, generator, options);
  let toldSources = '';

  return {
    add(batch) {
      switch (batch.type) {
        case 'samples':
          counts.addSamples(batch);
          break;
        case 'totals':
          addTotals(counts, batch);
          addDelay(batch);
          break;
        case 'interval':
          generator.addInterval(batch);
          counts.addInterval(batch);
          break;
        case 'unreadable':
          counts.addUnreadable(batch);
          break;
        default:
          batch satisfies never;
      }
    },
    addGenerator(sample) {
      generator.add(sample);
      if (counts.time.admitsOrLearns(sample.atMs)) counts.series.addGenerator(sample);
    },
    end() {
      counts.isOver = true;
    },
    tick() {
      const { axis } = counts.series;
      const sources = measurer.sources();
      const steps = measurer.steps();
      const seriesFrom = sources === toldSources ? Math.min(axis.changedFrom, steps.all) : 0;
      toldSources = sources;
      axis.changedFrom = steps.known;
      return {
        ...measurer.measure('without-series'),
        seriesFrom,
        series: measurer.series(seriesFrom),
      };
    },
    full() {
      const { axis } = counts.series;
      toldSources = measurer.sources();
      axis.changedFrom = measurer.steps().known;
      return { ...measurer.measure('with-series'), series: measurer.series(0) };
    },
  };
}
