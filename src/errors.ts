/** The error class, its codes, and how problems are shown to people. */

import { diskFaultOf } from './disk-fault.ts';
import { escapeUnseen } from './text.ts';

/**
 * Every code Onager can report, and what it means. docs/errors.md is generated from this table.
 * `exit` is the exit code of a command that ends with it; 0: a warning, which ends nothing.
 * `scripts/error-advice.ts` says what to do about each.
 */
export const errorCodes = {
  // commands
  USAGE: { exit: 64, meaning: 'the command line is wrong' },
  INTERNAL: { exit: 70, meaning: 'a fault of Onager itself' },
  DISK_FULL: { exit: 70, meaning: 'a disk or a quota is full' },
  DISK_READ_ONLY: { exit: 70, meaning: 'a disk that must be written to is read-only' },
  DISK_BROKEN: { exit: 70, meaning: 'a disk reports errors' },
  FILE_DENIED: {
    exit: 70,
    meaning: 'the user that runs Onager may not use one of its own files or folders',
  },
  FILES_OPEN: { exit: 70, meaning: 'too many files are open' },
  AGENT_FAILED: { exit: 70, meaning: 'the agent of a rehearsal does not stay up' },
  AGENT_INVALID: { exit: 70, meaning: 'something other than the agent of a rehearsal answered' },
  AGENT_RUNNING: { exit: 70, meaning: 'another agent is using the same state folder' },
  OUT_BUSY: { exit: 64, meaning: 'another rehearsal is writing to the same folder' },
  OUT_DISK_SPACE: { exit: 70, meaning: 'there is too little free disk for a rehearsal' },
  OUT_INVALID: { exit: 64, meaning: 'the output folder cannot be written to' },
  PORT_TAKEN: { exit: 64, meaning: 'the requested port is in use, or needs root' },
  OUT_NOT_EMPTY: { exit: 64, meaning: 'the folder for a rehearsal holds other files' },
  REHEARSAL_ADDRESSES: {
    exit: 70,
    meaning: 'this machine has no free loopback addresses for the members of a rehearsal',
  },
  PAGE_MISSING: { exit: 70, meaning: 'the page has not been built' },
  FIRE_REFUSED: {
    exit: 64,
    meaning: 'nothing was fired at another machine, because nobody agreed to it',
  },
  RUN_UNREADABLE: { exit: 65, meaning: 'a run folder holds no state of a run that can be read' },
  COPY_DAMAGED: {
    exit: 65,
    meaning: "something is missing or damaged in a copy of a run's objects in the bucket",
  },
  COPY_INCOMPLETE: {
    exit: 3,
    meaning: 'a report was made from a copy of a run that was not published as a whole',
  },
  SOURCE_UNREADABLE: { exit: 64, meaning: 'the file or folder on the command line cannot be read' },
  SOURCE_MISSING: { exit: 64, meaning: 'the file or folder on the command line does not exist' },
  SOURCE_EMPTY: { exit: 65, meaning: 'the file on the command line is empty' },
  SCENARIO_MISSING: { exit: 65, meaning: 'there are settings, but no scenario' },
  USER_DATA_OVER_16K: { exit: 65, meaning: 'the user-data is larger than EC2 accepts' },
  // boot
  IMDS_DISABLED: { exit: 70, meaning: 'the instance metadata service is switched off' },
  IMDS_INVALID: {
    exit: 70,
    meaning: 'the instance metadata service gave an invalid answer',
  },
  IMDS_UNREACHABLE: {
    exit: 70,
    meaning: 'the instance metadata service did not answer in time',
  },
  ROLE_MISSING: { exit: 70, meaning: 'the instance has no IAM role' },
  ROLE_NOT_READY: {
    exit: 70,
    meaning: 'the instance has an IAM role, but its credentials are not available yet',
  },
  // scenario
  SCENARIO_FROM: {
    exit: 65,
    meaning: 'the location of the scenario is not an s3:// or https:// address',
  },
  SCENARIO_NOT_FOUND: { exit: 65, meaning: 'there is no scenario at its address' },
  SCENARIO_ACCESS_DENIED: {
    exit: 65,
    meaning: 'these credentials are not allowed to read the scenario',
  },
  SCENARIO_REFUSED: { exit: 65, meaning: 'the server refuses to serve the scenario' },
  SCENARIO_REDIRECT: {
    exit: 65,
    meaning: 'the server redirects to an address that is not allowed',
  },
  SCENARIO_TOO_LARGE: { exit: 65, meaning: 'the scenario is larger than the limit' },
  SCENARIO_TLS: { exit: 65, meaning: "the server's certificate is not trusted" },
  SCENARIO_UNREACHABLE: { exit: 70, meaning: 'the scenario could not be fetched in time' },
  SCENARIO_SHA256: { exit: 65, meaning: 'the fetched scenario has a different SHA-256' },
  SCENARIO_SETTINGS_TWICE: { exit: 65, meaning: 'the scenario holds two settings files' },
  SCENARIO_DISK_SPACE: { exit: 70, meaning: 'there is too little free disk for the scenario' },
  NO_CREDENTIALS: { exit: 65, meaning: 'there are no AWS credentials' },
  VAR_UNSET: { exit: 65, meaning: 'the entry file uses a variable that is not set' },
  VAR_UNUSED: { exit: 0, meaning: 'a variable is set that the entry file does not use' },
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
  ZIP_SIZE_LIE: { exit: 65, meaning: 'a file in the zip does not have its declared size' },
  ZIP_DATA: { exit: 65, meaning: 'the data of a file in the zip is damaged' },
  ZIP_CRC: { exit: 65, meaning: 'the checksum of a file in the zip is wrong' },
  // engine host
  ENGINE_UNKNOWN: { exit: 65, meaning: 'no engine has this name, or none reads these files' },
  ENTRY_MISSING: { exit: 65, meaning: 'the file that the engine should start with does not exist' },
  ENTRY_AMBIGUOUS: { exit: 65, meaning: 'several files could be the one to start with' },
  ENGINE_FILE_INVALID: {
    exit: 70,
    meaning: 'a file that the agent and the engine process share is invalid',
  },
  ENGINE_FILE_REFUSED: {
    exit: 70,
    meaning:
      "something in the engine's folder is not an ordinary file: it is neither read nor published",
  },
  ENGINE_NOTHING_FIRED: { exit: 3, meaning: 'hardly any of the planned users started' },
  ENGINE_ALREADY_FIRED: { exit: 70, meaning: 'this scenario has already been fired' },
  ENGINE_HOST_FAILED: { exit: 70, meaning: "the engine's supervisor did not start" },
  ENGINE_HOST_STUCK: { exit: 3, meaning: "the engine's supervisor hung and was killed" },
  LOAD_SHORTENED: {
    exit: 0,
    meaning: "the load was a part of the scenario's own, as the settings ask for",
  },
  LOAD_UNSCALED: { exit: 0, meaning: 'some users of the load do not become fewer by `load.scale`' },
  ENGINE_DRAINED: { exit: 0, meaning: 'users that were still waiting for answers were stopped' },
  ENGINE_STOP_DENIED: { exit: 70, meaning: "the engine's supervisor cannot be signalled" },
  // results
  METER_FAILED: {
    exit: 70,
    meaning: 'measuring stopped; the run can be measured again from its files',
  },
  // report
  PAGE_INVALID: { exit: 70, meaning: 'the page to put a report into is missing or broken' },
  REPORT_NOT_WRITTEN: { exit: 0, meaning: 'the report of a run could not be written to its disk' },
  // user-data
  USER_DATA_UNKNOWN: { exit: 65, meaning: 'the user-data is in no format that Onager knows' },
  USER_DATA_MANGLED: {
    exit: 65,
    meaning: 'a tool read the user-data as text (file:// instead of fileb://)',
  },
  USER_DATA_ZIP_CUT: { exit: 65, meaning: 'the zip in the user-data ends early' },
  USER_DATA_ZIP_EMPTY: { exit: 65, meaning: 'the zip in the user-data has no files' },
  USER_DATA_ARCHIVE: { exit: 65, meaning: 'the user-data is an archive, but not a zip' },
  USER_DATA_OTHER_ENGINE: {
    exit: 65,
    meaning: 'the user-data is a script for an engine that this image does not have',
  },
  USER_DATA_HTML: { exit: 65, meaning: 'the user-data is a web page' },
  USER_DATA_S3_ERROR: { exit: 65, meaning: 'the user-data is an error message from S3' },
  USER_DATA_LOCATION: {
    exit: 65,
    meaning: 'the user-data is the address of a scenario, not a scenario',
  },
  USER_DATA_PATH: { exit: 65, meaning: 'the user-data is the name of a file, not its content' },
  USER_DATA_JSON: { exit: 65, meaning: 'the user-data is JSON' },
  USER_DATA_NO_ONAGER_LINE: {
    exit: 65,
    meaning: 'the user-data has settings, but not the first line #onager',
  },
  USER_DATA_UTF16: { exit: 65, meaning: 'the user-data is UTF-16 text' },
  USER_DATA_NOT_UTF8: { exit: 65, meaning: 'the settings in the user-data are not UTF-8' },
  USER_DATA_ENCODING: { exit: 65, meaning: 'the base64 of the user-data is broken' },
  USER_DATA_ENCODED_TWICE: {
    exit: 65,
    meaning: 'the user-data is compressed or encoded more than once',
  },
  USER_DATA_GZIP: { exit: 65, meaning: 'the gzip data in the user-data is broken' },
  USER_DATA_TOO_LARGE: { exit: 65, meaning: 'the user-data unpacks to more than is allowed' },
  USER_DATA_MIME: { exit: 65, meaning: 'the MIME message in the user-data is broken' },
  USER_DATA_MIME_SEVERAL: {
    exit: 65,
    meaning: 'the MIME message has more than one scenario or more than one set of settings',
  },
  USER_DATA_MIME_ZIP: {
    exit: 65,
    meaning: 'a part of the MIME message is declared as a zip, but is not one',
  },
  // settings
  SETTINGS_TOO_LARGE: { exit: 65, meaning: 'the settings are too long' },
  SETTINGS_YAML: { exit: 65, meaning: 'the settings are not YAML' },
  SETTINGS_YAML_TAG: { exit: 65, meaning: 'the settings use a YAML tag (!…)' },
  SETTINGS_ALIAS: { exit: 65, meaning: 'the settings use a YAML alias (*…)' },
  SETTINGS_DUPLICATE: { exit: 65, meaning: 'a setting is given twice' },
  SETTINGS_SHAPE: {
    exit: 65,
    meaning: 'a setting has a list or a map where it takes a single value, or the reverse',
  },
  SETTINGS_EMPTY: { exit: 65, meaning: 'a setting has no value' },
  SETTINGS_UNKNOWN: { exit: 65, meaning: 'there is no such setting' },
  SETTINGS_TAG_UNKNOWN: { exit: 65, meaning: 'an instance tag onager:… does not name a setting' },
  SETTINGS_DURATION: { exit: 65, meaning: 'a setting is not a duration' },
  SETTINGS_SIZE: { exit: 65, meaning: 'a setting is not a size' },
  SETTINGS_NUMBER: { exit: 65, meaning: 'a setting is not a whole number' },
  SETTINGS_BOOLEAN: { exit: 65, meaning: '`samples` is neither true, false nor rows' },
  SETTINGS_RANGE: { exit: 65, meaning: 'a setting is too small or too large' },
  SETTINGS_CHOICE: { exit: 65, meaning: 'a setting is not one of the allowed words' },
  SETTINGS_ENGINE: { exit: 65, meaning: 'engine is not the name of an engine' },
  SETTINGS_ENTRY: { exit: 65, meaning: 'entry is not the name of a file in the scenario' },
  SETTINGS_VAR: { exit: 65, meaning: 'a variable has a name that cannot be used' },
  SETTINGS_SCENARIO_FROM: {
    exit: 65,
    meaning: 'scenario.from is not an s3:// or https:// address',
  },
  SETTINGS_SCENARIO_HTTP: { exit: 65, meaning: 'scenario.from is http, without encryption' },
  SETTINGS_SHA256: { exit: 65, meaning: 'scenario.sha256 is not a SHA-256' },
  SETTINGS_ADDRESSES: { exit: 65, meaning: 'a setting is not a list of IPv4 addresses' },
  SETTINGS_CLUSTER_ID: { exit: 65, meaning: 'cluster.id is not a name' },
  SETTINGS_CLUSTER_KEY: { exit: 65, meaning: 'cluster.key is not a key' },
  SETTINGS_ACCESS: { exit: 65, meaning: 'report.access is not a key of 16 characters or more' },
  SETTINGS_PUBLISH_TO: { exit: 65, meaning: 'publish.to is not an s3:// address' },
  SETTINGS_REGION: { exit: 65, meaning: 'publish.region is not a region' },
  SETTINGS_ENDPOINT: { exit: 65, meaning: 'publish.endpoint is not the address of an S3 service' },
  SETTINGS_KMS_KEY: { exit: 65, meaning: 'publish.kmsKey is not a KMS key' },
  SETTINGS_BUCKET_OWNER: { exit: 65, meaning: 'publish.bucketOwner is not an account number' },
  SETTINGS_CONFLICT: { exit: 65, meaning: 'two settings cannot be used together' },
  SLO_SYNTAX: { exit: 65, meaning: 'an SLO rule cannot be read' },
  SLO_SCOPE: { exit: 65, meaning: 'an SLO rule is about something that is not measured' },
  SLO_NAME: { exit: 0, meaning: 'an SLO rule is about a request that the scenario does not have' },
  SLO_METRIC: { exit: 65, meaning: 'an SLO rule has no known metric' },
  SLO_VALUE: { exit: 65, meaning: 'an SLO rule compares with a value that the metric cannot have' },
  SLO_WINDOW: { exit: 65, meaning: 'an SLO rule cannot be judged over these windows' },
  ASG_UNCONFIRMED: {
    exit: 65,
    meaning: 'the instance belongs to an Auto Scaling group, which replaces it when it ends',
  },
  ASG_NOT_LEFT: {
    exit: 0,
    meaning: 'the Auto Scaling group was not told that the instance needs no replacement',
  },
  CLUSTER_TOO_LATE: { exit: 3, meaning: 'the cluster agreed on its members without this one' },
  CLUSTER_INCOMPLETE: { exit: 3, meaning: 'too few members of the cluster have come' },
  CLUSTER_LEADER_LOST: { exit: 3, meaning: 'the leader of the cluster does not answer any more' },
  CLUSTER_MEMBER_LOST: { exit: 3, meaning: 'a member of the cluster does not answer any more' },
  CLUSTER_MIXED: { exit: 65, meaning: 'members of the cluster have different versions' },
  CLUSTER_UNSHARED: { exit: 0, meaning: 'an instance of the same launch fires nothing' },
  CLUSTER_SIZE_UNSET: {
    exit: 65,
    meaning: 'instances were launched together without cluster.size',
  },
  CLUSTER_OVER_SIZE: { exit: 65, meaning: 'more instances were launched than cluster.size says' },
  CLUSTER_NO_IDENTITY: { exit: 65, meaning: 'nothing says which instances belong to the cluster' },
  CLUSTER_TWICE: {
    exit: 0,
    meaning: 'an instance with the same user-data belongs to another cluster',
  },
  CLUSTER_STOPPED: { exit: 3, meaning: 'a user stopped another member of the cluster' },
  CLUSTER_STARTED_LATE: {
    exit: 0,
    meaning: 'a member of the cluster started later than the others',
  },
  CLUSTER_NO_ADDRESS: { exit: 65, meaning: 'the instance has no address for a cluster' },
  SHARE_NONE: { exit: 0, meaning: "a member's share of the load has no user" },
  SHARE_APART: {
    exit: 0,
    meaning: 'what users of the whole load do together, they do within each member of the cluster',
  },
  SHARE_REPEATED: {
    exit: 0,
    meaning: 'what one user of the load has, users of several members of the cluster have',
  },
  // publish
  BUCKET_MISSING: { exit: 65, meaning: 'the bucket to publish to does not exist' },
  BUCKET_REGION: { exit: 65, meaning: 'the bucket to publish to is in another region' },
  BUCKET_ACCESS_DENIED: { exit: 65, meaning: 'writing to the bucket is not allowed' },
  BUCKET_OWNER: { exit: 65, meaning: 'the bucket belongs to a different account' },
  BUCKET_KMS_KEY: { exit: 65, meaning: 'S3 cannot encrypt with the KMS key' },
  BUCKET_REFUSED: { exit: 65, meaning: 'S3 rejects a request' },
  BUCKET_NOT_S3: {
    exit: 65,
    meaning: 'something other than S3 answers',
  },
  BUCKET_INCOMPLETE: { exit: 70, meaning: 'objects that the bucket accepted are not in it' },
  BUCKET_UNSEEN: {
    exit: 70,
    meaning: 'everything was uploaded, but the role is not allowed to check that it arrived',
  },
  BUCKET_UNREACHABLE: { exit: 70, meaning: 'S3, or the S3-compatible service, cannot be reached' },
  BUCKET_BUSY: {
    exit: 70,
    meaning: 'S3 answers that it is busy, or with internal errors',
  },
  BUCKET_CLOCK: { exit: 70, meaning: "S3 rejects requests because this machine's clock is wrong" },
  CREDENTIALS_REFUSED: { exit: 65, meaning: 'S3 rejects the AWS credentials' },
  PUBLISH_FILE: { exit: 70, meaning: 'a file of the run cannot be read for publishing' },
  PUBLISH_DEADLINE: { exit: 70, meaning: 'not everything was published in time' },
  // lifecycle
  SPOT_INTERRUPTION: { exit: 3, meaning: 'EC2 takes the spot instance back' },
  SPOT_REBALANCE: { exit: 0, meaning: 'EC2 may soon take the spot instance back' },
  LIFETIME_OVER: { exit: 3, meaning: "the instance's lifetime ended during the run" },
  ENGINE_INTERRUPTED: { exit: 3, meaning: 'something other than Onager stopped the load' },
  POWER_OFF_FAILED: { exit: 70, meaning: 'the machine does not power off as it should' },
  ISOLATION_WEAK: { exit: 0, meaning: 'the engine could reach addresses that it must not' },
  // tsung
  ENGINE_MISSING: { exit: 70, meaning: 'the engine is not installed on this machine' },
  ENGINE_BROKEN: { exit: 70, meaning: 'the engine is installed, but cannot start on this machine' },
  TSUNG_XML: { exit: 65, meaning: 'the Tsung scenario is not well-formed XML' },
  TSUNG_ENTITY: {
    exit: 65,
    meaning: 'the Tsung scenario uses an XML entity that cannot be expanded',
  },
  TSUNG_FILE_MISSING: { exit: 65, meaning: 'the Tsung scenario names a file that does not exist' },
  TSUNG_FILE_AMBIGUOUS: {
    exit: 65,
    meaning: 'the Tsung scenario names a file, and several files have that name',
  },
  TSUNG_FILE_EMPTY: {
    exit: 65,
    meaning: 'a file that the users of the Tsung scenario take lines from has none',
  },
  TSUNG_COLUMNS: {
    exit: 0,
    meaning: 'a line of a file has fewer columns than the variables that are read from it',
  },
  TSUNG_SUBST: {
    exit: 0,
    meaning: 'the Tsung scenario sends a variable as it is written, not its value',
  },
  TSUNG_VAR_UNUSED: { exit: 0, meaning: 'the Tsung scenario sets a variable that it does not use' },
  TSUNG_VAR_UNSET: { exit: 0, meaning: 'the Tsung scenario uses a variable that it does not set' },
  TSUNG_DTD: { exit: 65, meaning: "the Tsung scenario breaks the rules of Tsung's DTD" },
  TSUNG_DTD_UNCHECKED: {
    exit: 70,
    meaning: "Tsung's DTD, which scenarios are checked against, is missing",
  },
  TSUNG_PROBABILITY: { exit: 65, meaning: "the sessions' probabilities or weights are invalid" },
  TSUNG_SESSION_TYPE: {
    exit: 65,
    meaning: 'a Tsung session uses a protocol that is not installed',
  },
  TSUNG_SESSION_NAME: {
    exit: 65,
    meaning: 'two Tsung sessions have one name, or a name belongs to no session',
  },
  TSUNG_TRANSACTION_NAME: {
    exit: 65,
    meaning: 'a Tsung transaction has a name that Tsung cannot read',
  },
  TSUNG_NUMBER: { exit: 65, meaning: 'the Tsung scenario has a number that Tsung cannot read' },
  TSUNG_TEXT: { exit: 65, meaning: 'the Tsung scenario has text that Tsung cannot send' },
  TSUNG_LOAD: { exit: 65, meaning: 'the Tsung scenario plans no load' },
  TSUNG_PORT: { exit: 65, meaning: 'a port in the Tsung scenario is not a port' },
  TSUNG_HOST: { exit: 65, meaning: 'a host in the Tsung scenario is one Tsung cannot connect to' },
  TARGET_UNRESOLVABLE: { exit: 65, meaning: "the target's name has no address" },
  TARGET_UNREACHABLE: { exit: 3, meaning: 'no user of the load could connect to the target' },
  TARGET_UNANSWERED: { exit: 3, meaning: 'the target did not answer a single request' },
  TARGET_LOOPBACK: { exit: 0, meaning: 'the target is the machine that generates the load' },
  TARGET_FORBIDDEN: {
    exit: 65,
    meaning: "the target is the metadata service or a cluster's port, which load may not reach",
  },
  TSUNG_PROTOCOL: {
    exit: 65,
    meaning: 'a request uses a different protocol than its Tsung session at that point',
  },
  TSUNG_CODE: {
    exit: 65,
    meaning: 'the Tsung scenario has, or calls, Erlang code that cannot run',
  },
  TSUNG_OPTION_IGNORED: { exit: 0, meaning: 'the Tsung scenario sets an option Tsung ignores' },
  TSUNG_SESSION_SILENT: { exit: 0, meaning: 'a Tsung session has no request' },
  TSUNG_LACKS: {
    exit: 65,
    meaning: 'the Tsung scenario asks for what the installed Tsung and Erlang cannot do',
  },
  TSUNG_LACKS_SOME: {
    exit: 0,
    meaning: 'the installed Tsung and Erlang cannot do all that the Tsung scenario may ask for',
  },
  TLS_AUTHORITIES: {
    exit: 70,
    meaning: 'certificates are to be verified, and this machine trusts no authority',
  },
  TSUNG_UNJUDGED: { exit: 0, meaning: "Tsung's own reader gave no verdict on the scenario" },
  TSUNG_REFUSED: { exit: 65, meaning: "Tsung's own reader rejects the scenario" },
  TSUNG_CONFIG: { exit: 3, meaning: 'Tsung did not start the load' },
  TSUNG_ABORTED: { exit: 3, meaning: 'Tsung gave up before the load was complete' },
  TSUNG_USERS_CRASHED: { exit: 3, meaning: 'simulated users, or parts of Tsung, crashed' },
  TSUNG_INTERRUPTED: { exit: 3, meaning: 'something other than Onager stopped Tsung early' },
  TSUNG_STALLED: { exit: 3, meaning: 'Tsung hung and was stopped' },
  TSUNG_REPORT: { exit: 0, meaning: "Tsung's own report could not be generated" },
} as const satisfies Record<string, Readonly<{ exit: number; meaning: string }>>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * Something that is wrong, for people to read.
 * `message`: lower case, what failed, then the value. `hint`: what to do. `where`: file:line, or a
 * setting's key path and source.
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

/** The failure that another process or machine tells of. */
export function errorOf({ code, message, hint }: Problem): OnagerError {
  return new OnagerError(code, message, { hint });
}

/**
 * Everything that is wrong with an input, at once; its code and message are those of the first
 * problem.
 */
export class ProblemsError extends OnagerError {
  readonly problems: readonly [Problem, ...Problem[]];

  constructor(problems: readonly [Problem, ...Problem[]]) {
    const [first] = problems;
    super(first.code, first.message, {
      hint: first.hint,
      ...(first.where === undefined ? {} : { where: first.where }),
    });
    this.problems = problems;
  }
}

export function isNotEmpty<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}

/** Throws a ProblemsError if there is anything wrong. */
export function throwIfAny(problems: readonly Problem[]): void {
  if (isNotEmpty(problems)) throw new ProblemsError(problems);
}

/** The problems behind an error; an unexpected error is a fault of Onager. */
export function problemsOf(error: unknown): readonly [Problem, ...Problem[]] {
  if (error instanceof ProblemsError) return error.problems;
  if (error instanceof OnagerError) {
    const { code, message, hint, where } = error;
    return [{ code, message, hint, ...(where === undefined ? {} : { where }) }];
  }
  const fault = diskFaultOf(error);
  if (fault !== undefined) return [fault];
  return [
    {
      code: 'INTERNAL',
      message: messageOf(error),
      hint: 'this is a fault of Onager: please report it with the log (journalctl -u onager)',
    },
  ];
}

/** A problem for a terminal: code, place and message on one line, the hint on a second. */
export function problemText(problem: Problem): string {
  return `${headOf(problem)}\n  ${escapeUnseen(problem.hint)}\n`;
}

/** A problem on one line: code, place and message, and the hint in brackets. */
export function problemLine(problem: Problem): string {
  return `${headOf(problem)} (${escapeUnseen(problem.hint)})`;
}

function headOf({ code, message, where }: Problem): string {
  return escapeUnseen(`${code}: ${where === undefined ? '' : `${where}: `}${message}`);
}

/** The message of whatever was thrown, which need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error carries this Node.js system error code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
