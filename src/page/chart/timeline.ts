/** The data of charts: lines over one time axis, which several charts share. */

import type { LoadPhase } from '../../engine/engine.ts';
import type { Format } from '../format.ts';

export type Column = readonly (number | null)[];
export type Zoom = readonly [number, number] | undefined;

/**
 * `color`: name of a CSS variable. `right`: measured on the right axis. `limit`: the line is one
 * that a rule sets, and where the rule stands.
 */
export type ChartLine = Readonly<{
  label: string;
  color: string;
  values: Column;
  format: Format;
  right?: boolean;
  dashed?: boolean;
  filled?: boolean;
  hidden?: boolean;
  limit?: 'kept' | 'missed' | 'open';
}>;

/**
 * What all charts of one time axis share. `originMs`: the load's start; `relative`: the axis counts
 * from there.
 */
export type ChartTimeline = Readonly<{
  key: string;
  times: readonly number[];
  originMs: number;
  relative: boolean;
  loadPhases: readonly LoadPhase[];
  zoom: Zoom;
  onZoom: (zoom: Zoom) => void;
}>;

export type ChartProps = Readonly<{
  title: string;
  unit: string;
  rightUnit?: string;
  lines: readonly ChartLine[];
  timeline: ChartTimeline;
  logarithmic?: boolean;
  max?: number;
  phaseNames?: boolean;
}>;
