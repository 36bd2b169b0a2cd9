/**
 * What the machines are launched with: scenarios aimed at the target, and the forms of user-data.
 */

import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { hostAddress } from './ec2.ts';
import { kinds, login, type ProtocolTarget } from './protocol-target.ts';

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

/** A phase for each kind, in which all users are of that kind. */
export function protocolsXml(
  { securePort, plainPort, xmppPort }: ProtocolTarget,
  { host = hostAddress, seconds = 6 }: { host?: string; seconds?: number } = {},
): string {
  const phases = kinds.map((phase, at) => {
    const setup = kinds.map(
      (kind) => `<session_setup name="${kind}" probability="${kind === phase ? 100 : 0}"/>`,
    );
    return `<arrivalphase phase="${at + 1}" duration="${seconds}" unit="second"><users arrivalrate="1" unit="second"/>${setup.join('')}</arrivalphase>`;
  });
  const plain = `http://${host}:${plainPort}`;
  const { user, password } = login;
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning">
  <clients><client host="localhost"/></clients>
  <servers><server host="${host}" port="${securePort}" type="ssl"/></servers>
  <load>${phases.join('\n    ')}</load>
  <options>
    <option type="ts_jabber" name="domain" value="localhost"/>
    <option type="ts_jabber" name="userid_max" value="1000"/>
    <option type="ts_jabber" name="username" value="${user}"/>
    <option type="ts_jabber" name="passwd" value="${password}"/>
  </options>
  <sessions>
    <session name="https" probability="100" type="ts_http">
      <request tag="https"><http url="/https" method="GET"/></request>
      <request tag="https"><http url="/https/again" method="GET"/></request>
    </session>
    <session name="wss" probability="0" type="ts_websocket">
      <request><websocket type="connect" path="/wss"/></request>
      <request><websocket type="message" frame="text">hello</websocket></request>
    </session>
    <session name="chunked" probability="0" type="ts_http">
      <request tag="chunked"><dyn_variable name="token" re="token=([0-9a-f]+)"/><http url="${plain}/chunked" method="GET"/></request>
      <request tag="chunked" subst="true"><http url="/chunked/%%_token%%" method="GET"/></request>
    </session>
    <session name="digest" probability="0" type="ts_http">
      <request tag="digest">
        <dyn_variable name="nonce" header="www-authenticate/nonce"/>
        <dyn_variable name="realm" header="www-authenticate/realm"/>
        <http url="${plain}/digest" method="GET"/>
      </request>
      <request tag="digest" subst="true"><http url="/digest" method="GET"><www_authenticate userid="${user}" passwd="${password}" type="digest" realm="%%_realm%%" nonce="%%_nonce%%"/></http></request>
    </session>
    <session name="xmpp" probability="0" type="ts_jabber">
      <change_type new_type="ts_jabber" host="${host}" port="${xmppPort}" server_type="tcp"/>
      <request><dyn_variable name="stream" re="stream:stream id=&quot;([^&quot;]*)&quot;"/><jabber type="connect" ack="local"/></request>
      <request><jabber type="auth_get" ack="local"/></request>
      <setdynvars sourcetype="eval" code="fun({_,Vars}) -> {ok, Sid} = ts_dynvars:lookup(stream, Vars), binary_to_list(Sid) end."><var name="sid"/></setdynvars>
      <request subst="true"><jabber type="auth_set_digest" ack="local"/></request>
    </session>
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
