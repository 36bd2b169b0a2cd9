/** The run folder of a cluster's leader, with what its members' Tsungs would have written. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plan } from '../../src/engine/engine.ts';
import type { ClusterMember } from '../../src/run/cluster-member.ts';
import type { RunFacts, Stage } from '../../src/run/state.ts';
import { calm } from '../unit/results/batches.ts';
import { createRecordWriter } from './records.ts';
import { resolvedRun } from './resolved.ts';

export const startS = 1_700_000_000;
const seconds = 10;

/** Of the whole load. */
const load = {
  plannedUsers: 120,
  plannedDurationMs: seconds * 1_000,
  loadPhases: [{ name: '1', startMs: 0, durationMs: seconds * 1_000, arrivalRate: 12, users: 120 }],
};

/**
 * `durationsUs`: of the requests of each second. `aheadS`: of its clock. `until`: the second in
 * which it was lost.
 */
export type MemberPart = Readonly<{
  instanceId: string;
  share: number;
  durationsUs: readonly number[];
  aheadS?: number;
  until?: number;
}>;

export const parts: readonly MemberPart[] = [
  { instanceId: 'i-0a', share: 0.5, durationsUs: [1_000, 2_000, 3_000, 40_000] },
  { instanceId: 'i-0b', share: 0.25, durationsUs: [1_500, 2_500], aheadS: 7 },
  { instanceId: 'i-0c', share: 0.25, durationsUs: [800_000] },
];

/** Files by their paths in the run folder. */
export function clusterRun(
  members: readonly MemberPart[] = parts,
  state: Partial<RunFacts> | Stage = { phase: 'finished', outcome: { kind: 'complete' } },
): Readonly<Record<string, string | Buffer>> {
  const [leader] = members;
  const run = {
    ...{ version: 1, onager: '1.2.3', runId: 'run-1', phase: 'running', phases: [] },
    ...{ settings: [], problems: [], warnings: [], slo: [] },
    engine: {
      ...{ name: 'tsung', version: '1.7.0', runtime: '25', targets: [], changes: [] },
      sampling: { requests: 'each' },
      ...load,
    },
    cluster: {
      ...{ id: 'r-1', size: members.length, quorum: members.length },
      ...{ self: leader?.instanceId, leader: leader?.instanceId },
      members: members.map(memberOf),
    },
    ...state,
  };
  const plan: Plan = {
    ...{ engine: 'tsung', argv: ['tsung'], env: { TOKEN: 'SECRET' }, cwd: '/', files: [] },
    ...{ targets: [], changes: [], sampling: { requests: 'each' } },
    ...load,
    limits: { durationMs: 60_000, minFreeBytes: 0 },
  };
  return {
    'run.json': JSON.stringify(run),
    'settings.json': '[]',
    'resolved.json': JSON.stringify(resolvedRun()),
    'engine/plan.json': JSON.stringify(plan),
    'logs/agent.log': '{}\n',
    ...Object.fromEntries(
      members.flatMap((member, at) => {
        const folder = at === 0 ? '' : `members/${member.instanceId}/`;
        const own = Object.entries(engineFiles(member)).map(([path, content]) => [
          `${folder}engine/${path}`,
          content,
        ]);
        const others =
          at === 0
            ? []
            : [
                [`${folder}run.json`, '{}'],
                [`${folder}logs/agent.log`, '{}\n'],
              ];
        return [...own, ...others];
      }),
    ),
  };
}

export async function writeRun(
  root: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

function memberOf({ instanceId, share, aheadS = 0, until }: MemberPart, at: number): ClusterMember {
  return {
    ...{ instanceId, launchIndex: at, address: `10.0.0.${at + 1}`, page: '', cpus: 2, share },
    state: until === undefined ? 'ended' : 'lost',
    clockOffsetMs: aheadS * 1_000 + 120,
    ...(until === undefined ? { outcome: 'complete' } : {}),
  };
}

function engineFiles(member: MemberPart): Readonly<Record<string, string | Buffer>> {
  const { share, durationsUs, aheadS = 0, until = seconds + 1 } = member;
  const recordOf = createRecordWriter();
  const told = Array.from({ length: until }, (_, at) => at);
  const users = (at: number): number => (at < seconds ? 12 * share : 0);
  const records = told.map((at) =>
    recordOf(startS + aheadS + at, [{ name: 'GET /', durationsUs }], [], { lateUs: [70, 80] }),
  );
  const log = told.map(
    (at) => `# stats: dump at ${startS + aheadS + at + 1}
stats: users ${users(at)} 12
stats: users_count ${users(at)} ${users(at)}
stats: request ${durationsUs.length} 1 0 1 1 0 0
stats: 200 ${durationsUs.length} 0
`,
  );
  const generator = told.map((at) =>
    JSON.stringify({ ...calm, atMs: (startS + aheadS + at + 1) * 1_000 }),
  );
  const time = (second: number): string => new Date((startS + second) * 1_000).toISOString();
  const exit = { startedAt: time(0), endedAt: time(seconds + 1), reason: 'ended', exitCode: 0 };
  return {
    'onager.records': Buffer.concat(records),
    'tsung/20231114-2213/tsung.log': `${log.join('')}${until > seconds ? 'EndMonitor:{1,2,3}\n' : ''}`,
    'generator.ndjson': `${generator.join('\n')}\n`,
    'host.log': '',
    ...(until > seconds ? { 'exit.json': JSON.stringify(exit) } : {}),
  };
}
