/** The current colours, for parts that the style sheet cannot reach. */

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

/** The value of a CSS variable. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
