/** Who may see the page, as far as that is known so far. */

import type { Access, Settings } from '../settings/settings.ts';
import type { PageAccess } from '../web/auth.ts';

export type KnownAccess = Readonly<{
  /** Undefined until the instance is known: until then there is no key to check. */
  current(): PageAccess | undefined;
  instance(instanceId: string): void;
  settings(settings: Settings): void;
}>;

export function createAccess(): KnownAccess {
  let instanceId: string | undefined;
  let access: Access = { kind: 'instance-id' };
  return {
    current() {
      if (access.kind !== 'instance-id') return access;
      return instanceId === undefined ? undefined : { kind: 'key', key: instanceId };
    },
    instance(id) {
      instanceId = id;
    },
    settings(settings) {
      access = settings.report.access;
    },
  };
}
