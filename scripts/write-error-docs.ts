/** Writes docs/errors.md from the table of error codes; a test fails while the two differ. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, errorCodes } from '../src/errors.ts';
import { errorAdvice } from './error-advice.ts';

const intro = `# Error codes

Everything that goes wrong has a code, a sentence with the value that was wrong, and a hint that
says what to do. Both are shown on the page, on the console, in \`run.json\`, in the report, and by
\`onager check\`. What to do is said here in general; the hint of a message says it for its case.
`;

const failures = `
## Failures

They end a command or a run. The exit code is that of a command that ends with the failure. For the
agent on an instance it is the kind: 64 the command line, 65 the scenario, its settings or the
user-data, 3 a run that did not complete, 70 the environment or Onager itself.

| code | it means | what to do | exit |
|---|---|---|---|
`;

const whilePublishing = `
## While publishing

They end nothing: it is tried again until it works or the lifetime is over, and the page serves the
results meanwhile.

| code | it means | what to do |
|---|---|---|
`;

const warnings = `
## Warnings

They end nothing, and change no exit code. What they say stands beside the results.

| code | it means | what to do |
|---|---|---|
`;

const codes: readonly ErrorCode[] = Object.keys(errorCodes)
  .filter((code) => isCode(code))
  .toSorted();

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

function isOfPublishing(code: ErrorCode): boolean {
  return /^(?:BUCKET|PUBLISH)_/.test(code) || code === 'CREDENTIALS_REFUSED';
}

function isWarning(code: ErrorCode): boolean {
  return errorCodes[code].exit === 0;
}

function row(code: ErrorCode, ...more: readonly number[]): string {
  const cells = [`\`${code}\``, errorCodes[code].meaning, errorAdvice[code], ...more];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
}

const failing = codes.filter((code) => !isWarning(code) && !isOfPublishing(code));

export const errorsPage: string = [
  intro,
  failures,
  ...failing.map((code) => row(code, errorCodes[code].exit)),
  whilePublishing,
  ...codes.filter((code) => isOfPublishing(code)).map((code) => row(code)),
  warnings,
  ...codes.filter((code) => isWarning(code)).map((code) => row(code)),
].join('');

if (import.meta.main) {
  writeFileSync(join(import.meta.dirname, '../docs/errors.md'), errorsPage);
}
