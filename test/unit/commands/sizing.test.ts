/** How many instances a planned peak takes. */
import { expect, it } from 'vitest';
import { sizingLine, sizingOf } from '../../../src/commands/sizing.ts';

const capacity = {
  requestsPerSecond: 5_000,
  date: '2026-11-30',
  cpu: 'A Processor',
  engine: 'tsung 1.7.0',
  runtime: 'Erlang/OTP 25',
};

it('leaves each core idle for two fifths of the time', () => {
  const sizing = sizingOf({ usersPerSecond: 1_200, requestsPerSecond: 60_001 }, capacity);
  expect(sizing).toMatchObject({
    cores: 21,
    instances: [
      { type: 'c7i.large', count: 11 },
      { type: 'c7i.xlarge', count: 6 },
      { type: 'c7i.4xlarge', count: 2 },
    ],
  });
});

it('says what it reckons with', () => {
  const sizing = sizingOf({ usersPerSecond: 0.5, requestsPerSecond: 12.4 }, capacity);
  expect(sizing && sizingLine(sizing)).toBe(
    'up to 12 requests/s (0.5 users/s): about 1 core: 1 x c7i.large (one core fired 5,000/s on A Processor, small HTTP answers, no TLS: yours differ)',
  );
});

it('says where it is not known', () => {
  const sizing = sizingOf({ unknown: 'it repeats requests' }, capacity);
  expect(sizing && sizingLine(sizing)).toBe(
    'how many instances it takes is not known: it repeats requests',
  );
  expect(sizingOf(undefined, capacity)).toBe(null);
});
