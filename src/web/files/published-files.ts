/** What of the run folder may be shown. */

/** `key`: the file's name for the outside, with forward slashes. `path`: where it lies. */
export type PublishedFile = Readonly<{ key: string; path: string; bytes: number }>;

/** The list of what may be shown; nothing else of the disk can be reached. */
export type PublishedFiles = Readonly<{ list(): Promise<readonly PublishedFile[]> }>;
