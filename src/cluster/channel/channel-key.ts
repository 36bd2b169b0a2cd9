/** What both ends of a connection between members have in common. */

/** `name`: the identity that the client gives in the handshake; it is not secret. */
export type ChannelKey = Readonly<{ name: string; key: Buffer }>;

/** `paths`: the only ones that it opens; absent: it opens all. */
export type AcceptedKey = ChannelKey & Readonly<{ paths?: readonly string[] }>;

/**
 * Only suites with SHA-256 go with a pre-shared key in Node.js: the key's hash cannot be chosen.
 * The exchange has forward secrecy: who learns the key later cannot read what was said.
 */
export const tlsOptions = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
} as const;
