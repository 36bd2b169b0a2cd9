/** The access to its cluster of a run that comes from one instance. */

import type { ClusterAccess } from '../../src/agent/cluster/cluster.ts';

export function aloneAccess(): ClusterAccess {
  return {
    join: async () => undefined,
    refuseUnsized() {},
    hearSiblings: async () => {},
    current: () => undefined,
    fail() {},
    async [Symbol.asyncDispose]() {},
  };
}
