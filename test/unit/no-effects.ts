/** Makes every unit test fail that opens a socket or starts a process: such a test belongs to the integration tier. */
import childProcess from 'node:child_process';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

function forbidden(what: string): () => never {
  return () => {
    throw new Error(`a unit test must not ${what}`);
  };
}

net.Socket.prototype.connect = forbidden('open a connection');
net.Server.prototype.listen = forbidden('listen on a port');
childProcess.spawn = forbidden('start a process');
childProcess.spawnSync = forbidden('start a process');
childProcess.exec = forbidden('start a process');
childProcess.execFile = forbidden('start a process');
childProcess.execFileSync = forbidden('start a process');
childProcess.execSync = forbidden('start a process');
childProcess.fork = forbidden('start a process');
syncBuiltinESMExports();
