/** Parses the files of /proc and the output of ethtool that show how busy the machine is. Pure. */

/** Processor time since boot, in ticks, over all processors. */
type CpuTicks = Readonly<{ busy: number; steal: number; total: number; running: number }>;

/** /proc/stat. I/O wait does not count as busy; guests' time is in `user` already. */
export function parseCpu(text: string): CpuTicks {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    numbersAfter(text, 'cpu ');
  const busy = user + nice + system + irq + softirq;
  const [running = 0] = numbersAfter(text, 'procs_running ');
  return { busy, steal, total: busy + steal + idle + iowait, running };
}

/** /proc/meminfo: the memory that is not available to programs, in percent. */
export function parseMemoryPercent(text: string): number {
  const [total = 0] = numbersAfter(text, 'MemTotal:');
  const [available = total] = numbersAfter(text, 'MemAvailable:');
  return total === 0 ? 0 : (100 * (total - available)) / total;
}

/** /proc/net/dev: bytes since boot over all interfaces but loopback. */
export function parseNetwork(text: string): Readonly<{ received: number; sent: number }> {
  let [received, sent] = [0, 0];
  for (const line of text.split('\n').slice(2)) {
    const [name, counters] = line.split(':');
    if (counters === undefined || name?.trim() === 'lo') continue;
    const values = counters.trim().split(/\s+/).map(Number);
    received += values[0] ?? 0;
    sent += values[8] ?? 0;
  }
  return { received, sent };
}

/** /proc/net/snmp: TCP segments retransmitted since boot. */
export function parseRetransmits(text: string): number {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  const column = names?.split(' ').indexOf('RetransSegs') ?? -1;
  return Number(values?.split(' ')[column] ?? 0);
}

/**
 * /proc/net/sockstat and sockstat6: TCP sockets, also in TIME_WAIT, which hold a local port too.
 */
export function parseTcpSockets(sockstat: string, sockstat6: string): number {
  const tcp = /^TCP: inuse (\d+) orphan \d+ tw (\d+)/m.exec(sockstat);
  const tcp6 = /^TCP6: inuse (\d+)/m.exec(sockstat6);
  return Number(tcp?.[1] ?? 0) + Number(tcp?.[2] ?? 0) + Number(tcp6?.[1] ?? 0);
}

/** /proc/sys/net/ipv4/ip_local_port_range: how many ports that is. */
export function parseLocalPorts(text: string): number {
  const [low = 0, high = -1] = text.trim().split(/\s+/).map(Number);
  return high - low + 1;
}

/** /proc/PID/limits: open files; undefined where there is no limit. */
export function parseOpenFilesLimit(text: string): number | undefined {
  const limit = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/**
 * /proc/PID/stat, and a thread's: processor time in ticks; the command's name may hold spaces and
 * parentheses.
 */
export function parseTicks(text: string): number | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks : undefined;
}

/** /proc/PID/status: how many processors it may use, as in `0-1,4`; 1 if the file does not say. */
export function parseAllowedCpus(text: string): number {
  const ranges = /^Cpus_allowed_list:\s*([\d,-]+)/m.exec(text)?.[1]?.split(',') ?? [];
  const cpus = ranges.reduce((sum, range) => {
    const [low = 0, high = low] = range.split('-').map(Number);
    return sum + high - low + 1;
  }, 0);
  return Math.max(1, cpus);
}

/** `ethtool -S`: ENA's counters of packets beyond the instance type's allowances. */
export function parseAllowances(text: string): Readonly<Record<string, number>> {
  const counters = text.matchAll(/^ *(\w+_allowance_exceeded): (\d+)/gm);
  return Object.fromEntries([...counters].map(([, name, value]) => [name, Number(value)]));
}

function numbersAfter(text: string, start: string): readonly number[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(start));
  return line?.slice(start.length).trim().split(/\s+/).map(Number) ?? [];
}
