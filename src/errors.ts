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
  IMDS_UNREACHABLE: {
    exit: 70,
    meaning: 'the instance metadata service did not answer in time',
  },
  ROLE_MISSING: { exit: 70, meaning: 'the instance has no IAM role' },
  ROLE_NOT_READY: { exit: 70, meaning: 'the instance has an IAM role, but no credentials of it' },
  // scenario
  SCENARIO_FROM: {
    exit: 65,
    meaning: 'the place of the scenario is not an s3:// or https:// address',
  },
  SCENARIO_NOT_FOUND: { exit: 65, meaning: 'there is no scenario at its address' },
  SCENARIO_ACCESS_DENIED: {
    exit: 65,
    meaning: 'the scenario may not be read with these credentials',
  },
  SCENARIO_REFUSED: { exit: 65, meaning: 'the server refuses to give the scenario' },
  SCENARIO_REDIRECT: {
    exit: 65,
    meaning: 'the server sends the scenario somewhere it must not come from',
  },
  SCENARIO_TOO_LARGE: { exit: 65, meaning: 'the scenario is larger than may be fetched' },
  SCENARIO_TLS: { exit: 65, meaning: "the server's certificate is not trusted" },
  SCENARIO_UNREACHABLE: { exit: 70, meaning: 'the scenario could not be fetched in time' },
  SCENARIO_SHA256: { exit: 65, meaning: 'the fetched scenario is not the one that was asked for' },
  SCENARIO_SETTINGS_TWICE: { exit: 65, meaning: 'the scenario holds two settings files' },
  SCENARIO_DISK_SPACE: { exit: 70, meaning: 'there is too little free disk for the scenario' },
  NO_CREDENTIALS: { exit: 65, meaning: 'there are no AWS credentials' },
  VAR_UNSET: { exit: 65, meaning: 'the entry file uses a variable that is not set' },
  VAR_UNUSED: { exit: 65, meaning: 'a variable is set that the entry file does not use' },
  PACK_EMPTY: { exit: 65, meaning: 'the folder holds no file to pack' },
  ZIP_NOT_A_ZIP: { exit: 65, meaning: 'the scenario is not a zip' },
  ZIP_TRUNCATED: { exit: 65, meaning: 'the end of the zip is missing' },
  ZIP_DIRECTORY: { exit: 65, meaning: "the zip's table of contents contradicts itself" },
  ZIP_HIDDEN_BYTES: { exit: 65, meaning: 'the zip holds bytes that belong to no file' },
  ZIP_MULTI_DISK: { exit: 65, meaning: 'the zip is one part of several' },
  ZIP_EMPTY: { exit: 65, meaning: 'the zip holds no file' },
  ZIP_TOO_MANY_FILES: { exit: 65, meaning: 'the zip has too many entries' },
  ZIP_TOO_LARGE: { exit: 65, meaning: 'the zip unpacks to too many bytes' },
  ZIP_FILE_TOO_LARGE: { exit: 65, meaning: 'a file in the zip is too large' },
  ZIP_RATIO: { exit: 65, meaning: 'a file in the zip is compressed like a zip bomb' },
  ZIP_OVERLAP: { exit: 65, meaning: 'files in the zip overlap' },
  ZIP_NAME: { exit: 65, meaning: 'a name in the zip is unsafe' },
  ZIP_DUPLICATE: { exit: 65, meaning: 'two names in the zip are the same file' },
  ZIP_LINK: { exit: 65, meaning: 'the zip holds a symbolic link' },
  ZIP_SPECIAL_FILE: {
    exit: 65,
    meaning: 'the zip holds something that is neither a file nor a folder',
  },
  ZIP_SETUID: { exit: 65, meaning: 'a file in the zip is setuid or setgid' },
  ZIP_FOLDER_DATA: { exit: 65, meaning: 'a folder in the zip has data' },
  ZIP_ENCRYPTED: { exit: 65, meaning: 'the zip is encrypted' },
  ZIP_METHOD: { exit: 65, meaning: 'a file in the zip is compressed by an unsupported method' },
  ZIP_HEADER_MISMATCH: {
    exit: 65,
    meaning: "a file's header contradicts the zip's table of contents",
  },
  ZIP_SIZE_LIE: { exit: 65, meaning: 'a file in the zip does not have the size that is declared' },
  ZIP_DATA: { exit: 65, meaning: 'the data of a file in the zip is damaged' },
  ZIP_CRC: { exit: 65, meaning: 'the checksum of a file in the zip is wrong' },
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
