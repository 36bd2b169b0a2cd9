/**
 * Fails every unit test that opens a socket or starts a process: such a test belongs to the
 * integration tier.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function forbid(owner: object, method: string, what: string): void {
  Object.defineProperty(owner, method, {
    configurable: true,
    value: () => {
      throw new Error(`a unit test must not ${what}`);
    },
  });
}

forbid(net.Socket.prototype, 'connect', 'open a connection');
forbid(net.Server.prototype, 'listen', 'listen on a port');
for (const method of Object.keys(childProcess)) {
  if (/^(spawn|exec|fork)/.test(method)) forbid(childProcess, method, 'start a process');
}
syncBuiltinESMExports();
