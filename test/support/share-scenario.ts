/** A scenario whose load is shared, read as far as a share needs it. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Prepared, prepare } from '../../src/engine/tsung/scenario/prepare.ts';
import { temporaryFolder } from './temporary.ts';

export async function shareScenario(
  parts: Readonly<{
    load?: string;
    options?: string;
    session?: string;
    type?: string;
    files?: Readonly<Record<string, string>>;
  }>,
): Promise<Prepared> {
  const {
    load = '<load><arrivalphase phase="1" duration="10"><users arrivalrate="20"/></arrivalphase></load>',
    options = '',
    session = '<request><http url="/"/></request>',
    type = 'ts_http',
    files = {},
  } = parts;
  const dir = await temporaryFolder('share');
  await writeFile(
    join(dir, 'tsung.xml'),
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung><clients><client host="a"/></clients><servers><server host="s" port="80" type="tcp"/></servers>
${load}
<options>${options}</options>
<sessions><session name="s" probability="100" type="${type}">${session}</session></sessions></tsung>`,
  );
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const prepared = await prepare(
    { dir, files: ['tsung.xml', ...Object.keys(files)], entry: 'tsung.xml', vars: {} },
    '/usr/share/tsung/tsung-1.0.dtd',
  );
  if (prepared.problems.length > 0) throw new Error(JSON.stringify(prepared.problems));
  return prepared;
}
