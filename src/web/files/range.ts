/** Which part of a file a `Range` header asks for (RFC 9110, 14.2). */

/**
 * `end` is exclusive. Undefined: the whole file, also if the header is not a single range of
 * bytes. `none`: a part that the file does not have.
 */
export function rangeOf(
  header: string | undefined,
  bytes: number,
): Readonly<{ start: number; end: number }> | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  return start < end ? { start, end } : 'none';
}
