/** Every address a scenario names as one to send load to. */

import { number } from './load.ts';
import { descendants, type Element } from './xml-tree.ts';

/** `element`: where it is written. A host with a substitution in it (`%%_name%%`) is not known before the run, and is no target here. */
export type Target = Readonly<{ host: string; port?: number; element: Element }>;

export function targetsOf(root: Element): readonly Target[] {
  const servers = descendants(root, 'server', 'change_type').map((element) => ({
    host: element.attribute('host') ?? '',
    ...portOf(element.attribute('port')),
    element,
  }));
  const requests = descendants(root, 'http').flatMap((element) => {
    const target = targetOfUrl(element.attribute('url') ?? '');
    return target === undefined ? [] : [{ ...target, element }];
  });
  const monitors = descendants(root, 'monitor')
    .filter((element) => ['snmp', 'munin'].includes(element.attribute('type') ?? ''))
    .map((element) => ({ host: element.attribute('host') ?? '', element }));
  return [...servers, ...requests, ...monitors].filter(
    ({ host }) => host !== '' && !host.includes('%%'),
  );
}

/** Only the pure targets of an absolute URL; its host is everything between `//` and the next delimiter, as Tsung cuts it. */
function targetOfUrl(url: string): Readonly<{ host: string; port?: number }> | undefined {
  const match = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(url);
  if (match === null) return undefined;
  const [, scheme = '', host = '', port] = match;
  const usual = scheme.toLowerCase() === 'https' ? 443 : 80;
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? usual : Number(port) };
}

function portOf(text: string | undefined): Readonly<{ port?: number }> {
  const port = number(text);
  return port === undefined ? {} : { port };
}
