/** Encodes a path of the run folder for a URL. */

export function encodePath(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
