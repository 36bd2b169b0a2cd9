/**
 * Targets for what Tsung does with the help of Erlang's own libraries, each with sessions that fire
 * at it: TLS, answers in chunks, logins with a digest, signed requests. A target counts what it was
 * asked in the right way.
 */

import { execFileSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { portOf } from './tsung-run.ts';

export type TargetKind = 'https' | 'wss' | 'chunked' | 'digest' | 'oauth';

type Target = AsyncDisposable &
  Readonly<{
    port: number;
    /** The certificate of the authority that vouches for this target, in PEM. */
    authority: string;
    served: () => number;
  }>;

/** `serverType`: of the scenario's `<server>`. `requests`: that one user fires. */
export const sessionsFor: Readonly<
  Record<TargetKind, Readonly<{ serverType: string; sessions: string; requests: number }>>
> = {
  https: {
    serverType: 'ssl',
    requests: 3,
    sessions: httpSession(
      '<for from="1" to="3" var="i"><request><http url="/page"/></request></for>',
    ),
  },
  wss: {
    serverType: 'ssl',
    requests: 3,
    sessions: `<session name="s" probability="100" type="ts_websocket">
      <request><websocket type="connect" path="/"/></request>
      <for from="1" to="3" var="i">
        <request><websocket type="message">hello</websocket></request>
      </for>
      <request><websocket type="close"/></request>
    </session>`,
  },
  chunked: {
    serverType: 'tcp',
    requests: 4,
    // The second request shows that the variable was found in the body, whatever pieces it came in.
    sessions: httpSession(`<for from="1" to="2" var="i">
      <request><dyn_variable name="token" re="token=([a-z0-9]+)"/><http url="/start"/></request>
      <request subst="true"><http url="/next/%%_token%%"/></request>
    </for>`),
  },
  digest: {
    serverType: 'tcp',
    requests: 2,
    sessions: httpSession(`<request>
        <dyn_variable name="nonce" header="www-authenticate/nonce"/>
        <dyn_variable name="realm" header="www-authenticate/realm"/>
        <http url="/private"/>
      </request>
      <request subst="true"><http url="/private">
        <www_authenticate userid="me" passwd="secret" type="digest" realm="%%_realm%%"
          nonce="%%_nonce%%"/>
      </http></request>`),
  },
  oauth: {
    serverType: 'tcp',
    requests: 1,
    sessions: httpSession(`<request><http url="/signed?a=b">
      <oauth consumer_key="key" consumer_secret="secret" method="HMAC-SHA1"/>
    </http></request>`),
  },
};

function httpSession(content: string): string {
  return `<session name="s" probability="100" type="ts_http">${content}</session>`;
}

/** `folder`: for its key and certificate. */
export async function startTargetOf(kind: TargetKind, folder: string): Promise<Target> {
  let served = 0;
  const count = (): void => {
    served += 1;
  };
  const identity = await createIdentity(folder);
  const server = kind === 'wss' ? echo(identity, count) : web(kind, identity, count);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    authority: identity.authority,
    served: () => served,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Identity = Readonly<{ key: string; cert: string; authority: string }>;

/** For `127.0.0.1` and `localhost`, signed by an authority that nobody trusts unless told to. */
async function createIdentity(folder: string): Promise<Identity> {
  const file = (name: string): string => join(folder, name);
  const make = (name: string, ...args: readonly string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...key, ...out, ...args], { stdio: 'ignore' });
  };
  make('authority', '-subj', '/CN=authority');
  make(
    'target',
    ...['-CA', file('authority.pem'), '-CAkey', file('authority.key'), '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
  );
  const [key, cert, authority] = await Promise.all(
    ['target.key', 'target.pem', 'authority.pem'].map((name) => readFile(file(name), 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', authority: authority ?? '' };
}

function echo(identity: Identity, count: () => void): Server {
  const server = createTlsServer(identity);
  new WebSocketServer({ server }).on('connection', (socket) =>
    socket.on('message', (data) => {
      count();
      socket.send(String(data));
    }),
  );
  return server;
}

function web(kind: Exclude<TargetKind, 'wss'>, identity: Identity, count: () => void): Server {
  const listener = listeners[kind](count);
  return kind === 'https' ? createTlsServer(identity, listener) : createServer(listener);
}

const realm = 'here';
const nonce = '0a1b2c';

const listeners: Readonly<
  Record<Exclude<TargetKind, 'wss'>, (count: () => void) => RequestListener>
> = {
  https: (count) => (_, response) => {
    count();
    response.end('hello');
  },
  chunked: (count) => (request, response) => {
    if (request.url === '/start' || request.url === '/next/a1b2') count();
    response.write('token=a1b2;');
    // In packets of their own: the second half, and the empty chunk that ends the answer.
    setTimeout(() => response.write('x'.repeat(300)), 20);
    setTimeout(() => response.end(), 40);
  },
  digest: (count) => (request, response) => {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      count();
      response.setHeader('www-authenticate', `Digest realm="${realm}", nonce="${nonce}"`);
      response.writeHead(401).end();
      return;
    }
    const isRight = /response="([0-9a-f]{32})"/.exec(authorization)?.[1] === digest('/private');
    if (isRight) count();
    response.writeHead(isRight ? 200 : 403).end();
  },
  oauth: (count) => (request, response) => {
    const { authorization = '', host = '' } = request.headers;
    const isRight = isSigned(authorization, `http://${host}/signed`);
    if (isRight) count();
    response.writeHead(isRight ? 200 : 401).end();
  },
};

/** RFC 2617 without `qop`. */
function digest(uri: string): string {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  return md5(`${md5(`me:${realm}:secret`)}:${nonce}:${md5(`GET:${uri}`)}`);
}

/** RFC 5849, with the parameter `a=b` in the URL. */
function isSigned(authorization: string, url: string): boolean {
  const given: Record<string, string> = Object.fromEntries(
    [...authorization.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      decodeURIComponent(value),
    ]),
  );
  const { oauth_signature: signature, ...signed } = given;
  const encode = encodeURIComponent;
  const parameters = Object.entries({ ...signed, a: 'b' })
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const base = ['GET', url, parameters].map(encode).join('&');
  return createHmac('sha1', 'secret&').update(base).digest('base64') === signature;
}
