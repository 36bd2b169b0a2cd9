/** What every command of the command line is. */

/** `value`: what stands for its value in the help; absent: it is a switch. */
export type Option = Readonly<{
  type: 'string' | 'boolean';
  short?: string;
  multiple?: boolean;
  value?: string;
  help: string;
}>;

/** The values of a command's options, as they were given. */
export type OptionValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

/** What a command has of the process around it. */
type CommandContext = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  /** How this program is started: Node.js, its options, and the file. */
  self: readonly [string, ...string[]];
  readPage(): Promise<string>;
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal;
  /** Aborted by a second one, unless it follows at once. */
  abandoned: AbortSignal;
}>;

/** Loaded for its own run and for the help: what it needs, `run` imports. */
export type Command = Readonly<{
  summary: string;
  /** What its one operand is; absent: it takes none. */
  operand?: string;
  options: Readonly<Record<string, Option>>;
  /** Whether a second signal ends it at once. Other commands have an end of their own to see to. */
  leavesAtOnce?: boolean;
  /** Gives the exit code. */
  run(
    given: Readonly<{ options: OptionValues; operand: string }>,
    context: CommandContext,
  ): Promise<number>;
}>;

/** The option of every command that takes a scenario. */
export const varOption: Option = {
  type: 'string',
  multiple: true,
  value: 'NAME=value',
  help: 'sets a variable of the scenario; may be repeated',
};
