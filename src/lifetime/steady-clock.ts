/** The time of day for what ends a load or a machine: by a clock that nobody sets, where that is known to be right. */

/** How long after its launch a machine may boot, and how far the two clocks may be apart. */
const slackMs = 10 * 60_000;

export type SteadyClock = Readonly<{
  now(): Date;
  /** When the machine was launched, as EC2 knows it. */
  begin(launchedAt: string): void;
}>;

/**
 * A machine that came up when EC2 launched it has a clock that was right then: from there on the time since its boot is counted,
 * which goes on while it is suspended. One that was booted since, or whose clock is wrong, has the time of day alone.
 */
export function createSteadyClock({
  now,
  upMs,
}: {
  now(): Date;
  /** Since the boot. */
  upMs(): number;
}): SteadyClock {
  let bootedMs: number | undefined;
  return {
    now: () => (bootedMs === undefined ? now() : new Date(bootedMs + upMs())),
    begin(launchedAt) {
      const boot = now().getTime() - upMs();
      if (Math.abs(boot - Date.parse(launchedAt)) <= slackMs) bootedMs ??= boot;
    },
  };
}
