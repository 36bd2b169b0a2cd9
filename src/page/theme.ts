/** The current colours, for parts that the style sheet cannot reach. */

/** The same as in the style sheet; a canvas does not inherit it. */
export const fontFamily =
  'Inter, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

/** Called when the colours change: dark, light, paper. Returns how to stop. */
export function onThemeChange(redraw: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  const root = new MutationObserver(redraw);
  root.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    dark.removeEventListener('change', redraw);
    root.disconnect();
  };
}

export function isOnPaper(): boolean {
  return document.documentElement.dataset['theme'] === 'paper';
}

/** The value of a CSS variable. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
