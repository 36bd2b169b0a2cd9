/** Every address that a scenario sends load to. */

import { descendants, type Element } from '../xml/tree.ts';
import { number } from './load.ts';

/**
 * `element`: where it is written. `type`: of the connection, such as `tcp6`, where it is known. A
 * host with a substitution in it (`%%_name%%`) is not known before the run, and is not a target
 * here.
 */
export type LoadTarget = Readonly<{ host: string; port?: number; type?: string; element: Element }>;

export function targetsOf(root: Element): readonly LoadTarget[] {
  const servers = descendants(root, 'server', 'change_type').map((element) => ({
    host: element.attribute('host') ?? '',
    ...portOf(element.attribute('port')),
    ...typeOf(element.attribute(element.name === 'server' ? 'type' : 'server_type')),
    element,
  }));
  const type = typeOf(typeOfUrls(root));
  const requests = descendants(root, 'http').flatMap((element) => {
    const target = targetOfUrl(element.attribute('url') ?? '');
    return target === undefined ? [] : [{ ...target, ...type, element }];
  });
  const monitors = descendants(root, 'monitor')
    .filter((element) => ['snmp', 'munin'].includes(element.attribute('type') ?? ''))
    .map((element) => ({ host: element.attribute('host') ?? '', element }));
  return [...servers, ...requests, ...monitors].filter(
    ({ host }) => host !== '' && !host.includes('%%'),
  );
}

/** Whether a host, or a whole URL, is a variable whose value only the run knows. */
export function hasOpenTargets(root: Element): boolean {
  const hosts = descendants(root, 'server', 'change_type').map((one) => one.attribute('host'));
  const urls = descendants(root, 'http').map((one) => one.attribute('url'));
  return hosts.some((host) => host?.includes('%%') === true) || urls.some(isOpen);
}

/** Tsung reads what begins with "http" once its variables have their values as a whole URL. */
function isOpen(url = ''): boolean {
  const [known = '', ...more] = url.split('%%');
  if (more.length === 0) return false;
  const isBegun = ['http://', 'https://'].some((scheme) => scheme.startsWith(known));
  return isBegun || /^https?:\/\/[^/?#]*$/i.test(known);
}

/**
 * Values outside the targets that may contain an address: searched only for forbidden ones.
 */
export function addressedIn(
  root: Element,
): readonly Readonly<{ value: string; element: Element }>[] {
  const written: readonly (readonly [readonly Element[], string])[] = [
    [descendants(root, 'http'), 'url'],
    [descendants(root, 'websocket'), 'path'],
    [descendants(root, 'setdynvars'), 'value'],
    [
      descendants(root, 'option').filter((option) => /_path$/.test(option.attribute('name') ?? '')),
      'value',
    ],
  ];
  return written.flatMap(([elements, name]) =>
    elements.flatMap((element) => {
      const value = element.attribute(name);
      return value === undefined ? [] : [{ value, element }];
    }),
  );
}

/**
 * Host and port of an absolute URL. As for Tsung, the host is all between `//` and the next
 * delimiter.
 */
function targetOfUrl(url: string): Readonly<{ host: string; port?: number }> | undefined {
  const match = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(url);
  if (match === null) return undefined;
  const [, scheme = '', host = '', port] = match;
  const usual = scheme.toLowerCase() === 'https' ? 443 : 80;
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? usual : Number(port) };
}

/** Tsung uses the last server's type; with a proxy, the type says nothing about the URL's host. */
function typeOfUrls(root: Element): string | undefined {
  const isProxied = descendants(root, 'option').some(
    (option) => option.attribute('name') === 'http_use_server_as_proxy',
  );
  return isProxied ? undefined : descendants(root, 'server').at(-1)?.attribute('type');
}

function typeOf(type: string | undefined): Readonly<{ type?: string }> {
  return type === undefined ? {} : { type };
}

function portOf(text: string | undefined): Readonly<{ port?: number }> {
  const port = number(text);
  return port === undefined ? {} : { port };
}
