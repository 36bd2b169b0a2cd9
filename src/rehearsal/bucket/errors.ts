/** The errors of S3 that the bucket answers with, and their XML. */

const statuses = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  EntityTooLarge: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedTrailerError: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
} as const;

export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: keyof typeof statuses;
  /** Further elements of the answer, such as the region that S3 expects. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: keyof typeof statuses,
    message: string,
    details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return statuses[this.code];
  }
}

export function errorXml({ code, message, details }: S3Error, resource: string): string {
  const fields = { Code: code, Message: message, ...details, Resource: resource };
  return xml(`<Error>${elements(fields)}</Error>`);
}

export function xml(document: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document}`;
}

export function elements(fields: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
    .join('');
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

// XML 1.0 does not allow control characters; S3 writes them as references all the same.
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}&<>]/gu,
    (character) => references[character] ?? `&#${character.charCodeAt(0)};`,
  );
}
