/** Finds what only a later version of Tsung can do. */

import type { Problem } from '../../../errors.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { descendants } from '../xml/tree.ts';

/** Up to 1.7 its users wait for answers that have come, until they give up. */
export function versionProblems(
  { root, where }: Pick<Prepared, 'root' | 'where'>,
  version: string,
): readonly Problem[] {
  if (!/^1\.[0-7](\.|$)/.test(version)) return [];
  return descendants(root, 'server', 'change_type')
    .filter((element) =>
      ['type', 'server_type'].some((name) => element.attribute(name) === 'websocket_ssl'),
    )
    .map((element) => ({
      code: 'TSUNG_LACKS',
      message: `Tsung ${version} cannot read answers over a server of type "websocket_ssl"`,
      hint: 'write "ssl" where the session is of type ts_websocket; other sessions need Tsung 1.8',
      where: where(element.start),
    }));
}
