/** The title of the browser's tab: the state of the run at a glance. */

import { useEffect } from 'preact/hooks';
import { partOf, partText } from '../run/cluster-part.ts';
import { escapeUnseen } from '../text.ts';
import { elapsed } from './format.ts';
import type { PageData } from './page-data.ts';
import { headlineOf } from './status/verdict.ts';

const signs = { pass: '✓ ', fail: '✗ ', warn: '! ', busy: '', calm: '' };

export function useTitle(data: PageData | undefined, nowMs: number): void {
  const title = titleOf(data, nowMs);
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function titleOf(data: PageData | undefined, nowMs: number): string {
  if (data === undefined) return 'Onager';
  const { run, summary } = data;
  const { tone, title } = headlineOf(run, summary);
  const part = partOf(run.cluster);
  const of = part === undefined ? '' : ` (${partText(part)})`;
  const name = run.scenario === undefined ? '' : `${escapeUnseen(run.scenario.name, 60)}${of} · `;
  const startedMs = summary?.loadStartedMs;
  const at =
    run.phase === 'running' && startedMs !== undefined ? `${elapsed(nowMs - startedMs)} ` : '';
  return `${signs[tone]}${at}${name}${title} · Onager`;
}
