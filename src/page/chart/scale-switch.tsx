/** Switches a chart between a linear and a logarithmic scale. */

import type { JSX } from 'preact';

export function ScaleSwitch({
  logarithmic,
  onChange,
}: {
  logarithmic: boolean;
  onChange: (logarithmic: boolean) => void;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span class="switch" role="group" aria-label="Scale of the response time">
      <button type="button" aria-pressed={!logarithmic} onClick={() => onChange(false)}>
        Linear
      </button>
      <button type="button" aria-pressed={logarithmic} onClick={() => onChange(true)}>
        Log
      </button>
    </span>
  );
}
