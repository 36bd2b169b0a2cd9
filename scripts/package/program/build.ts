/** Which bundle this is. */

declare const bundleId: string;

/** A hash of the bundle's files, put in when it is bundled. */
export const build = bundleId;
