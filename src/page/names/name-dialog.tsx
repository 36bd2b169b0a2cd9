/** One name on its own: its figures, its values over time, its status codes. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import type { NameSeries, NameStats } from '../../results/measurements.ts';
import { escapeUnseen } from '../../text.ts';
import { Dialog } from '../dialog.tsx';
import { Name } from '../ui.tsx';
import { NameCourses } from './name-courses.tsx';
import { NameFigures } from './name-figures.tsx';

type Props = Readonly<{
  stats: NameStats;
  summary: Summary;
  fetchFull: (() => Promise<Summary>) | undefined;
  onClose: () => void;
}>;

export function NameDialog({ stats, summary, fetchFull, onClose }: Props): JSX.Element {
  const series = useSeries(stats, fetchFull);
  return (
    <Dialog label={`Figures of ${escapeUnseen(stats.name, 80)}`} onClose={onClose}>
      <header class="dialog-head">
        <div>
          <p class="unit">{stats.kind}</p>
          <h2>
            <Name text={stats.name} max={400} />
          </h2>
        </div>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <NameFigures stats={stats} />
      {series === undefined ? (
        <p class="empty">Its values over time are not available yet.</p>
      ) : (
        <NameCourses stats={stats} series={series} summary={summary} />
      )}
    </Dialog>
  );
}

/**
 * A live page's ticks leave out the series of each name; the dialog asks for them while it is open.
 */
function useSeries(stats: NameStats, fetchFull: Props['fetchFull']): NameSeries | undefined {
  const [fetched, setFetched] = useState<NameSeries>();
  const { name, kind } = stats;
  useEffect(() => {
    if (fetchFull === undefined) return;
    const refresh = (): void => {
      fetchFull().then(
        ({ names }) =>
          setFetched(names.find((each) => each.name === name && each.kind === kind)?.series),
        () => undefined,
      );
    };
    refresh();
    const timer = setInterval(refresh, 5_000);
    return () => clearInterval(timer);
  }, [name, kind, fetchFull]);
  return fetched ?? stats.series;
}
