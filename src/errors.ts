/** The one error class, its codes, and the shape in which problems are told to people. */

/**
 * Every code Onager can report: what it means, in the words of the README's table.
 * `exit` is the process exit code of a command that ends with it.
 */
export const errorCodes = {
  // commands
  USAGE: { exit: 64, meaning: 'the command line is wrong' },
  INTERNAL: { exit: 70, meaning: 'a fault of Onager itself' },
  // boot
  IMDS_DISABLED: { exit: 70, meaning: 'the instance metadata service is switched off' },
  IMDS_INVALID: {
    exit: 70,
    meaning: 'the instance metadata service gave an answer that makes no sense',
  },
} as const satisfies Record<string, Readonly<{ exit: number; meaning: string }>>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * Something that is wrong, in words.
 * `message`: lower case, what failed, then the value. `hint`: what to do. `where`: place (file:line, or a setting's key path and source).
 */
export type Problem = Readonly<{
  code: ErrorCode;
  message: string;
  hint: string;
  where?: string;
}>;

/** A failure with a code, a sentence and a hint. */
export class OnagerError extends Error {
  override readonly name = 'OnagerError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly where: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: Readonly<{ hint: string; where?: string; cause?: unknown }>,
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.where = options.where;
  }
}

/** All that is wrong with an input at once; its own code and message are those of the first problem. */
export class ProblemsError extends OnagerError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const [first] = problems;
    super(first.code, first.message, {
      hint: first.hint,
      ...(first.where === undefined ? {} : { where: first.where }),
    });
    this.problems = problems;
  }
}

/** The problems an error stands for; an unforeseen error is a fault of ours. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof ProblemsError) return error.problems;
  if (error instanceof OnagerError) {
    const { code, message, hint, where } = error;
    return [{ code, message, hint, ...(where === undefined ? {} : { where }) }];
  }
  return [
    {
      code: 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
      hint: 'this is a fault of Onager: please report it with the log (journalctl -u onager)',
    },
  ];
}

/** Whether an error carries this Node.js system error code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
