/** User-data for clusters: a zip with a scenario of a known load at the network's target. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userDataOf } from '../../src/scenario/launch-input.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { NetworkOptions } from './network.ts';

type Load = Readonly<{ seconds: number; rate?: number; settings?: string }>;

/** `rate` users a second in all, each with three requests; `settings`: of its onager.yaml. */
export function scenarioFor({
  seconds,
  rate = 10,
  settings = '',
}: Load): NetworkOptions['userData'] {
  return async ({ host, port }) => {
    const dir = await temporaryFolder('scenario');
    const xml = `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="${host}" port="${port}" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http">
    <request><http url="/" method="GET"/></request>
    <transaction name="login"><request><http url="/login" method="POST" contents="a=b"/></request></transaction>
    <request><http url="/search" method="GET"/></request>
  </session></sessions>
</tsung>
`;
    await writeFile(join(dir, 'tsung.xml'), xml);
    if (settings !== '') await writeFile(join(dir, 'onager.yaml'), settings);
    const signal = new AbortController().signal;
    return (await userDataOf(dir, { bucket: 'unused', signal })).userData;
  };
}
