/**
 * A subnet in which machines reach each other: a bridge with a tap device for each, addresses by
 * DHCP, and the metadata service at its real address, which is another one for each machine.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a machine is in a network. */
export type Nic = Readonly<{
  mac: string;
  address: string;
  /** QEMU's option for the other end of it. */
  netdev: string;
  /** On the loopback: leads to the machine's port 80. */
  port: number;
}>;

export type Lan = AsyncDisposable &
  Readonly<{
    /** Of the subnet, in which machines reach this process at `hostAddress`. */
    cidr: string;
    nics: readonly Nic[];
    /** From now on the machine's metadata service is the one at this port of the loopback. */
    setMetadataService(nic: Nic, port: number): void;
  }>;

const bridge = 'lan0';
const metadataAddress = '169.254.169.254';

/** As large as those of a default VPC. */
const prefix = 20;
const netmask = '255.255.240.0';
const cidr = `10.0.0.0/${prefix}`;

/** A machine for each address. They need root, and a network namespace of their own. */
export async function startLan({
  hostAddress,
  addresses,
}: Readonly<{ hostAddress: string; addresses: readonly string[] }>): Promise<Lan> {
  await using stack = new AsyncDisposableStack();
  ip('link', 'add', bridge, 'type', 'bridge');
  stack.defer(() => ip('link', 'delete', bridge));
  ip('address', 'add', `${hostAddress}/${prefix}`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const nics: Nic[] = [];
  for (const [index, address] of addresses.entries()) {
    const tap = `tap${index}`;
    ip('tuntap', 'add', 'dev', tap, 'mode', 'tap');
    stack.defer(() => ip('link', 'delete', tap));
    ip('link', 'set', tap, 'master', bridge, 'up');
    const page = await listening('127.0.0.1', 0, () => ({ host: address, port: 80 }));
    stack.defer(() => page.close());
    nics.push({
      mac: `52:54:00:12:34:${String(56 + index)}`,
      address,
      netdev: `tap,ifname=${tap},script=no,downscript=no`,
      port: page.port,
    });
  }
  stack.use(await startDhcp(nics, hostAddress));

  const services = new Map<string, number>();
  const metadata = await listening(metadataAddress, 80, (from) => {
    const port = services.get(from);
    return port === undefined ? undefined : { host: '127.0.0.1', port };
  });
  stack.defer(() => metadata.close());

  const owned = stack.move();
  return {
    cidr,
    nics,
    setMetadataService: ({ address }, port) => services.set(address, port),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function startDhcp(nics: readonly Nic[], router: string): Promise<AsyncDisposable> {
  const options = [
    ['keep-in-foreground', 'bind-interfaces', 'no-ping', 'leasefile-ro', 'dhcp-authoritative'],
    ['conf-file=/dev/null', 'pid-file', 'user=root', 'log-facility=-', 'port=0'],
    [`interface=${bridge}`, 'except-interface=lo', `dhcp-range=${router},static,${netmask},1h`],
    [`dhcp-option=option:router,${router}`, `dhcp-option=option:dns-server,${router}`],
    nics.map(({ mac, address }) => `dhcp-host=${mac},${address}`),
  ];
  const command = options.flat().map((option) => `--${option}`);
  const server = spawn('dnsmasq', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(server, 'exit');
  let log = '';
  const isUp = new Promise<void>((resolve, reject) => {
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('DHCP, static leases')) resolve();
    });
    server.once('exit', () => reject(new Error(`dnsmasq has ended: ${log}`)));
    server.once('error', reject);
  });
  await isUp;
  return {
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
    },
  };
}

type Place = Readonly<{ host: string; port: number }>;

/** Passes each connection on to where `placeFor` says; without a place, it is closed. */
async function listening(
  host: string,
  port: number,
  placeFor: (from: string) => Place | undefined,
): Promise<Readonly<{ port: number; close(): Promise<void> }>> {
  const open = new Set<Socket>();
  const server: Server = createServer((from) => {
    const place = placeFor(from.remoteAddress ?? '');
    if (place === undefined) {
      from.destroy();
      return;
    }
    const to = connect(place);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await once(server.listen(port, host), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
