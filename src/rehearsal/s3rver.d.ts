/** The types of s3rver, which brings none: what is used of it. */

declare module '@20minutes/s3rver' {
  // biome-ignore lint/style/noDefaultExport: this is how s3rver is
  export default class S3rver {
    constructor(
      options: Readonly<{
        address: string;
        port: number;
        silent: boolean;
        directory: string;
        vhostBuckets: boolean;
        configureBuckets: readonly Readonly<{ name: string }>[];
      }>,
    );
    readonly httpServer: import('node:http').Server;
    run(): Promise<Readonly<{ address: string; port: number }>>;
    close(): Promise<void>;
  }
}

declare module '@20minutes/s3rver/lib/models/account.js' {
  const account: Readonly<{
    DUMMY_ACCOUNT: Readonly<{
      createKeyPair(accessKeyId: string, secretAccessKey: string): void;
      revokeAccessKey(accessKeyId: string): void;
    }>;
  }>;
  // biome-ignore lint/style/noDefaultExport: this is how s3rver is
  export default account;
}
