/**
 * Takes secrets out of text that others will see: signed URLs, credentials in URLs, values with
 * telling names.
 */

export const redacted = '[redacted]';

const urls = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'<>`]+/gi;

/** The text with the secret parts of every URL in it replaced. */
export function redactText(text: string): string {
  return text.replace(urls, redactUrl);
}

/** The URL without its user and password, its query and its fragment: each of them can be a key. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${redacted}@`)
    .replace(/^([^?#]*[?#]).+$/s, `$1${redacted}`);
}

/** Whether a variable of this name is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  return /pass|pwd|secret|token|key|credential|auth|cookie|session/i.test(name);
}

/** Shorter values stand in any text, by chance. */
const shortestSecret = 3;

/** The text with the values of variables that are likely to be secret replaced by their names. */
export function redactValues(text: string, vars: Readonly<Record<string, string>>): string {
  return Object.entries(vars)
    .filter(([name]) => isSecretName(name))
    .flatMap(([name, value]) => formsOf(value).map((form) => ({ name, form })))
    .filter(({ form }) => form.length >= shortestSecret)
    .sort((a, b) => b.form.length - a.form.length)
    .reduce(
      (left, { name, form }) =>
        withoutCut(
          left.replaceAll(form, () => `\${${name}}`),
          name,
          form,
        ),
      text,
    );
}

/** How a message may show a value: as it is, on one line, and each of these in quotes. */
function formsOf(value: string): readonly string[] {
  const line = value.trim().split(/\s+/).join(' ');
  const forms = [value, value.trim(), line];
  return [...new Set([...forms, ...forms.map((form) => JSON.stringify(form).slice(1, -1))])];
}

/** Without the beginnings of a value that are cut off by an ellipsis. */
function withoutCut(text: string, name: string, value: string): string {
  const [last = '', ...before] = text.split('…').reverse();
  const shown = before.map((part) => {
    for (let length = Math.min(part.length, value.length); length >= shortestSecret; length--)
      if (part.endsWith(value.slice(0, length))) return `${part.slice(0, -length)}\${${name}}`;
    return part;
  });
  return [...shown.reverse(), last].join('…');
}
