/** An XMPP server that knows no more than a login with a digest (XEP-0078), and sessions for it. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const [user, password, streamId] = ['ada', 'lovelace', '3EE948B0'];

export const xmppOptions = `<options>
    <option type="ts_jabber" name="domain" value="localhost"/>
    <option type="ts_jabber" name="userid_max" value="1000"/>
    <option type="ts_jabber" name="username" value="${user}"/>
    <option type="ts_jabber" name="passwd" value="${password}"/>
  </options>`;

/** Tsung wants the stream's id as a list, and finds a binary. */
export const xmppSession = `<session name="s" probability="100" type="ts_jabber">
      <request><dyn_variable name="stream" re="stream:stream id=&quot;([^&quot;]*)&quot;"/><jabber type="connect" ack="local"/></request>
      <request><jabber type="auth_get" ack="local"/></request>
      <setdynvars sourcetype="eval" code="fun({_,Vars}) -> {ok, Id} = ts_dynvars:lookup(stream, Vars), binary_to_list(Id) end."><var name="sid"/></setdynvars>
      <request subst="true"><jabber type="auth_set_digest" ack="local"/></request>
    </session>`;

export type XmppTarget = AsyncDisposable & Readonly<{ port: number; served(): number }>;

/** Counts what was asked in the right way. */
export async function startXmppTarget(): Promise<XmppTarget> {
  const connections = new Set<Socket>();
  let served = 0;
  const server = createServer((socket) => {
    connections.add(socket);
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      const answer = answerTo(text);
      if (answer === undefined) return;
      served += 1;
      socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    served: () => served,
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerTo(text: string): string | undefined {
  if (text.includes('<stream:stream'))
    return `<?xml version='1.0'?><stream:stream id="${streamId}" xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client">`;
  if (text.includes("type='get'"))
    return "<iq type='result'><query xmlns='jabber:iq:auth'><digest/></query></iq>";
  // Tsung appends each user's number to the name and to the password.
  const number = new RegExp(`<username>${user}(\\d+)<`).exec(text)?.[1];
  const digest = createHash('sha1').update(`${streamId}${password}${number}`).digest('hex');
  return text.includes(`<digest>${digest}</digest>`) ? "<iq type='result'/>" : undefined;
}
