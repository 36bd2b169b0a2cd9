/** Writes docs/errors.md from the table of error codes; a test fails while the two differ. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '../src/errors.ts';

const intro = `# Error codes

Every failure has a code, a sentence with the value that was wrong, and a hint that says what to do.
They are shown on the page, on the console, in \`run.json\`, in the report, and by \`onager check\`.
The exit code is that of a command that ends with the error. For the agent on an instance it is the
kind: 0 a warning, which ends nothing, 64 the command line, 65 the scenario, its settings or the
user-data, 3 a run that did not complete, 70 the environment or Onager itself.

| code | it means | exit |
|---|---|---|
`;

const rows = Object.entries(errorCodes)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { exit, meaning }]) => `| \`${code}\` | ${meaning} | ${exit} |\n`);

export const errorsPage: string = intro + rows.join('');

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, '../docs/errors.md'), errorsPage);
}
