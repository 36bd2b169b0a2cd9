/** What makes an instance slow: a systemctl that takes a minute, and names that resolve late. */

import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
const cli = join(root, 'src/cli.ts');

export type SlowInstance = Readonly<{
  agentCommand: readonly [string, ...string[]];
  /** Contains the systemctl. */
  bin: string;
  /** From now on the name resolves to this machine. */
  resolves(name: string): Promise<void>;
  /** The engine's supervisor, once systemctl has started one. */
  host(): Promise<number | undefined>;
}>;

/** Needs root: the agent gets its own /etc/hosts, in a mount namespace. */
export async function slowInstance(
  dir: string,
  { startSeconds }: { startSeconds: number },
): Promise<SlowInstance> {
  const bin = join(dir, 'bin');
  const hosts = join(dir, 'hosts');
  const agent = join(dir, 'agent.sh');
  const host = `setsid ${node} ${cli} engine "$(cat ${dir}/state)/plan"`;
  await mkdir(bin);
  await writeFile(hosts, '127.0.0.1 localhost\n');
  await writeFile(
    agent,
    `for word in "$@"; do [ "$before" = --state ] && state=$word; before=$word; done
mkdir -p "$state/shared"
printf %s "$state" > ${dir}/state
exec unshare -m sh -c 'mount --bind ${hosts} /etc/hosts && exec "$@"' sh ${node} ${cli} agent --engine-unit onager-engine.service "$@"
`,
  );
  await writeFile(
    join(bin, 'systemctl'),
    `#!/bin/sh
shift 2 # --no-ask-password --no-pager
case $1 in
  start) sleep ${startSeconds}; ${host} >>${dir}/host.log 2>&1 </dev/null & echo $! > ${dir}/pid ;;
  stop) kill $(cat ${dir}/pid) ;;
  show)
    # A zombie is gone.
    if grep -q '^State:.[^Z]' "/proc/$(cat ${dir}/pid)/status" 2>/dev/null; then
      printf 'ActiveState=active\\nResult=success\\nExecMainStatus=0\\n'
    else
      printf 'ActiveState=inactive\\nResult=success\\nExecMainStatus=0\\n'
    fi ;;
esac
`,
  );
  await chmod(join(bin, 'systemctl'), 0o755);
  return {
    agentCommand: ['/bin/sh', agent],
    bin,
    resolves: (name) => writeFile(hosts, `127.0.0.1 localhost ${name}\n`),
    async host() {
      const text = await readFile(join(dir, 'pid'), 'utf8').catch(() => '');
      return Number.parseInt(text, 10) || undefined;
    },
  };
}
