/** Starts the page: from the data in the file, or live from the instance that serves it. */

import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/bar.css';
import './styles/head.css';
import './styles/warnings.css';
import './styles/numbers.css';
import './styles/charts.css';
import './styles/distribution.css';
import './styles/tables.css';
import './styles/members.css';
import './styles/details.css';
import './styles/dialog.css';
import './styles/small.css';
import './styles/print.css';
import type { Summary } from '../report/summary.ts';
import { applyTick } from '../results/tick.ts';
import { App, type AppProps } from './app.tsx';
import { follow } from './live.ts';
import { readEmbedded } from './page-data.ts';

const root = document.getElementById('app');
const text = document.getElementById('onager-data')?.textContent;
addEventListener('beforeprint', () => {
  document.documentElement.dataset['theme'] = 'paper';
});
addEventListener('afterprint', () => {
  delete document.documentElement.dataset['theme'];
});
if (root !== null && text != null) start(root, text);

/** At once: whoever prints the page does so as soon as it is loaded. */
function start(element: HTMLElement, embedded: string): void {
  const data = readEmbedded(embedded);
  if (data === undefined) live(element);
  else render(<App data={data} />, element);
}

function live(element: HTMLElement): void {
  let props: AppProps = { data: undefined, connection: { state: 'connecting' }, fetchFull };
  let skews: readonly number[] = [];
  const show = (change: Partial<AppProps>): void => {
    props = { ...props, ...change };
    render(<App {...props} />, element);
  };
  show({});
  follow({
    run: (run) => show({ data: { ...props.data, run } }),
    summary: (summary) => {
      // Only the final summary can be old; the others are created when they are sent.
      const skew = Date.now() - Date.parse(summary.generatedAt);
      if (!summary.final) skews = [...skews.slice(-5), skew];
      if (props.data === undefined) return;
      show({ data: { ...props.data, summary }, skewMs: skewOf(skews) });
    },
    tick: (tick) => {
      const known = props.data?.summary;
      if (props.data === undefined || known === undefined) return;
      show({ data: { ...props.data, summary: { ...known, ...applyTick(known, tick) } } });
    },
    connection: (connection) => show({ connection }),
    locked: () => location.reload(),
  });
}

/** A summary is some seconds old when it arrives; only a larger difference is a wrong clock. */
function skewOf(skews: readonly number[]): number {
  const least = skews.length === 0 ? 0 : Math.min(...skews);
  return Math.abs(least) < 15_000 ? 0 : least;
}

async function fetchFull(): Promise<Summary> {
  const response = await fetch('/api/summary', { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return await response.json();
}
