/** Finds a command to paste in a sentence. Pure. */

/**
 * The commands that Onager gives within a message. Any other could come from outside, such as in an
 * answer of a target, and nobody should be offered that to paste.
 */
const known = ['aws ec2 authorize-security-group-ingress ', 'aws ec2 create-tags '];

/** A command ends with its backtick, its line or the text; it is empty where there is none. */
export function splitCommand(
  text: string,
): Readonly<{ before: string; command: string; after: string }> {
  const at = Math.max(...known.map((command) => text.indexOf(command)));
  if (at < 0) return { before: text, command: '', after: '' };
  const isQuoted = text[at - 1] === '`';
  const end = isQuoted ? text.indexOf('`', at) : text.indexOf('\n', at);
  const to = end < 0 ? text.length : end;
  return {
    before: text.slice(0, isQuoted ? at - 1 : at).trim(),
    command: text.slice(at, to).trim(),
    after: text.slice(isQuoted ? to + 1 : to).trim(),
  };
}
