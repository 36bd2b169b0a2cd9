/** The members of a cluster as a table for terminals: plain text with aligned columns. Pure. */

import { counted, formatInteger } from '../text.ts';
import { aligned, withoutColumns } from './columns.ts';
import type { Summary } from './summary.ts';

const header = ['member', 'requests', 'rate', 'failed', 'CPU max', 'generator', 'load'] as const;
/** What a narrow terminal does without, in this order. */
const dispensable = ['rate', 'CPU max', 'failed', 'requests'] as const;

const maxMembers = 20;

/** Empty where the load comes from one instance. Where not all fit, the worst come first. */
export function membersTable({ members = [], cluster }: Summary, width: number): string[] {
  if (members.length === 0) return [];
  const shown = mostTelling(members).slice(0, maxMembers);
  const known = new Map(cluster?.members.map((member) => [member.instanceId, member]));
  const rows = shown.map(({ instanceId, requests, perSecond, failed, generator }) => {
    const { outcome, state } = known.get(instanceId) ?? {};
    const { cpuMaxPercent: cpu } = generator;
    return [
      instanceId === cluster?.leader ? `${instanceId} (leader)` : instanceId,
      formatInteger(requests),
      `${perSecond.toFixed(1)}/s`,
      formatInteger(failed),
      cpu === undefined ? '–' : `${Math.round(cpu)} %`,
      generator.verdict,
      state === 'lost' || state === 'silent' ? state : (outcome ?? state ?? '–'),
    ];
  });
  const hidden = members.length - shown.length;
  return [
    '',
    ...aligned(withoutColumns([[...header], ...rows], dispensable, width), width),
    ...(hidden === 0 ? [] : [`… and ${counted(hidden, 'more member')}`]),
  ];
}

/** In their rank where all of them are shown. */
function mostTelling(members: NonNullable<Summary['members']>): NonNullable<Summary['members']> {
  if (members.length <= maxMembers) return members;
  const verdicts = ['suspect', 'unknown', 'strained', 'valid'];
  return members.toSorted(
    (a, b) => verdicts.indexOf(a.generator.verdict) - verdicts.indexOf(b.generator.verdict),
  );
}
