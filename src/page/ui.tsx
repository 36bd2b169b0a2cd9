/**
 * The smallest components: untrusted text, times, numbers with their exact value, icons,
 * commands to copy.
 */

import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeUnseen } from '../text.ts';
import { day, type Figure, type Format, utc } from './format.ts';

/**
 * Untrusted text on one line, cut with an ellipsis; it cannot reorder or hide its surroundings.
 */
export function Name({ text, max = 300 }: { text: string; max?: number }): JSX.Element {
  const shown = escapeUnseen(text, max);
  return (
    <bdi class="name" title={shown.length > 24 ? escapeUnseen(text, 1_000) : undefined}>
      {shown.trim() === '' ? '(blank)' : shown}
    </bdi>
  );
}

/** Untrusted text that may take several lines. */
export function Prose({ text }: { text: string }): JSX.Element {
  return <bdi class="prose">{escapeUnseen(text, 2_000)}</bdi>;
}

/** A time in the viewer's zone, which the page names once. */
export function Time({
  at,
  format = day,
}: {
  at: string | number | undefined;
  format?: (ms: number) => string;
}): JSX.Element {
  const ms = typeof at === 'string' ? Date.parse(at) : (at ?? Number.NaN);
  if (!Number.isFinite(ms)) return <>–</>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={utc(ms)}>
      {format(ms)}
    </time>
  );
}

/** A number as people read it, with the exact value in the markup. */
export function Value({ value, format }: { value: Figure; format: Format }): JSX.Element {
  if (value == null) return <span class="none">{format(value)}</span>;
  return (
    <data value={String(value)} title={String(value)}>
      {format(value)}
    </data>
  );
}

export function Section({
  id,
  title,
  aside,
  children,
}: {
  id: string;
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <header class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** A table that may be wider than the screen; the keyboard can scroll it. */
export function Scroller({
  label,
  children,
}: {
  label: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table panel" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

const drawings = {
  pass: 'M4 8.5l2.7 2.7L12 5.5',
  fail: 'M5 5l6 6M11 5l-6 6',
  warn: 'M8 4.2v4.6M8 11.4v.2',
  busy: 'M8 4.5V8l2.4 1.6',
  calm: 'M5 8h6',
};

type IconName = keyof typeof drawings;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <circle cx="8" cy="8" r="7.25" />
      <path d={drawings[name]} />
    </svg>
  );
}

export function Command({ text }: { text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  return (
    <div class="command">
      <pre>
        <code>{text}</code>
      </pre>
      <button
        type="button"
        onClick={(event) => {
          copy(text, event.currentTarget.parentElement?.querySelector('code'));
          setCopied(true);
        }}
      >
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

/** The clipboard API exists only on https; selecting and copying works everywhere. */
function copy(text: string, element: Element | null | undefined): void {
  if (navigator.clipboard !== undefined) {
    navigator.clipboard.writeText(text).catch(() => undefined);
    return;
  }
  const selection = getSelection();
  if (selection === null || element == null) return;
  selection.selectAllChildren(element);
  document.execCommand('copy');
}
