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

export type TargetSession = Readonly<{
  name: string;
  /** As for a scenario that has no other session, and this target as its only server. */
  session: string;
  port: number;
  serverType: string;
}>;

/** A phase for each of the sessions, in which all users are of that one. */
export function manySessionsXml(all: readonly TargetSession[], options: string): string {
  const phases = all.map((own, at) => {
    const setups = all.map(
      ({ name }) => `<session_setup name="${name}" probability="${name === own.name ? 100 : 0}"/>`,
    );
    return `<arrivalphase phase="${at + 1}" duration="6" unit="second"><users arrivalrate="1" unit="second"/>${setups.join('')}</arrivalphase>`;
  });
  const sessions = all.map(({ name, session, port, serverType }, at) => {
    // HTTP goes where its first URL leads; other protocols have to be sent elsewhere.
    const scheme = serverType === 'ssl' ? 'https' : 'http';
    const elsewhere = `host="${hostAddress}" port="${port}" server_type="${serverType}"`;
    return session
      .replace(
        /<session name="s" probability="100" type="(\w+)">/,
        `<session name="${name}" probability="${at === 0 ? 100 : 0}" type="$1">
      <change_type new_type="$1" ${elsewhere}/>`,
      )
      .replace('<http url="', `<http url="${scheme}://${hostAddress}:${port}`);
  });
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
  <clients><client host="localhost"/></clients>
  <servers><server host="${hostAddress}" port="${all[0]?.port}" type="tcp"/></servers>
  <load>${phases.join('\n    ')}</load>
  ${options}
  <sessions>
    ${sessions.join('\n    ')}
  </sessions>
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
