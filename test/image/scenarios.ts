/**
 * What the machines are launched with: scenarios aimed at the target, and the forms of user-data.
 */

import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { hostAddress } from './ec2.ts';

export type Load = Readonly<{
  port: number;
  seconds: number;
  /** Users per second; each makes two requests. */
  rate?: number;
  /** Elements that come before each user's requests. */
  before?: string;
}>;

export function tsungXml({ port, seconds, rate = 2, before = '' }: Load): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
  <clients><client host="localhost"/></clients>
  <servers><server host="${hostAddress}" port="${port}" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http">
    ${before}
    <request><http url="/fired" method="GET"/></request>
    <thinktime value="1" random="false"/>
    <request><http url="/fired/again" method="GET"/></request>
  </session></sessions>
</tsung>
`;
}

export async function zipOf(
  files: Readonly<Record<string, string>>,
  { stored = false }: { stored?: boolean } = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  const bytes = buffer(zip.outputStream);
  for (const [name, text] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(text), name, { compress: !stored });
  }
  zip.end();
  return await bytes;
}

export type Part = Readonly<{ type: string; name: string; body: string | Buffer }>;

/** As `cloud-init devel make-mime` and `write-mime-multipart` make them. */
export function mimeOf(parts: readonly Part[]): Buffer {
  const boundary = '===============onager-image-test==';
  const encoded = parts.map(
    ({ type, name, body }) => `--${boundary}
MIME-Version: 1.0
Content-Type: ${type}
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="${name}"

${Buffer.from(body).toString('base64').replaceAll(/.{76}/g, '$&\n')}
`,
  );
  return Buffer.from(
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${encoded.join('')}--${boundary}--\n`,
  );
}
