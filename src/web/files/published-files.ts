/** Which files of the run folder may be shown. */

import type { PublishedFile } from '../../publish/files.ts';

/** The list of what may be shown; nothing else of the disk can be reached. */
export type PublishedFiles = Readonly<{ list(): Promise<readonly PublishedFile[]> }>;
