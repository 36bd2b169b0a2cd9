/** The fake engine keeps the contract: so the contract's suite can be kept. */

import { describeEngine } from '../../support/engine-contract.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const scenario = (mode: string) => ({ files: { 'fake.txt': mode, 'users.csv': '' } });

describeEngine(fakeEngine, {
  short: async () => scenario('well'),
  long: async () => scenario('polite'),
  broken: [{ why: 'an unknown mode', code: 'ENGINE_UNKNOWN', scenario: scenario('mad') }],
  foreign: [{ 'users.csv': '' }, { 'tsung.xml': '<tsung/>' }],
});
