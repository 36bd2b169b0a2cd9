import { describe, expect, it } from 'vitest';
import { OnagerError } from '../../../../src/errors.ts';
import { failureOf } from '../../../../src/publish/bucket/s3-errors.ts';

const place = {
  bucket: 'results',
  region: 'eu-west-1',
  endpoint: undefined,
  bucketOwner: undefined,
  kmsKey: undefined,
};

function sdkError(name: string, status: number, message = name, more: object = {}): Error {
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: status },
    ...more,
  });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.0.0.1:443`), { code });
}

describe('failureOf', () => {
  it.each([
    ['no such bucket', sdkError('NoSuchBucket', 404), 'BUCKET_MISSING', 'store'],
    ['redirect', sdkError('PermanentRedirect', 301), 'BUCKET_REGION', 'store'],
    ['denied', sdkError('AccessDenied', 403), 'BUCKET_ACCESS_DENIED', 'store'],
    ['denied, without a body', sdkError('403', 403), 'BUCKET_ACCESS_DENIED', 'store'],
    ['unknown key', sdkError('InvalidAccessKeyId', 403), 'CREDENTIALS_REFUSED', 'store'],
    ['bad signature', sdkError('SignatureDoesNotMatch', 403), 'CREDENTIALS_REFUSED', 'store'],
    ['expired token', sdkError('ExpiredToken', 400), 'CREDENTIALS_REFUSED', 'store'],
    ['clock', sdkError('RequestTimeTooSkewed', 403), 'BUCKET_CLOCK', 'store'],
    ['disabled KMS key', sdkError('KMS.DisabledException', 400), 'BUCKET_KMS_KEY', 'store'],
    [
      'forbidden KMS key',
      sdkError('AccessDenied', 403, 'not authorized to perform: kms:GenerateDataKey'),
      'BUCKET_KMS_KEY',
      'store',
    ],
    ['slow down', sdkError('SlowDown', 503), 'BUCKET_BUSY', 'store'],
    ['internal error', sdkError('InternalError', 500), 'BUCKET_BUSY', 'store'],
    ['too many requests', sdkError('TooManyRequests', 429), 'BUCKET_BUSY', 'store'],
    ['long key', sdkError('KeyTooLongError', 400), 'BUCKET_REFUSED', 'object'],
    ['bad bucket name', sdkError('InvalidBucketName', 400), 'BUCKET_REFUSED', 'store'],
    ['refused connection', systemError('ECONNREFUSED'), 'BUCKET_UNREACHABLE', 'store'],
    ['reset connection', systemError('ECONNRESET'), 'BUCKET_UNREACHABLE', 'store'],
    ['no such host', systemError('ENOTFOUND'), 'BUCKET_UNREACHABLE', 'store'],
    ['resolver down', systemError('EAI_AGAIN'), 'BUCKET_UNREACHABLE', 'store'],
    ['bad certificate', systemError('CERT_HAS_EXPIRED'), 'BUCKET_UNREACHABLE', 'store'],
    ['self-signed', systemError('DEPTH_ZERO_SELF_SIGNED_CERT'), 'BUCKET_UNREACHABLE', 'store'],
    [
      'time-out',
      Object.assign(new Error('x'), { name: 'TimeoutError' }),
      'BUCKET_UNREACHABLE',
      'store',
    ],
    ['file gone', systemError('ENOENT'), 'INTERNAL', 'object'],
    [
      'no role',
      new OnagerError('NO_CREDENTIALS', 'no role', { hint: 'attach one' }),
      'NO_CREDENTIALS',
      'store',
    ],
    [
      'credentials of the SDK',
      Object.assign(new Error('none'), { name: 'CredentialsProviderError' }),
      'NO_CREDENTIALS',
      'store',
    ],
    ['something thrown', 'boom', 'INTERNAL', 'object'],
  ])('tells %s apart', (_, error, code, scope) => {
    const fault = failureOf(error, place);
    expect(fault.problem.code).toBe(code);
    expect(fault.scope).toBe(scope);
    expect(fault.problem.hint).not.toBe('');
  });

  it.each([
    [
      'a header',
      sdkError('PermanentRedirect', 301, 'x', {
        $response: { headers: { 'x-amz-bucket-region': 'us-east-2' } },
      }),
    ],
    ['a field', sdkError('AuthorizationHeaderMalformed', 400, 'x', { Region: 'us-east-2' })],
    [
      'the text',
      sdkError(
        'AuthorizationHeaderMalformed',
        400,
        "the region 'eu-west-1' is wrong; expecting 'us-east-2'",
      ),
    ],
  ])('reads the right region from %s', (_, error) => {
    const fault = failureOf(error, place);
    expect(fault.region).toBe('us-east-2');
    expect(fault.problem.message).toBe('the bucket "results" is in us-east-2, not in eu-west-1');
  });

  it('names what to allow, and the owner that was asked for', () => {
    const denied = failureOf(sdkError('AccessDenied', 403), {
      ...place,
      bucketOwner: '123456789012',
    });
    expect(denied.problem.hint).toContain('s3:PutObject on arn:aws:s3:::results/*');
    expect(denied.problem.hint).toContain('123456789012');
  });
});
