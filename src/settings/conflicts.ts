/** Settings that are valid on their own, but not together. */

import type { Problem } from '../errors.ts';
import type { EffectiveSetting } from './raw.ts';
import type { Settings } from './settings.ts';

export const defaultSource = 'default';

/** Settings that have no meaning without another one. */
export function missing(winners: ReadonlyMap<string, EffectiveSetting>): readonly Problem[] {
  const needed = { scenario: 'scenario.from', publish: 'publish.to', cluster: 'cluster.size' };
  const lonely = Object.entries(needed).flatMap(([section, other]) => {
    if (winners.has(other)) return [];
    const set = [...winners.values()].filter(
      ({ key, source }) => key.startsWith(`${section}.`) && source !== defaultSource,
    );
    return set.map(({ key, where }) =>
      conflict(`${key} is set, but ${other} is not`, `add ${other}, or remove ${key}`, where),
    );
  });
  const discover = winners.get('cluster.discover');
  if (discover?.texts[0]?.text !== 'bucket' || winners.has('publish.to')) return lonely;
  const message = 'cluster.discover is bucket, but publish.to is not set';
  const hint = 'add publish.to, or remove cluster.discover';
  return [...lonely, conflict(message, hint, discover.where)];
}

export function clusterProblems(
  { cluster }: Settings,
  winners: ReadonlyMap<string, EffectiveSetting>,
): readonly Problem[] {
  if (cluster === undefined) return [];
  const found: Problem[] = [];
  const at = (key: string): string => winners.get(key)?.where ?? key;
  if (cluster.quorum > cluster.size) {
    const message = `cluster.quorum is ${cluster.quorum}, more than cluster.size ${cluster.size}`;
    const hint = 'the quorum is how many members are enough to start';
    found.push(conflict(message, hint, at('cluster.quorum')));
  }
  const least = Math.floor(cluster.size / 2) + 1;
  if (cluster.quorum < least && cluster.quorum <= cluster.size) {
    const message = `cluster.quorum is ${cluster.quorum}, at most half of cluster.size ${cluster.size}`;
    const hint = `with ${least} or more, two parts of a cluster can never both fire`;
    found.push(conflict(message, hint, at('cluster.quorum')));
  }
  return found;
}

function conflict(message: string, hint: string, where: string): Problem {
  return { code: 'SETTINGS_CONFLICT', message, hint, where };
}
