/** Which names of files one member takes from another. */
import { expect, it } from 'vitest';
import { isMemberFile } from '../../../../src/cluster/following/member-file.ts';

it.each([
  'run.json',
  'settings.json',
  'engine/onager.records',
  'engine/tsung/20261130-1614/tsung.log',
  'engine/..log',
  'logs/agent.log',
])('takes %s', (path) => expect(isMemberFile(path)).toBe(true));

it.each([
  '',
  'engine',
  'engine/',
  'engine//x',
  'engine/./x',
  'engine/../run.json',
  'logs/../../other/run.json',
  '/etc/passwd',
  '../run.json',
  'run.json/x',
  'cluster/membership.json',
  'resolved.json',
  'scenario.zip',
  'engine/a\0b',
  `engine/${'x'.repeat(800)}`,
])('refuses %j', (path) => expect(isMemberFile(path)).toBe(false));
