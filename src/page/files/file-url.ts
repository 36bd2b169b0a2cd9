/** Writes a path of the run folder so that it survives being part of an address. */

export function encodePath(path: string): string {
  return path.toWellFormed().split('/').map(encodeURIComponent).join('/');
}
