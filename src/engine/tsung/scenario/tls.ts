/** Whether a scenario opens TLS connections. */

import { type Element, withAllBelow } from '../xml/tree.ts';

export function usesTls(root: Element): boolean {
  return withAllBelow(root).some(opensTls);
}

/** A URL that is a variable may turn out to be https. */
export function opensTls(element: Element): boolean {
  const is = (name: string, pattern: RegExp): boolean =>
    pattern.test(element.attribute(name) ?? '');
  switch (element.name) {
    case 'server':
      return is('type', tlsType);
    case 'change_type':
      return is('server_type', tlsType);
    case 'http':
      return is('url', /^https:/i) || is('url', /^%%/);
    case 'jabber':
      return is('type', /^starttls$/);
    case 'ldap':
      return is('type', /^start_tls$/);
    default:
      return false;
  }
}

const tlsType = /ssl6?$/;
