/** Two very different engines keep the contract, so its suite does not ask for the impossible. */

import { describeEngine } from '../../support/engine-contract.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { scriptEngine } from '../../support/script-engine.ts';

const scenario = (mode: string) => ({ files: { 'fake.txt': mode, 'users.csv': '' } });

describeEngine(fakeEngine, {
  short: async () => scenario('well'),
  long: async () => scenario('polite'),
  broken: [{ why: 'an unknown mode', code: 'ENGINE_UNKNOWN', scenario: scenario('mad') }],
  foreign: [{ 'users.csv': '' }, { 'tsung.xml': '<tsung/>' }],
});

const script = (text: string) => ({ files: { 'load.script': text, 'part.script': 'a part' } });

describeEngine(scriptEngine, {
  short: async () => script('#script requests=20'),
  long: async () => script('#script requests=100000'),
  broken: [{ why: 'no number of requests', scenario: script('#script') }],
  foreign: [{ 'part.script': 'a part' }, { 'tsung.xml': '<tsung/>' }],
  verdict: { ok: false, message: 'p95 < 5 ms' },
});
