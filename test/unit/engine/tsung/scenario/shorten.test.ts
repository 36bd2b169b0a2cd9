/** A shorter or weaker load for a trial, of loads as authors write them. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProblems } from '../../../../../src/engine/tsung/check/load.ts';
import { readLoad, sessionNamesOf } from '../../../../../src/engine/tsung/scenario/load.ts';
import { prepare } from '../../../../../src/engine/tsung/scenario/prepare.ts';
import { rewrite } from '../../../../../src/engine/tsung/scenario/rewrite.ts';
import { shortened } from '../../../../../src/engine/tsung/scenario/shorten.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';
import type { LoadOverride } from '../../../../../src/settings/settings.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const dtd = '/usr/share/tsung/tsung-1.0.dtd';

async function trialOf(load: string, override: LoadOverride) {
  const dir = await temporaryFolder('shorten');
  const text = `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung><clients><client host="a"/></clients><servers><server host="s" port="80" type="tcp"/></servers>
${load}
<sessions>
<session name="buy" probability="60" type="ts_http"><request><http url="/"/></request></session>
<session name="look" probability="40" type="ts_http"><request><http url="/"/></request></session>
</sessions></tsung>`;
  await writeFile(join(dir, 'tsung.xml'), text);
  const prepared = await prepare({ dir, files: ['tsung.xml'], entry: 'tsung.xml', vars: {} }, dtd);
  expect(prepared.problems).toEqual([]);
  const trial = shortened(prepared, override);
  const element = trial.root.children.find(({ name }) => name === 'load') ?? parseTree('');
  const { text: fired } = rewrite({
    prepared: trial,
    machine: { memoryBytes: 2 ** 31, samples: true, names: 'template' },
    dtd,
  });
  return {
    prepared,
    trial,
    read: readLoad(element, sessionNamesOf(trial.root)),
    fired,
    load: fired.slice(fired.indexOf('<load'), fired.indexOf('</load>')),
    told: trial.warnings.map(({ code, message }) => `${code} ${message}`),
  };
}

const phase = (number: number, duration: string, users: string): string =>
  `<arrivalphase phase="${number}" ${duration}><users ${users}/></arrivalphase>`;

describe('a duration', () => {
  it('ends the load in the middle of a phase, and drops the later ones', async () => {
    const { read, told } = await trialOf(
      `<load>
${phase(1, 'duration="20" unit="second"', 'arrivalrate="2" unit="second"')}
${phase(2, 'duration="1" unit="minute"', 'interarrival="0.5" unit="second"')}
${phase(3, 'duration="1" unit="hour"', 'arrivalrate="600" unit="minute"')}
</load>`,
      { durationMs: 30_000 },
    );
    expect(read).toEqual({
      phases: [
        { name: '1', startMs: 0, durationMs: 20_000, arrivalRate: 2, users: 40 },
        { name: '2', startMs: 20_000, durationMs: 10_000, arrivalRate: 2, users: 20 },
      ],
      durationMs: 30_000,
      cutMs: 30_000,
      users: 60,
    });
    expect(told).toEqual([
      'LOAD_SHORTENED shortened trial: 60 users in 30 s, at most 2 new users a second, ended after 30 s; the scenario plans 36,160 users in 3680 s, at most 10 new users a second',
    ]);
  });

  it('ends a loop, and does not start users whose time comes later', async () => {
    const { read } = await trialOf(
      `<load loop="1000">
${phase(1, 'duration="10" unit="second"', 'arrivalrate="1" unit="second"')}
<user session="buy" start_time="5" unit="second"/>
<user session="look" start_time="1" unit="minute"/>
</load>`,
      { durationMs: 25_000 },
    );
    expect(read.phases.map(({ durationMs }) => durationMs)).toEqual([10_000, 10_000, 5_000]);
    expect(read).toMatchObject({ durationMs: 25_000, users: 26 });
  });

  it("gives way to the scenario's own end where that comes first", async () => {
    const load = `<load duration="1" unit="minute">${phase(1, 'duration="1" unit="hour"', 'arrivalrate="1" unit="second"')}</load>`;
    expect((await trialOf(load, { durationMs: 90_000 })).told).toEqual([]);
    const { read, told } = await trialOf(load, { durationMs: 59_000 });
    expect(read).toMatchObject({ cutMs: 59_000, users: 59 });
    expect(told).toHaveLength(1);
  });

  it.each(['minute', 'hour'])(
    'is in seconds whatever the unit of the load was: %s',
    async (unit) => {
      const { read } = await trialOf(
        `<load unit="${unit}" duration="2">${phase(1, 'duration="9" unit="hour"', 'arrivalrate="1" unit="second"')}</load>`,
        { durationMs: 30_000 },
      );
      expect(read.cutMs).toBe(30_000);
    },
  );
});

describe('a scale', () => {
  it('lowers rates, gaps and numbers of users, in any unit', async () => {
    const { read, load } = await trialOf(
      `<load>
${phase(1, 'duration="10" unit="second"', 'arrivalrate="20" unit="second"')}
${phase(2, 'duration="1" unit="minute"', 'interarrival="0.05" unit="second"')}
${phase(3, 'duration="1" unit="hour"', 'arrivalrate="6000" unit="hour" maxnumber="100"')}
${phase(4, 'duration="10" unit="second"', 'maxnumber="1" arrivalrate="1.0e2" unit="second"')}
</load>`,
      { scale: 0.1 },
    );
    expect(read.phases.map(({ arrivalRate }) => arrivalRate)).toEqual([
      2,
      2,
      expect.closeTo(1 / 6, 9),
      10,
    ]);
    expect(read.phases.map(({ users }) => users)).toEqual([20, 120, 10, 1]);
    expect(read.phases.map(({ durationMs }) => durationMs)).toEqual([
      10_000, 60_000, 3_600_000, 10_000,
    ]);
    expect(load).toContain('maxnumber="10"');
    expect(load).toContain('maxnumber="1"');
    expect(load).not.toMatch(/e[-+]\d/);
  });

  it('leaves users alone that are started one by one, and says so', async () => {
    const users = '<user session="buy" start_time="5" unit="second"/>'.repeat(3);
    const { read, told } = await trialOf(`<load>${users}</load>`, { scale: 0.01 });
    expect(read.users).toBe(3);
    expect(told).toEqual([
      'LOAD_UNSCALED load.scale of 1% does not make fewer of what 3 <user> elements start',
    ]);
  });

  it('may leave no user, which is told as a problem', async () => {
    const { trial } = await trialOf(
      `<load>${phase(1, 'duration="10" unit="second"', 'arrivalrate="1" unit="second"')}</load>`,
      { scale: 0.001 },
    );
    expect(loadProblems(trial.root, trial.where)).toMatchObject([
      { code: 'TSUNG_LOAD', message: 'the load of 10 s has no users' },
    ]);
  });

  it.each(['abc', '-1', '.5', '1e3', ''])(
    'leaves the wrong rate %j to be told as that',
    async (rate) => {
      const { trial } = await trialOf(
        `<load>\n${phase(1, 'duration="10" unit="second"', `arrivalrate="${rate}" unit="second"`)}</load>`,
        { scale: 0.5, durationMs: 5_000 },
      );
      expect(loadProblems(trial.root, trial.where)).toMatchObject([
        { message: `arrival phase "1" has the invalid rate "${rate}"`, where: 'tsung.xml:5' },
      ]);
    },
  );
});

it('both, of a load over several lines: every place stays where it was written', async () => {
  const { prepared, trial, fired } = await trialOf(
    `<load
  loop="2"
  >
  <arrivalphase
    phase="1" duration="40"
    unit="second">
    <users
      unit="second" maxnumber="90"
      arrivalrate="5"/></arrivalphase>
</load>`,
    { durationMs: 30_000, scale: 0.2 },
  );
  const placeOf = ({ root, where }: typeof trial): string =>
    where(root.children.find(({ name }) => name === 'sessions')?.start ?? 0);
  expect(placeOf(trial)).toBe(placeOf(prepared));
  expect(fired.split('\n')).toHaveLength(prepared.text.split('\n').length);
  expect(fired).toMatch(/unit="second" maxnumber="18"\s+arrivalrate="1\.000000000"/);
  expect(trial.warnings).toHaveLength(1);
});

it('of nothing asked for is the scenario as it is', async () => {
  const load = `<load>${phase(1, 'duration="10" unit="second"', 'arrivalrate="1" unit="second"')}</load>`;
  const { prepared, trial } = await trialOf(load, {});
  expect(trial).toBe(prepared);
});

describe('a scale beyond all use', () => {
  it('of a very low rate is a number as Erlang reads it, and above 0', async () => {
    const { load, read, trial } = await trialOf(
      `<load>${phase(1, 'duration="100000" unit="hour"', 'arrivalrate="0.000002" unit="second"')}${phase(2, 'duration="100000" unit="hour"', 'interarrival="1.0e15" unit="hour"')}</load>`,
      { scale: 0.0001 },
    );
    expect(load).toContain('arrivalrate="2.000000000e-10"');
    expect(load).toMatch(/interarrival="1\.0{9}e\+19"/);
    expect(read.phases[0]?.arrivalRate).toBeCloseTo(2e-10, 15);
    expect(loadProblems(trial.root, () => '').map(({ message }) => message)).toEqual([
      'the load of 720000000 s has no users',
    ]);
  });
});
