/**
 * The time of day for ending a load or a machine: from a clock that cannot be set, if that clock
 * is known to be right.
 */

/** How long after its launch a machine may boot, and how much the two clocks may differ. */
const slackMs = 10 * 60_000;

export type SteadyClock = Readonly<{
  now(): Date;
  /** When the machine was launched, as EC2 knows it. */
  begin(launchedAt: string): void;
}>;

/**
 * A machine that booted when EC2 launched it had the right time then: the time since its boot is
 * added to that, and it also runs while the machine is suspended. A machine that was rebooted
 * later, or whose clock is wrong, has only the time of day.
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
