/** Untrusted text that may hold a command to paste, which gets a button to copy it. */

import type { JSX } from 'preact';
import { escapeUnseen, sentenceCase } from '../../text.ts';
import { Command, Prose } from '../ui.tsx';
import { splitCommand } from './command-in-text.ts';

export function Advice({ text }: { text: string }): JSX.Element {
  const { before, command, after } = splitCommand(text);
  return (
    <>
      {before !== '' && (
        <p>
          <Prose text={sentenceCase(before)} />
        </p>
      )}
      {command !== '' && <Command text={escapeUnseen(command, 2_000)} />}
      {after !== '' && (
        <p>
          <Prose text={sentenceCase(after)} />
        </p>
      )}
    </>
  );
}
