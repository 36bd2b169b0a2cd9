/** Writes a small Tsung scenario of a given length. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A scenario folder whose users arrive for `seconds`, `rate` a second, each with three requests,
 * one of them in a transaction.
 */
export async function makeScenario(
  dir: string,
  { seconds, rate = 5, settings = '' }: { seconds: number; rate?: number; settings?: string },
): Promise<string> {
  const xml = `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="\${TARGET_HOST}" port="\${TARGET_PORT}" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http">
    <request><http url="/" method="GET"/></request>
    <thinktime value="1" random="false"/>
    <transaction name="login"><request><http url="/login" method="POST" contents="a=b"/></request></transaction>
    <request><http url="/search?q=a;b" method="GET"/></request>
  </session></sessions>
</tsung>
`;
  await writeFile(join(dir, 'tsung.xml'), xml);
  if (settings !== '') await writeFile(join(dir, 'onager.yaml'), settings);
  return dir;
}
