/** The small pages shown before, or instead of, the page: plain HTML without scripts. */

// The colours of the page itself: src/page/styles/tokens.css.
const style = `<style>
:root {
  color-scheme: light dark;
  --bg: #f7f7f8; --panel: #fff; --line: #e4e5e9; --field: #7c8290; --text: #16181d; --muted: #5b616e;
  --accent: #3552cc; --on-accent: #fff; --bad: #bd2418; --bad-bg: #fdeeec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0d0e11; --panel: #15171b; --line: #272a31; --field: #7d8492; --text: #eceef2; --muted: #9ba2af;
    --accent: #93a8ff; --on-accent: #10131c; --bad: #ff8b80; --bad-bg: #321a19;
  }
}
* { box-sizing: border-box; }
body {
  min-height: 100vh; margin: 0; padding: 14vh 16px 48px; background: var(--bg); color: var(--text);
  font: 15px/1.5 Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans",
    "Liberation Sans", Arial, sans-serif;
  -webkit-font-smoothing: antialiased;
}
main { max-width: 420px; margin: 0 auto; }
.brand { margin: 0 4px 12px; font-weight: 650; letter-spacing: -.01em; }
.panel { padding: 28px; background: var(--panel); border: 1px solid var(--line); border-radius: 12px; }
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.25; font-weight: 650; letter-spacing: -.02em; }
p { margin: 0; color: var(--muted); }
p + p { margin-top: 16px; }
[role=alert]:not(:empty) { margin-top: 16px; padding: 8px 12px; border-radius: 8px; background: var(--bad-bg); color: var(--bad); }
label { display: block; margin: 20px 0 6px; font-size: 13px; font-weight: 600; }
input, button { width: 100%; height: 44px; border-radius: 8px; font: inherit; }
input { padding: 0 12px; border: 1px solid var(--field); background: var(--bg); color: inherit; }
button { margin-top: 16px; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
a { color: var(--accent); text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
</style>`;

export function keyPage({ note = '' }: { note?: string } = {}): string {
  return page(
    'Key',
    `<form class="panel" method="post" action="/key">
<h1>Enter the key</h1>
<p id="what">The key is the id of the instance (i-…), unless another one was set at launch.</p>
<p role="alert">${escapeHtml(note)}</p>
<input name="user" value="onager" autocomplete="username" hidden>
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" aria-describedby="what" maxlength="512" required autofocus>
<button>Continue</button>
</form>`,
  );
}

/** Reloads by itself. */
export const waitingPage: string = page(
  'Waiting',
  '<div class="panel"><h1>Waiting</h1><p>Waiting for the instance metadata service, which knows who may see this page.</p></div>',
  '<meta http-equiv="refresh" content="2">',
);

export function messagePage(title: string, message: string): string {
  return page(
    title,
    `<div class="panel"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p><p><a href="/">To the run</a></p></div>`,
  );
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Onager</title>${head}${style}</head>
<body><main><p class="brand">Onager</p>${body}</main></body></html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
