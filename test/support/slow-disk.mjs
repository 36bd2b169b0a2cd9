/**
 * Makes the disk slow: every sync takes a quarter of a second longer. Loaded with
 * `node --import slow-disk.mjs …`, in that process and in every process of Onager's that it starts.
 */
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const slowMs = 250;
const probe = await open(import.meta.filename, 'r');
const handle = Object.getPrototypeOf(probe);
await probe.close();
const { sync } = handle;
handle.sync = async function slowSync() {
  await sleep(slowMs);
  await sync.call(this);
};
