/** The small pages that are shown before, or instead of, the page: plain HTML without a script. */

const style = `<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 30rem; margin: 20vh auto 0; padding: 0 1rem; }
input, button { font: inherit; padding: .5rem .75rem; box-sizing: border-box; }
input { width: 100%; margin: .25rem 0 1rem; }
</style>`;

export function keyPage({ note = '' }: { note?: string } = {}): string {
  return page(
    'Key',
    `<form method="post" action="/key">
<h1>Key, please</h1>
<p role="alert">${escapeHtml(note)}</p>
<label for="key">It is the id of the instance (i-…), unless another was set at launch.</label>
<input id="key" name="key" type="password" autocomplete="current-password" maxlength="512" required autofocus>
<button>Continue</button>
</form>`,
  );
}

/** Comes back by itself. */
export const waitingPage: string = page(
  'Waiting',
  '<h1>Waiting</h1><p>Waiting for the instance metadata service, which knows who may see this page.</p>',
  '<meta http-equiv="refresh" content="2">',
);

export function messagePage(title: string, message: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>`);
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Onager</title>${head}${style}</head>
<body><main>${body}</main></body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
