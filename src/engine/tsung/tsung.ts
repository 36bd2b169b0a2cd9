/** Tsung as an engine. */

import { writeWhole } from '../../files.ts';
import type { Engine } from '../engine.ts';
import { checkScenario } from './check.ts';
import { erlangRelease, findInstall } from './install.ts';
import { makeNativeReport } from './native-report.ts';
import { outcomeOf } from './outcome.ts';
import { createPlan, stopFileOf } from './plan.ts';
import { readOutput } from './read.ts';
import { createResolve, resolveBySystem } from './resolve.ts';
import { parseRunNotes, runNotesFile } from './run-notes.ts';
import { createStalled } from './stalled.ts';

export const tsung: Engine = {
  name: 'tsung',

  detect(files) {
    const scenarios = files.filter((file) => file.toLowerCase().endsWith('.xml'));
    const usual = scenarios.find((file) => file === 'tsung.xml');
    if (usual !== undefined) return usual;
    // Included files lie in folders more often than the entry does.
    const atTop = scenarios.filter((file) => !file.includes('/'));
    const candidates = atTop.length > 0 ? atTop : scenarios;
    return candidates.length === 1 ? candidates[0] : undefined;
  },

  async check(scenario, signal, patience) {
    const install = await findInstall();
    const resolve = createResolve(resolveBySystem, patience);
    return await checkScenario({ install, scenario, resolve, signal });
  },

  async plan(scenario, host, limits) {
    return await createPlan(await findInstall(), scenario, host, limits);
  },

  async version() {
    const install = await findInstall();
    return { engine: install.version, runtime: await erlangRelease(install) };
  },

  async requestStop(plan, _signal, why) {
    const file = stopFileOf(plan);
    if (file !== undefined) await writeWhole(file, why);
  },

  stalled: createStalled,

  read: (output, signal) => readOutput(output, signal),

  sampling(plan) {
    const notes = plan.files.find(({ path }) => path === runNotesFile);
    const requests = notes === undefined ? 'each' : parseRunNotes(notes.content).requests;
    const note = {
      each: undefined,
      overall:
        'not every session speaks HTTP: Tsung gives the duration of every request, but not by name',
      intervals: 'samples are switched off: Tsung gives counts and means a second, no percentiles',
    }[requests];
    return { requests, ...(note === undefined ? {} : { note }) };
  },

  outcome: outcomeOf,

  async nativeReport(output, into, signal) {
    return await makeNativeReport(await findInstall(), output, into, signal);
  },
};
