/**
 * The Packer template, as far as Debian's old Packer understands it: a current one is not available
 * here.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../../packer');
const version = '0.0.0';
/** What Packer 1.6.6 does not know; the image depends on both. */
const tooNew = [/^ {2}metadata_options \{\n(.*\n)*? {2}\}\n/m, /^ +imds_support +=.*\n/m];

async function templateOf1dot6(): Promise<AsyncDisposable & { dir: string; text: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-packer-'));
  await cp(source, dir, { recursive: true });
  await rm(join(dir, 'plugins.pkr.hcl'));
  const path = join(dir, 'onager.pkr.hcl');
  let text = await readFile(path, 'utf8');
  for (const pattern of tooNew) {
    expect(text).toMatch(pattern);
    text = text.replace(pattern, '');
  }
  await writeFile(path, text);
  for (const name of ['amd64', 'arm64'])
    await writeFile(join(dir, `onager_${version}_${name}.deb`), '');
  return { dir, text, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

const validate = (dir: string): Promise<unknown> =>
  run('packer', ['validate', `-var=version=${version}`, `-var=deb_dir=${dir}`, dir]);

it('is valid', async () => {
  await using template = await templateOf1dot6();
  await expect(validate(template.dir)).resolves.toMatchObject({ stderr: '' });
});

it.each(['amd64', 'arm64'])('needs the package for %s', async (architecture) => {
  await using template = await templateOf1dot6();
  await rm(join(template.dir, `onager_${version}_${architecture}.deb`));
  await expect(validate(template.dir)).rejects.toMatchObject({
    stdout: expect.stringContaining(`_${architecture}.deb`),
  });
});

it('fails on a setting that does not exist', async () => {
  await using template = await templateOf1dot6();
  const text = template.text.replace('encrypt_boot', 'encrypt_bot');
  await writeFile(join(template.dir, 'onager.pkr.hcl'), text);
  await expect(validate(template.dir)).rejects.toMatchObject({
    stdout: expect.stringContaining('encrypt_bot'),
  });
});

it('is written as packer fmt writes it', async () => {
  await expect(run('packer', ['fmt', '-check', source])).resolves.toBeDefined();
});
