/** The log: events as JSON lines, secrets removed at the root. */

import pino from 'pino';
import { redacted } from './redact.ts';

export type Log = pino.Logger;

/** Names of fields whose values never reach a log. */
const secret = [
  'key',
  'token',
  'userData',
  'secretAccessKey',
  'sessionToken',
  'authorization',
  'cookie',
];

/** A logger that writes to standard output and to every path given; `level` is a pino level. */
export function createLog({
  level = 'info',
  destinations = [],
}: {
  level?: string;
  destinations?: readonly NodeJS.WritableStream[];
} = {}): Log {
  const streams = destinations.map((stream) => ({ level, stream }));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secret.flatMap((name) => [name, `*.${name}`]), censor: redacted },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.multistream([...streams]),
  );
}

/** A logger that writes nothing, for tests and for commands with output of their own. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
