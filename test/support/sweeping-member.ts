/**
 * A member in a process of its own, for tests in network namespaces. With a subnet it sweeps it
 * once, prints how that went, and ends; without one it answers until its standard input ends.
 */

import { once } from 'node:events';
import { openIntroductions } from '../../src/cluster/discovery/introductions.ts';
import { defaultPace } from '../../src/cluster/discovery/pace.ts';
import { keepSweeping } from '../../src/cluster/discovery/sweep.ts';
import { silentLog } from '../../src/log.ts';

const [address = '', subnetCidr, procDir] = process.argv.slice(2);
const heard = new Set<string>();
await using introductions = await openIntroductions({
  self: {
    cluster: '0123456789abcdef',
    instanceId: `i-${address.replaceAll('.', '-')}`,
    launchIndex: 0,
    address,
    port: 7424,
  },
  key: Buffer.alloc(32, 7),
  onPeer: (hello) => heard.add(hello.address),
  onOther: () => {},
  log: silentLog(),
});
if (subnetCidr === undefined) {
  console.log('ready');
  process.stdin.resume();
  await once(process.stdin, 'end');
} else {
  const controller = new AbortController();
  const hints: string[] = [];
  let result = {};
  const sweeping = keepSweeping(
    {
      network: {
        address,
        subnetCidr,
        mac: '',
        subnetId: '',
        vpcId: '',
        securityGroups: [],
        ownerId: '',
      },
      async greet(addresses, pace, signal) {
        const startMs = performance.now();
        await introductions.greet(addresses, pace, signal);
        result = { ...pace, ms: Math.round(performance.now() - startMs) };
        // Until the last ones have answered.
        setTimeout(() => controller.abort(), 1_000);
      },
      isNeeded: () => true,
      pace: { ...defaultPace, beginMs: 0 },
      procDir,
      log: silentLog(),
      onHint: (text) => hints.push(text),
    },
    controller.signal,
  );
  await sweeping.catch(() => {});
  console.log(JSON.stringify({ ...result, heard: [...heard].sort(), hints }));
}
