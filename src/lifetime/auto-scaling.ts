/** The Auto Scaling group of an instance, which replaces the instance when it ends. */

import { OnagerError } from '../errors.ts';
import type { Settings } from '../settings/settings.ts';

export const groupTag = 'aws:autoscaling:groupName';

/** Known only to an instance that was launched with `InstanceMetadataTags=enabled`. */
function groupOf(tags: Readonly<Record<string, string>>): string | undefined {
  const name = tags[groupTag];
  return name === '' ? undefined : name;
}

/** @throws OnagerError ASG_UNCONFIRMED: the replacement would fire the load once more */
export function refuseUnconfirmed(
  tags: Readonly<Record<string, string>>,
  { asg }: Pick<Settings, 'asg'>,
): void {
  const group = groupOf(tags);
  if (group === undefined || asg) return;
  throw new OnagerError(
    'ASG_UNCONFIRMED',
    `the instance belongs to the Auto Scaling group "${group}", which replaces it when it ends, ` +
      'and the replacement would fire the load again',
    { hint: 'launch outside a group, or write "asg: true" where that is meant' },
  );
}
