/** The names of files that one member gives to another. */

/** A path below the run folder that leads nowhere else, whoever wrote it. */
export function isMemberFile(path: string): boolean {
  const [top, ...rest] = path.split('/');
  if (path === 'run.json' || path === 'settings.json') return true;
  if (path.length > 768 || rest.length === 0 || (top !== 'engine' && top !== 'logs')) return false;
  return rest.every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'));
}
