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
import { createMembers, type Generators, type MemberPart } from './members/members.ts';
import { createMeasurer, type MeasurerOptions } from './snapshot.ts';

/** Takes what one generator wrote. */
export type Intake = Readonly<{
  add(batch: SampleBatch): void;
  addGenerator(sample: GeneratorSample): void;
  /** The engine has ended and everything has been read: what is unfinished now stays unfinished. */
  end(): void;
}>;

/** `add` and the like are for the only generator there is, and `end` for all of them. */
export type Collector = Intake &
  Readonly<{
    /** For one of several: its place in `members`. */
    of(member: number): Intake;
    /** What has changed since the previous tick, or since `full`, whichever was later. */
    tick(): MeasurementsTick;
    full(): Measurements;
  }>;

/** `members`: of a cluster, in their rank; absent where the load comes from one generator. */
type CollectorOptions = MeasurerOptions & Readonly<{ members?: readonly MemberPart[] | undefined }>;

export function createCollector({ members: parts, ...options }: CollectorOptions): Collector {
  const counts = new Counts(parts?.length);
  const members = parts === undefined ? onlyMember(counts) : createMembers(counts, parts);
  const measurer = createMeasurer(counts, members, options);
  let toldSources = '';

  function of(member: number): Intake {
    return {
      add(batch) {
        switch (batch.type) {
          case 'samples':
            counts.addSamples(batch, member);
            break;
          case 'totals':
            addTotals(counts, batch, member);
            break;
          case 'interval':
            counts.addInterval(batch, member);
            break;
          case 'unreadable':
            counts.addUnreadable(batch);
            break;
          default:
            batch satisfies never;
        }
        members.add(batch, member);
      },
      addGenerator(sample) {
        members.addGenerator(sample, member);
        if (counts.time.admitsOrLearns(sample.atMs)) counts.series.addGenerator(sample, member);
      },
      end() {
        members.end(member);
        counts.series.end(member);
      },
    };
  }

  return {
    ...of(0),
    of,
    end() {
      for (let member = 0; member < counts.members; member++) of(member).end();
      counts.isOver = true;
    },
    tick() {
      counts.series.settle();
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
      counts.series.settle();
      const { axis } = counts.series;
      toldSources = measurer.sources();
      axis.changedFrom = measurer.steps().known;
      return { ...measurer.measure('with-series'), series: measurer.series(0) };
    },
  };
}

/** What is counted of the only generator is counted of the whole. */
function onlyMember(counts: Counts): Generators {
  const generator = new GeneratorWatch();
  const addDelay = createLoadDelay(counts.load.samples, counts.time, (startMs, delay) => {
    generator.addDelay(delay);
    counts.series.addDelay(startMs, delay);
  });
  return {
    add(batch) {
      if (batch.type === 'totals') addDelay(batch);
      if (batch.type === 'interval') generator.addInterval(batch);
    },
    addGenerator: (sample) => generator.add(sample),
    end() {},
    health: (facts) => ({ generator: generator.health(facts) }),
  };
}
