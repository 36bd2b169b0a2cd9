/** Which files of a run folder are published, and under which names. */

import { describe, expect, it } from 'vitest';
import { publishable } from '../../../../src/publish/run-folder/publishable.ts';

describe('publishable', () => {
  it.each([
    ['run.json', 'run.json', 'state'],
    ['settings.json', 'settings.json', 'state'],
    ['scenario.zip', 'scenario.zip', 'whole'],
    ['report/summary.json', 'summary.json', 'state'],
    ['report/report.html', 'report.html', 'whole'],
    ['report/junit.xml', 'junit.xml', 'whole'],
    ['report/native/report.html', 'report/native/report.html', 'whole'],
    ['report/native/gnuplot/a.png', 'report/native/gnuplot/a.png', 'whole'],
    ['logs/agent.log', 'logs/agent.log', 'whole'],
    ['engine/stdout.log', 'logs/engine-stdout.log', 'whole'],
    ['engine/stderr.log', 'logs/engine-stderr.log', 'whole'],
    ['engine/host.log', 'logs/engine-host.log', 'whole'],
    ['engine/exit.json', 'raw/exit.json', 'grown'],
    ['engine/generator.ndjson', 'raw/generator.ndjson', 'grown'],
    ['engine/log/20261122-2210/tsung.dump', 'raw/log/20261122-2210/tsung.dump', 'grown'],
    ['members/i-0b/run.json', 'members/i-0b/run.json', 'whole'],
    ['members/i-0b/settings.json', 'members/i-0b/settings.json', 'whole'],
    ['members/i-0b/logs/agent.log', 'members/i-0b/logs/agent.log', 'whole'],
    ['members/i-0b/engine/host.log', 'members/i-0b/logs/engine-host.log', 'whole'],
    ['members/i-0b/engine/onager.records', 'members/i-0b/raw/onager.records', 'grown'],
    ['members/i-0b/engine/tsung/2026/tsung.log', 'members/i-0b/raw/tsung/2026/tsung.log', 'grown'],
  ])('publishes %s as %s', (source, key, as) => {
    expect(publishable(source)).toEqual({ source, key, as });
  });

  it.each([
    'user-data',
    'publish.json',
    'scenario/users.csv',
    'results/series.json',
    'engine/plan.json',
    'engine/fired.json',
    'engine/withdrawn.json',
    'engine/engine.json',
    'engine/stop',
    'engine/.erlang.cookie',
    'engine/home/.erlang.cookie',
    'engine/home/notes.txt',
    'engine/tsung/home/x',
    'engine/.tsung/log/x',
    'engine/exit.json.0a1b2c.tmp',
    'report/summary.json.0a1b2c.tmp',
    'report/other.html',
    'run.json.0a1b2c.tmp',
    'members',
    'members/run.json',
    'members/i-0b',
    'members/i-0b/engine',
    'members/i-0b/engine/plan.json',
    'members/i-0b/engine/home/.erlang.cookie',
    'members/i-0b/engine/.tsung/x',
    'members/i-0b/logs/engine-host.log',
    'members/i-0b/logs/agent.log.0a1b2c.tmp',
    'members/i-0b/user-data',
    'members/i-0b/scenario.zip',
    'members/i-0b/resolved.json',
    'members/i-0b/report/summary.json',
    'members/i-0b/report/native/report.html',
    'members/i-0b/cluster/vote.json',
    'members/i-0b/members/i-0c/run.json',
    'members/../engine/exit.json',
    'members/i 0b/run.json',
    `members/${'i'.repeat(65)}/run.json`,
    'logs',
    'engine',
    '',
  ])('keeps %s on the instance', (source) => {
    expect(publishable(source)).toBeUndefined();
  });
});
